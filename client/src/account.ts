import createClient, { type Client } from 'openapi-fetch';
import type { components, paths } from './account-schema.ts';
import type { DollarboxClient } from './connect.ts';
import type { paths as ApiPaths } from './schema.ts';

export type Account = components['schemas']['Account'];

/** Calls of `/api/account` by path: `client.POST('/sign-in/', { body: … })`. */
export type AccountClient = Client<paths>;

export interface PanelClientOptions {
  /** The URL of the installation, without `/api/…`; default: the page's origin. */
  baseUrl?: string;
  /** Used instead of the global `fetch`. */
  fetch?: (request: Request) => Promise<Response>;
}

/** A client for the signed-in person, authenticated by the session cookie: sign-in, and what only people can do. */
export function accountClientCreate(options: PanelClientOptions = {}): AccountClient {
  return createClient<paths>(clientOptionsOf(options, '/api/account'));
}

/** A client of `/api/v1`, authenticated by the session cookie. */
export function sessionClientCreate(options: PanelClientOptions = {}): DollarboxClient {
  return createClient<ApiPaths>(clientOptionsOf(options, '/api/v1'));
}

function clientOptionsOf({ baseUrl = '', fetch }: PanelClientOptions, path: string) {
  return {
    baseUrl: `${baseUrl.replace(/\/+$/, '')}${path}`,
    credentials: 'same-origin' as const,
    ...(fetch === undefined ? {} : { fetch }),
  };
}
