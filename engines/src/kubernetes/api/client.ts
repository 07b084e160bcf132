/** Calls to the Kubernetes API server. Credentials and addresses come from a kubeconfig. */
import https from 'node:https';
import http from 'node:http';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { KubeConfig } from '@kubernetes/client-node';

/** Credentials may change while the process runs (tokens in files, credential programs): how long they are reused. */
const CREDENTIALS_MS = 60_000;
/** A person who looks at our objects sees under this name what is ours. */
export const FIELD_MANAGER = 'dollarbox';

interface KubeCall {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  query?: Record<string, string>;
  body?: unknown;
  /** Default: `application/json`. */
  contentType?: string;
  signal?: AbortSignal;
}

/** The API server's refusal, or no answer at all. */
export class KubeCallError extends Error {
  /** null: it did not answer. */
  readonly status: number | null;
  /** Kubernetes' own word, such as `AlreadyExists`. */
  readonly reason: string;

  constructor(status: number | null, reason: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'KubeCallError';
    this.status = status;
    this.reason = reason;
  }
}

/** Whether the API server refused with this HTTP status and, if given, this reason. */
export function isKubeStatus(error: unknown, status: number, reason?: string): boolean {
  return (
    error instanceof KubeCallError &&
    error.status === status &&
    (reason === undefined || error.reason === reason)
  );
}

/** Undefined if the API server answers 404. Any other failure is rethrown. */
export async function unlessMissing<T>(reply: Promise<T>): Promise<T | undefined> {
  try {
    return await reply;
  } catch (error) {
    if (isKubeStatus(error, 404)) return undefined;
    throw error;
  }
}

/** What a connection to the API server signs in with, and by what it knows the server. */
export type KubeCredentials = Pick<
  https.RequestOptions,
  'headers' | 'ca' | 'cert' | 'key' | 'rejectUnauthorized' | 'servername' | 'auth'
>;

/** The API server's words about a request that it refused. */
export async function refusalRead(reply: IncomingMessage): Promise<KubeCallError> {
  const said = await text(reply).catch(() => '');
  try {
    const { reason, message } = JSON.parse(said) as { reason?: string; message?: string };
    return new KubeCallError(reply.statusCode ?? 0, reason ?? '', message ?? said);
  } catch {
    return new KubeCallError(reply.statusCode ?? 0, '', said.slice(0, 1000));
  }
}

export interface KubeApi {
  /** @throws KubeCallError for any status other than 2xx. */
  call<T>(call: KubeCall): Promise<T>;
  /** The reply as it arrives. Destroy it to end the call. */
  stream(call: KubeCall): Promise<IncomingMessage>;
  /** Creates or changes an object: server-side apply of all the fields that are given. */
  apply<T>(path: string, object: object, signal?: AbortSignal): Promise<T>;
  /** What a connection of another protocol needs: the address of a path, and what it connects and signs in with. */
  reach(path: string): Promise<{ url: URL; options: KubeCredentials }>;
  /** Where the API server is, and its certificate authority as PEM; null: one that every machine knows. */
  server(): Promise<{ server: string; authority: string | null }>;
  /** How long ago this process last changed something, in milliseconds. */
  unchangedMs(): number;
  close(): void;
}

interface Access {
  url: URL;
  options: https.RequestOptions;
  agent: http.Agent;
  until: number;
}

/**
 * @param kubeconfig a path; null: as kubectl finds it, or as it is given to a pod.
 * @throws Error if there is no kubeconfig, or it names no cluster.
 */
export function kubeApiCreate(kubeconfig: string | null): KubeApi {
  const config = new KubeConfig();
  if (kubeconfig === null) config.loadFromDefault();
  else config.loadFromFile(kubeconfig);
  const server = config.getCurrentCluster()?.server;
  if (server === undefined) throw new Error('The kubeconfig has no current context.');
  let access: Promise<Access> | undefined;
  let changedAtMs = -Infinity;

  async function accessRead(): Promise<Access> {
    const url = new URL(server ?? '');
    const options: https.RequestOptions = {};
    await config.applyToHTTPSOptions(options);
    const { ca, cert, key, rejectUnauthorized, servername } = options;
    const shared = { keepAlive: true, maxSockets: 100 };
    const agent =
      url.protocol === 'http:'
        ? new http.Agent(shared)
        : new https.Agent({
            ...shared,
            ...(ca !== undefined && { ca }),
            ...(cert !== undefined && { cert }),
            ...(key !== undefined && { key }),
            ...(rejectUnauthorized !== undefined && { rejectUnauthorized }),
            ...(servername !== undefined && { servername }),
          });
    return { url, options, agent, until: performance.now() + CREDENTIALS_MS };
  }

  async function accessOf(): Promise<Access> {
    const known = await access;
    if (known !== undefined && performance.now() < known.until) return known;
    access = accessRead().then((next) => {
      if (known === undefined) return next;
      // The same connections, unless what they were opened with has changed.
      const { ca, cert, key } = known.options;
      const isSame =
        ca === next.options.ca && cert === next.options.cert && key === next.options.key;
      if (!isSame) return next;
      next.agent.destroy();
      return { ...next, agent: known.agent };
    });
    access.catch(() => (access = undefined));
    return access;
  }

  const targetOf = (url: URL, path: string) =>
    new URL(`${url.pathname.replace(/\/$/, '')}${path}`, url);

  async function send(call: KubeCall): Promise<IncomingMessage> {
    const { url, options, agent } = await accessOf();
    const target = targetOf(url, call.path);
    for (const [name, value] of Object.entries(call.query ?? {})) {
      target.searchParams.set(name, value);
    }
    const body = call.body === undefined ? undefined : Buffer.from(JSON.stringify(call.body));
    const headers = {
      ...(options.headers as http.OutgoingHttpHeaders | undefined),
      accept: 'application/json',
      'user-agent': 'dollarbox',
      ...(body && {
        'content-type': call.contentType ?? 'application/json',
        'content-length': body.length,
      }),
    };
    const transport = url.protocol === 'http:' ? http : https;
    return new Promise((resolve, reject) => {
      const request = transport.request(
        target,
        {
          method: call.method,
          headers,
          agent,
          ...(options.auth != null && { auth: options.auth }),
          ...(call.signal && { signal: call.signal }),
        },
        resolve,
      );
      request.on('error', (error) => {
        if (call.signal?.aborted === true) return reject(error);
        const message = 'The Kubernetes API server does not answer.';
        reject(new KubeCallError(null, 'Unreachable', message, error));
      });
      request.end(body);
    });
  }

  async function stream(call: KubeCall): Promise<IncomingMessage> {
    const reply = await send(call);
    const status = reply.statusCode ?? 0;
    if (status >= 200 && status < 300) return reply;
    throw await refusalRead(reply);
  }

  async function call<T>(request: KubeCall): Promise<T> {
    const reply = await stream(request);
    try {
      const said = await text(reply);
      if (request.method !== 'GET') changedAtMs = performance.now();
      return JSON.parse(said) as T;
    } catch (error) {
      if (request.signal?.aborted === true) throw error;
      throw new KubeCallError(null, 'BrokenReply', 'The API server broke off a reply.', error);
    }
  }

  return {
    call,
    stream,
    apply: (path, object, signal) =>
      call({
        method: 'PATCH',
        path,
        query: { fieldManager: FIELD_MANAGER, force: 'true' },
        contentType: 'application/apply-patch+yaml',
        body: object,
        ...(signal && { signal }),
      }),
    async reach(path) {
      const { url, options } = await accessOf();
      const { headers, ca, cert, key, rejectUnauthorized, servername, auth } = options;
      return {
        url: targetOf(url, path),
        options: { headers, ca, cert, key, rejectUnauthorized, servername, auth },
      };
    },
    async server() {
      const { url, options } = await accessOf();
      const { ca } = options;
      const authority = [ca ?? []].flat().map(String).join('\n');
      return {
        server: url.href.replace(/\/$/, ''),
        authority: authority === '' ? null : authority,
      };
    },
    unchangedMs: () => performance.now() - changedAtMs,
    close: () => void access?.then(({ agent }) => agent.destroy()).catch(() => undefined),
  };
}
