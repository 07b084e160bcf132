/** Notifies this process's mailer that there is something to send. Only a hint: the mailer also polls. */
export interface MailSignal {
  notify(): void;
  /** @returns a function that ends the subscription. */
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
