/** Tells this process' mailer that there is something to send. A hint: it looks by itself as well. */
export interface MailSignal {
  notify(): void;
  /** @returns what ends the subscription. */
  subscribe(listener: () => void): () => void;
}

export function mailSignalCreate(): MailSignal {
  const listeners = new Set<() => void>();
  return {
    notify() {
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
