import assert from 'node:assert/strict';
import { Agent, type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';
import type { Container } from '../../src/containers/schema.ts';
import type { ErrorCode, ErrorEnvelope } from '../../src/base/errors.ts';
import type { Volume } from '../../src/volumes/schema.ts';

/** The possible fields of a reply's JSON, all optional, because tests state what they expect. */
interface ReplyBody extends Partial<Container> {
  slug?: string;
  role?: string;
  email?: string;
  billing_email?: string;
  api_enabled?: boolean;
  kubectl_enabled?: boolean;
  accept_url?: string;
  error?: ErrorEnvelope['error'];
  next?: string | null;
  previous?: string | null;
  results?: Container[];
}

export interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** The JSON of `text`; `{}` if it is empty. */
  body: ReplyBody;
}

/** A body that the test does not encode as JSON: sent as it is. */
export type RawBody = string | Buffer;

export interface Client {
  /** `path` is below `/api/v1`. A body that is neither text nor bytes is sent as JSON. */
  send(method: string, path: string, body?: unknown, headers?: OutgoingHttpHeaders): Promise<Reply>;
  get(path: string, headers?: OutgoingHttpHeaders): Promise<Reply>;
  post(path: string, body?: unknown, headers?: OutgoingHttpHeaders): Promise<Reply>;
  patch(path: string, body?: unknown, headers?: OutgoingHttpHeaders): Promise<Reply>;
  delete(path: string, headers?: OutgoingHttpHeaders): Promise<Reply>;
}

const API = '/api/v1';

/** A client over real sockets, kept open between calls. */
export function clientCreate(origin: string, agent: Agent, token: string | null): Client {
  const authorization = token === null ? {} : { authorization: `Bearer ${token}` };
  const send: Client['send'] = (method, path, body, headers = {}) => {
    const isRaw = body === undefined || typeof body === 'string' || Buffer.isBuffer(body);
    const bytes = isRaw ? body : JSON.stringify(body);
    const type = bytes === undefined ? {} : { 'content-type': 'application/json' };
    const all = { ...authorization, ...type, ...headers };
    return httpSend(agent, origin, method, `${API}${path}`, all, bytes);
  };
  return {
    send,
    get: (path, headers) => send('GET', path, undefined, headers),
    post: (path, body, headers) => send('POST', path, body, headers),
    patch: (path, body, headers) => send('PATCH', path, body, headers),
    delete: (path, headers) => send('DELETE', path, undefined, headers),
  };
}

/** Sends one request. `path` is sent exactly as it is written. */
export function httpSend(
  agent: Agent,
  origin: string,
  method: string,
  path: string,
  headers: OutgoingHttpHeaders = {},
  body?: RawBody,
): Promise<Reply> {
  const { hostname, port } = new URL(origin);
  const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
  const chunked = 'transfer-encoding' in headers;
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        agent,
        host: hostname,
        port,
        method,
        path,
        headers: { ...headers, ...(chunked ? {} : length) },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => (text += part));
        response.on('error', reject);
        response.on('end', () => {
          const isJson = (response.headers['content-type'] ?? '').startsWith('application/json');
          const parsed = isJson && text !== '' ? (JSON.parse(text) as ReplyBody) : {};
          const { statusCode = 0, headers: answered } = response;
          resolve({ status: statusCode, headers: answered, text, body: parsed });
        });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

/** @returns the `detail` of an error reply, which must have this status and code. */
export function assertError(
  reply: Reply,
  status: number,
  code: ErrorCode,
): Record<string, unknown> {
  const { error } = reply.body;
  assert.equal(reply.status, status, reply.text);
  assert.equal(error?.code, code, reply.text);
  assert.ok(error.message.length > 0);
  assert.deepEqual(Object.keys(error), ['code', 'message', 'detail']);
  assert.match(reply.headers['content-type'] ?? '', /^application\/json/);
  assert.ok(reply.headers['x-request-id']);
  return error.detail;
}

/** The reply must be a 400 that reports errors in exactly these fields. */
export function assertFaults(reply: Reply, fields: readonly string[]): Record<string, string[]> {
  const detail = assertError(reply, 400, 'validation_error') as {
    fields: Record<string, string[]>;
  };
  assert.deepEqual(Object.keys(detail.fields).toSorted(), [...fields].toSorted(), reply.text);
  return detail.fields;
}

/** @returns the reply's container; the reply must have this status. */
export function assertContainer(reply: Reply, status: number): Container {
  assert.equal(reply.status, status, reply.text);
  assert.equal(typeof reply.body.id, 'number');
  return reply.body as Container;
}

/** @returns the reply's volume; the reply must have this status. */
export function assertVolume(reply: Reply, status: number): Volume {
  assert.equal(reply.status, status, reply.text);
  assert.equal(typeof (reply.body as unknown as Volume).size_gb, 'number');
  return reply.body as unknown as Volume;
}
