import { createAccountClient, createSessionClient } from '@dollarbox/client/account';
import { type Gate, guardedFetchMake } from './gate.ts';

let gate: Gate = { proveIdentity: async () => false, sessionEnded() {} };

/** Tells the clients who asks people for proof, and who is told of a session's end. */
export function gateSet(next: Gate): void {
  gate = next;
}

const options = {
  baseUrl: globalThis.location?.origin ?? '',
  fetch: guardedFetchMake(
    () => gate,
    (request) => globalThis.fetch(request),
  ),
};

/** `/api/account`: sign-in, and what only people do. */
export const accountApi = createAccountClient(options);
/** `/api/v1`, by the session. */
export const api = createSessionClient(options);
