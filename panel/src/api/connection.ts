import { useSyncExternalStore } from 'react';

/** How often a visible page asks whether the server is there, in milliseconds. */
const ASK_EVERY_MS = 5000;
/** `reconnecting`: the server has not answered; `offline`: the browser has no network. */
type ConnectionState = 'live' | 'reconnecting' | 'offline';

export interface Connection {
  state: ConnectionState;
  /** When the server last answered, in milliseconds since the epoch. */
  seenAt: number;
  /** Whether the last answer was that it can't serve requests at the moment. */
  isTroubled: boolean;
}

let connection: Connection = { state: 'live', seenAt: Date.now(), isTroubled: false };
const listeners = new Set<() => void>();

function connectionSet(change: Partial<Connection>): void {
  const next = { ...connection, ...change };
  const isSame = next.state === connection.state && next.isTroubled === connection.isTroubled;
  connection = next;
  // The time alone is read when something else changes.
  if (!isSame) for (const listener of listeners) listener();
}

/** Notes that the server has answered. @param status of the answer. */
export function serverAnswered(status: number): void {
  const isTroubled = status >= 500;
  connectionSet(
    isTroubled ? { isTroubled, state: 'live' } : { isTroubled, state: 'live', seenAt: Date.now() },
  );
}

/** Notes that a request got no answer. */
export function serverSilent(): void {
  connectionSet({ state: navigator.onLine ? 'reconnecting' : 'offline' });
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useConnection(): Connection {
  return useSyncExternalStore(subscribe, () => connection);
}

/**
 * Asks the server regularly while the page is visible, so that a page never looks current when nothing behind it is.
 * @param ask sends a request and reports what became of it with the functions above; settles within ten seconds.
 * @param onReturn called when the server answers again.
 * @returns a function that ends this.
 */
export function connectionWatch(ask: () => Promise<unknown>, onReturn: () => void): () => void {
  let isAsking = false;
  let wasAway = false;
  async function look() {
    if (isAsking || document.hidden) return;
    isAsking = true;
    await ask().catch(() => undefined);
    isAsking = false;
  }
  const unsubscribe = subscribe(() => {
    const isAway = connection.state !== 'live' || connection.isTroubled;
    if (wasAway && !isAway) onReturn();
    wasAway = isAway;
  });
  const timer = setInterval(() => void look(), ASK_EVERY_MS);
  const events = ['online', 'offline', 'visibilitychange'] as const;
  const lookNow = () => void look();
  for (const name of events) globalThis.addEventListener(name, lookNow);
  return () => {
    unsubscribe();
    clearInterval(timer);
    for (const name of events) globalThis.removeEventListener(name, lookNow);
  };
}
