import type { Agent, OutgoingHttpHeaders } from 'node:http';
import { type Client, type RawBody, type Reply, httpSend } from './http-client.ts';

/** Sends what a browser with one of our pages open sends: its cookies, and the origin of the page. */
export interface Browser {
  /** Cookies by name. A test may change them to change what is sent. */
  cookies: Map<string, string>;
  /** Stores the cookie of a `Set-Cookie` line. */
  keep(line: string): void;
  /**
   * `path` is the whole path. A body that is neither text nor bytes is sent as JSON. Headers replace those that a
   * browser sends; undefined omits one.
   */
  send(method: string, path: string, body?: unknown, headers?: OutgoingHttpHeaders): Promise<Reply>;
  get(path: string, headers?: OutgoingHttpHeaders): Promise<Reply>;
  post(path: string, body?: unknown, headers?: OutgoingHttpHeaders): Promise<Reply>;
  patch(path: string, body?: unknown, headers?: OutgoingHttpHeaders): Promise<Reply>;
  delete(path: string, headers?: OutgoingHttpHeaders): Promise<Reply>;
}

/** @param app where requests are sent, and the origin of its pages. */
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

/** The API's client by the session of a browser. */
export function browserClient(browser: Browser): Client {
  const send: Client['send'] = (method, path, body, headers) =>
    browser.send(method, `/api/v1${path}`, body, headers);
  return {
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
