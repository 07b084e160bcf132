import createClient, { type Client } from 'openapi-fetch';
import type { components, paths } from './account-schema.ts';
import type { DollarboxClient } from './client.ts';
import type { paths as ApiPaths } from './schema.ts';

export type Account = components['schemas']['Account'];

/** Calls of `/api/account` by path: `client.POST('/sign-in/', { body: … })`. */
export type AccountClient = Client<paths>;

export interface PanelClientOptions {
  /** Where the installation is; the page's own origin if not given. Without `/api/…`. */
  baseUrl?: string;
  /** Used instead of the platform's own. */
  fetch?: (request: Request) => Promise<Response>;
}

/** A client for the person whose session cookie the browser holds: sign-in, and what only people do. */
export function createAccountClient(options: PanelClientOptions = {}): AccountClient {
  return createClient<paths>(clientOptionsOf(options, '/api/account'));
}

/** A client of `/api/v1` for the same person, without a token. */
export function createSessionClient(options: PanelClientOptions = {}): DollarboxClient {
  return createClient<ApiPaths>(clientOptionsOf(options, '/api/v1'));
}

function clientOptionsOf({ baseUrl = '', fetch }: PanelClientOptions, path: string) {
  return {
    baseUrl: `${baseUrl.replace(/\/+$/, '')}${path}`,
    credentials: 'same-origin' as const,
    ...(fetch === undefined ? {} : { fetch }),
  };
}
