import createClient, { type Client } from 'openapi-fetch';
import type { components, paths } from './schema.ts';

export type Container = components['schemas']['Container'];
export type Volume = components['schemas']['Volume'];
export type ErrorCode = components['schemas']['Error']['error']['code'];

/** Calls of the API by path, with the types of openapi.json: `client.GET('/containers/{id}/', …)`. */
export type DollarboxClient = Client<paths>;

export interface ClientOptions {
  /** Where the installation is, e.g. `http://localhost:8080`; without `/api/v1`. */
  baseUrl: string;
  /** An API token, `dbx_…`. */
  token: string;
  /** Slug of the org to act in; needed for writes of those who are in several. */
  org?: string;
  /** Used instead of the platform's own. */
  fetch?: (request: Request) => Promise<Response>;
}

/** A reply other than 2xx. */
export class DollarboxError extends Error {
  override readonly name = 'DollarboxError';
  /** HTTP status. */
  readonly status: number;
  /** `unexpected_reply` when it was not the API that answered (a proxy, say). */
  readonly code: ErrorCode | 'unexpected_reply';
  readonly detail: Readonly<Record<string, unknown>>;
  /** The name of the request in the server's logs. */
  readonly requestId: string | null;

  constructor(response: Response, body: unknown) {
    const error = errorRead(body);
    super(error?.message ?? `The server answered ${response.status} ${response.statusText}.`);
    this.status = response.status;
    this.code = error?.code ?? 'unexpected_reply';
    this.detail = error?.detail ?? {};
    this.requestId = response.headers.get('x-request-id');
  }
}

/** A client for one installation and one token. Connects to nothing before its first call. */
export function createDollarboxClient(options: ClientOptions): DollarboxClient {
  return createClient<paths>({
    baseUrl: `${options.baseUrl.replace(/\/+$/, '')}/api/v1`,
    headers: {
      authorization: `Bearer ${options.token}`,
      ...(options.org === undefined ? {} : { 'x-dollarbox-org': options.org }),
    },
    ...(options.fetch === undefined ? {} : { fetch: options.fetch }),
  });
}

interface Reply<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/**
 * The body of a reply: `await unwrap(client.GET('/containers/'))`. Of one without a body, `undefined`.
 * @throws DollarboxError when the reply is not 2xx.
 */
export async function unwrap<T>(call: Promise<Reply<T>>): Promise<T> {
  const { data, error, response } = await call;
  if (!response.ok) throw new DollarboxError(response, error);
  return data as T;
}

type ListPath = {
  [Path in keyof paths]: paths[Path] extends ListOf<unknown> ? Path : never;
}[keyof paths];
interface ListOf<Item> {
  get: { responses: { 200: { content: { 'application/json': { results: Item[] } } } } };
}
type ItemOf<Path extends ListPath> = paths[Path] extends ListOf<infer Item> ? Item : never;
type QueryOf<Path extends ListPath> = NonNullable<paths[Path]['get']['parameters']['query']>;

/**
 * Every object of a list, newest first, page by page as they are taken: `for await (const container of
 * listAll(client, '/containers/'))`.
 * @param query filters, and `limit` for the size of a page.
 * @throws DollarboxError when a page is not answered with 2xx.
 */
export async function* listAll<Path extends ListPath>(
  client: DollarboxClient,
  path: Path,
  query?: QueryOf<Path>,
): AsyncGenerator<ItemOf<Path>, void, undefined> {
  const seen = new Set<string>();
  let cursor: string | undefined;
  do {
    // All lists take parameters of the same names; which list it is matters to the types alone.
    const asked = { ...query } as QueryOf<'/containers/'>;
    const params = { query: cursor === undefined ? asked : { ...asked, cursor } };
    const page = await unwrap(client.GET(path as '/containers/', { params }));
    yield* page.results as ItemOf<Path>[];
    cursor = cursorOf(page.next);
    if (cursor !== undefined && seen.has(cursor)) {
      throw new Error(`The list ${path} leads back to a page that it has shown.`);
    }
    if (cursor !== undefined) seen.add(cursor);
  } while (cursor !== undefined);
}

export interface SettledOptions {
  /** How long to wait at most; default 5 minutes. */
  timeoutMs?: number;
  /** Time between two looks; default 500. */
  pollMs?: number;
}

/**
 * Whether nothing more is to be expected of a container without a new change: it has been acted on, and what was
 * asked for is in effect or has been given up for a reason.
 */
export function containerIsSettled(container: Container): boolean {
  if (container.status === 'pending') return false;
  return container.observed_generation === container.generation || container.status_reason !== null;
}

/**
 * Reads a container until its status has settled.
 * @returns the container as it was last read: running, or failed with a reason.
 * @throws DollarboxError when it can't be read; Error when it has not settled in time.
 */
export function containerSettled(
  client: DollarboxClient,
  id: number,
  options?: SettledOptions,
): Promise<Container> {
  return settled(options, {
    read: () => unwrap(client.GET('/containers/{id}/', { params: { path: { id } } })),
    isSettled: containerIsSettled,
    tell: ({ status, generation, observed_generation: observed }) =>
      `Container ${id}: its status is ${status}, and it runs generation ${observed} of ${generation}.`,
  });
}

/**
 * Reads a volume until the engine has made it, or has failed to.
 * @returns the volume as it was last read: bound, or failed with a reason.
 * @throws DollarboxError when it can't be read; Error when it has not settled in time.
 */
export function volumeSettled(
  client: DollarboxClient,
  id: number,
  options?: SettledOptions,
): Promise<Volume> {
  return settled(options, {
    read: () => unwrap(client.GET('/volumes/{id}/', { params: { path: { id } } })),
    isSettled: ({ status }) => status === 'bound' || status === 'failed',
    tell: ({ status }) => `Volume ${id}: its status is ${status}.`,
  });
}

interface Settling<T> {
  read(): Promise<T>;
  isSettled(object: T): boolean;
  /** How it stands, when time is up. */
  tell(object: T): string;
}

async function settled<T>(
  { timeoutMs = 300_000, pollMs = 500 }: SettledOptions = {},
  { read, isSettled, tell }: Settling<T>,
): Promise<T> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const object = await read();
    if (isSettled(object)) return object;
    const leftMs = end - performance.now();
    if (leftMs <= 0) {
      throw new Error(`Not settled within ${timeoutMs / 1000} s. ${tell(object)}`);
    }
    await new Promise((resolve) => {
      setTimeout(resolve, Math.min(pollMs, leftMs));
    });
  }
}

function cursorOf(next: string | null): string | undefined {
  if (next === null) return undefined;
  return new URL(next).searchParams.get('cursor') ?? undefined;
}

function errorRead(body: unknown): components['schemas']['Error']['error'] | null {
  if (typeof body !== 'object' || body === null || !('error' in body)) return null;
  const { error } = body;
  if (typeof error !== 'object' || error === null) return null;
  const isOurs = 'code' in error && 'message' in error && typeof error.message === 'string';
  return isOurs ? (error as components['schemas']['Error']['error']) : null;
}
