import createClient, { type Client } from 'openapi-fetch';
import { DollarboxError } from './error.ts';
import { SignalledRequest } from './request-signal.ts';
import { type RetryOptions, type Send, sendRetrying } from './retry.ts';
import type { components, paths } from './schema.ts';

export type Container = components['schemas']['Container'];
export type Volume = components['schemas']['Volume'];
export type Event = components['schemas']['Event'];
export type LogRow = components['schemas']['LogRow'];
export type ContainerStats = components['schemas']['ContainerStats'];

/** Calls of the API by path, with the types of openapi.json: `client.GET('/containers/{id}/', …)`. */
export type DollarboxClient = Client<paths>;

export interface ClientOptions extends RetryOptions {
  /** The URL of the installation, such as `http://localhost:8080`, without `/api/v1`. */
  baseUrl: string;
  /** An API token, `dbx_…`. */
  token: string;
  /** Slug of the org to act in; required for writes if the user belongs to several orgs. */
  org?: string;
  /** Used instead of the global `fetch`. Both arguments belong to it: `(request, init) => fetch(request, init)`. */
  fetch?: Send;
}

/**
 * A client for one installation and one token. Connects to nothing before its first call. Requests that were refused for
 * a while or got no reply are repeated: see `sendRetrying`.
 */
export function dollarboxClientCreate(options: ClientOptions): DollarboxClient {
  const { baseUrl, token, org, fetch: send = fetch, ...retry } = options;
  return createClient<paths>({
    baseUrl: `${baseUrl.replace(/\/+$/, '')}/api/v1`,
    headers: {
      authorization: `Bearer ${token}`,
      ...(org === undefined ? {} : { 'x-dollarbox-org': org }),
    },
    Request: SignalledRequest,
    fetch: sendRetrying(send, retry),
  });
}

interface Reply<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/**
 * The body of a reply: `await unwrap(client.GET('/containers/'))`. `undefined` if the reply has no body.
 * @throws DollarboxError when the reply is not 2xx.
 */
export async function unwrap<T>(call: Promise<Reply<T>>): Promise<T> {
  const { data, error, response } = await call;
  if (!response.ok) throw new DollarboxError(response, error);
  return data as T;
}
