import type { WholeStore } from './desire-store.ts';

/** A store elsewhere, for a run on virtual time. */
export interface StoreInTurn {
  whole: WholeStore;
  /** Resolves when no call is under way, nor can follow: time stands still until then. */
  settled(): Promise<void>;
}

/** Makes calls one after the other, in the order in which they were made, so that runs repeat. */
export function storeInTurn(inner: WholeStore): StoreInTurn {
  let last: Promise<unknown> = Promise.resolve();
  let underWay = 0;

  function inTurn<T>(call: () => Promise<T>): Promise<T> {
    underWay += 1;
    const result = last.then(call).finally(() => {
      underWay -= 1;
    });
    last = result.catch(() => undefined);
    return result;
  }

  function eachInTurn<T extends object>(target: T): T {
    const calls = Object.entries(target).map(([name, call]) => [
      name,
      (...args: unknown[]) =>
        inTurn(() => (call as (...args: unknown[]) => Promise<unknown>)(...args)),
    ]);
    return Object.fromEntries(calls) as T;
  }

  return {
    whole: {
      store: eachInTurn(inner.store),
      desire: eachInTurn(inner.desire),
      async workerOpen() {
        const worker = await inTurn(inner.workerOpen);
        return { number: worker.number, close: () => inTurn(worker.close) };
      },
      snapshot: () => inTurn(inner.snapshot),
      clear: () => inTurn(inner.clear),
      close: () => inTurn(inner.close),
    },
    async settled() {
      for (;;) {
        await new Promise((resolve) => setImmediate(resolve));
        if (underWay === 0) return;
        await last;
      }
    },
  };
}
