import { accountClientCreate, sessionClientCreate } from '@dollarbox/client/account';
import { serverAnswered, serverSilent } from './connection.ts';
import { type Gate, guardedFetchCreate } from './gate.ts';

let gate: Gate = { proveIdentity: async () => false, sessionEnded() {} };

/** Sets the handler that asks for a proof of identity and is notified when the session ends. */
export function gateSet(next: Gate): void {
  gate = next;
}

const options = {
  baseUrl: globalThis.location?.origin ?? '',
  fetch: guardedFetchCreate(() => gate, watchedFetch),
};

/** Sends a request, and notes whether the server answered it. */
async function watchedFetch(request: Request): Promise<Response> {
  try {
    const response = await globalThis.fetch(request);
    serverAnswered(response.status);
    return response;
  } catch (error) {
    // What was cancelled tells nothing; what took too long does.
    const isCancelled = error instanceof DOMException && error.name === 'AbortError';
    if (!isCancelled) serverSilent();
    throw error;
  }
}

/** `/api/account`: sign-in, and what only people can do. */
export const accountApi = accountClientCreate(options);
/** `/api/v1`, authenticated by the session. */
export const api = sessionClientCreate(options);
