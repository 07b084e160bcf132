import { signalOf } from './request-signal.ts';

/**
 * Sends a request as `fetch` does.
 * @param init to be passed on to `fetch`: the request's own signal may cease to work, see `SignalledRequest`.
 */
export type Send = (request: Request, init: { signal: AbortSignal }) => Promise<Response>;

export interface RetryOptions {
  /** How often a request is repeated at most; 0: never. Default 5. */
  retries?: number;
  /** Called before each wait. */
  onRetry?: (retry: Retry) => void;
}

/** A request that will be repeated. */
export interface Retry {
  request: Request;
  /** The reply that asked for it; null if none came. */
  response: Response | null;
  /** Why none came. */
  error: unknown;
  /** How long it waits, in milliseconds. */
  delayMs: number;
}

const RETRIES = 5;
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 8000;
/** The longest that a server may ask for. */
const LONGEST_RETRY_AFTER_MS = 60_000;

/**
 * Repeats requests that were refused for a while (429, 503, 409 `idempotency_in_progress`) or got no reply. Each POST
 * gets an `Idempotency-Key`, so that a repeated one is done once. All other methods can be repeated as they are; a
 * DELETE whose reply was lost and that then finds nothing has succeeded.
 *
 * Waits as long as `Retry-After` says, at most 60 seconds, else with growing delays, half of them by chance. The
 * request's signal ends the wait.
 */
export function sendRetrying(send: Send, { retries = RETRIES, onRetry }: RetryOptions = {}) {
  if (retries === 0) return (given: Request) => send(given, { signal: signalOf(given) });
  return async (given: Request): Promise<Response> => {
    const signal = signalOf(given);
    const request = keyed(given);
    let isLost = false;
    for (let attempt = 0; ; attempt += 1) {
      const tried = await outcomeOf(send, request, signal);
      const isLast = attempt >= retries || signal.aborted;
      if (isLast || !(await isTemporary(tried))) {
        if (tried.response === null) throw tried.error;
        const isGone = isLost && request.method === 'DELETE' && tried.response.status === 404;
        return isGone ? new Response(null, { status: 204 }) : tried.response;
      }
      isLost ||= tried.response === null;
      const delayMs = retryAfterMs(tried.response) ?? backoffMs(attempt);
      onRetry?.({ request, ...tried, delayMs });
      await tried.response?.body?.cancel();
      await pause(delayMs, signal);
    }
  };
}

interface Outcome {
  response: Response | null;
  error: unknown;
}

async function outcomeOf(send: Send, request: Request, signal: AbortSignal): Promise<Outcome> {
  try {
    // A body can be sent only once.
    return { response: await send(request.clone(), { signal }), error: null };
  } catch (error) {
    return { response: null, error };
  }
}

function keyed(request: Request): Request {
  if (request.method !== 'POST' || request.headers.has('idempotency-key')) return request;
  const headers = new Headers(request.headers);
  headers.set('idempotency-key', globalThis.crypto.randomUUID());
  return new Request(request, { headers });
}

async function isTemporary({ response, error }: Outcome): Promise<boolean> {
  // What `fetch` throws if there was no connection, or it was lost.
  if (response === null) return error instanceof TypeError;
  if (response.status === 429 || response.status === 503) return true;
  if (response.status !== 409) return false;
  return (await response.clone().text()).includes('"idempotency_in_progress"');
}

/** What `Retry-After` says, in milliseconds. Source: RFC 9110, section 10.2.3. */
function retryAfterMs(response: Response | null): number | null {
  const text = response?.headers.get('retry-after')?.trim() ?? '';
  if (text === '') return null;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  if (Number.isNaN(ms)) return null;
  // Clients that were refused together should not come back together.
  const spreadMs = Math.random() * FIRST_DELAY_MS;
  return Math.min(Math.max(ms, 0) + spreadMs, LONGEST_RETRY_AFTER_MS);
}

/** The delay after a number of failures in a row, in milliseconds: doubled each time, and half of it by chance. */
export function backoffMs(failures: number): number {
  const full = Math.min(FIRST_DELAY_MS * 2 ** failures, LONGEST_DELAY_MS);
  return full / 2 + (Math.random() * full) / 2;
}

/** @throws the reason of the signal when it is aborted. */
export function pause(ms: number, signal?: AbortSignal | null): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason as Error);
      return;
    }
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
