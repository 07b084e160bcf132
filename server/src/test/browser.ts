import type { Agent, OutgoingHttpHeaders } from 'node:http';
import { type RawBody, type Reply, httpSend } from './http-client.ts';

/** What a browser with a page of ours open sends: the cookies that it was given, and where the page is from. */
export interface Browser {
  /** By name; what a test changes is what is sent. */
  cookies: Map<string, string>;
  /** Takes a `Set-Cookie` line. */
  keep(line: string): void;
  /**
   * `path` is the whole path. A body that is neither text nor bytes is sent as JSON. Headers take the place of those
   * that a browser sends; undefined leaves one out.
   */
  send(method: string, path: string, body?: unknown, headers?: OutgoingHttpHeaders): Promise<Reply>;
  get(path: string, headers?: OutgoingHttpHeaders): Promise<Reply>;
  post(path: string, body?: unknown, headers?: OutgoingHttpHeaders): Promise<Reply>;
  patch(path: string, body?: unknown, headers?: OutgoingHttpHeaders): Promise<Reply>;
  delete(path: string, headers?: OutgoingHttpHeaders): Promise<Reply>;
}

/** @param app where requests go, and what its pages' origin is. */
export function browserOpen(app: { origin: string; agent: Agent; publicOrigin: string }): Browser {
  const cookies = new Map<string, string>();
  const send: Browser['send'] = async (method, path, body, headers = {}) => {
    const isRaw = body === undefined || typeof body === 'string' || Buffer.isBuffer(body);
    const bytes = isRaw ? (body as RawBody | undefined) : JSON.stringify(body);
    const all = {
      'sec-fetch-site': 'same-origin',
      origin: app.publicOrigin,
      'user-agent': 'Test browser',
      ...(bytes === undefined ? {} : { 'content-type': 'application/json' }),
      ...(cookies.size === 0 ? {} : { cookie: cookieHeader(cookies) }),
      ...headers,
    };
    const sent = Object.entries(all).filter(([, value]) => value !== undefined);
    const request = [method, path, Object.fromEntries(sent), bytes] as const;
    const reply = await httpSend(app.agent, app.origin, ...request);
    for (const line of reply.headers['set-cookie'] ?? []) cookieKeep(cookies, line);
    return reply;
  };
  return {
    cookies,
    keep: (line) => cookieKeep(cookies, line),
    send,
    get: (path, headers) => send('GET', path, undefined, headers),
    post: (path, body, headers) => send('POST', path, body, headers),
    patch: (path, body, headers) => send('PATCH', path, body, headers),
    delete: (path, headers) => send('DELETE', path, undefined, headers),
  };
}

function cookieHeader(cookies: ReadonlyMap<string, string>): string {
  return [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
}

function cookieKeep(cookies: Map<string, string>, line: string): void {
  const [pair = '', ...attributes] = line.split('; ');
  const equals = pair.indexOf('=');
  const name = pair.slice(0, equals);
  if (attributes.includes('Max-Age=0')) cookies.delete(name);
  else cookies.set(name, pair.slice(equals + 1));
}
