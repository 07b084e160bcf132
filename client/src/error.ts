import type { components } from './schema.ts';

export type ErrorCode = components['schemas']['Error']['error']['code'];

/** A reply with a status other than 2xx. */
export class DollarboxError extends Error {
  override readonly name = 'DollarboxError';
  /** HTTP status. */
  readonly status: number;
  /** `unexpected_reply` if the reply did not come from the API (but from a proxy, for example). */
  readonly code: ErrorCode | 'unexpected_reply';
  readonly detail: Readonly<Record<string, unknown>>;
  /** The id of the request in the server's logs. */
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

function errorRead(body: unknown): components['schemas']['Error']['error'] | null {
  if (typeof body !== 'object' || body === null || !('error' in body)) return null;
  const { error } = body;
  if (typeof error !== 'object' || error === null) return null;
  const isOurs = 'code' in error && 'message' in error && typeof error.message === 'string';
  return isOurs ? (error as components['schemas']['Error']['error']) : null;
}
