import type { WholeStore } from './desire-store.ts';

/** An external store, for a run on virtual time. */
export interface StoreInTurn {
  whole: WholeStore;
  /** Resolves when no call is under way and none can follow. Time stands still until then. */
  settled(): Promise<void>;
}

/** Makes calls one after the other in the order in which they were requested, so that runs are repeatable. */
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
      subnets: (startIndex) => eachInTurn(inner.subnets(startIndex)),
      desire: eachInTurn(inner.desire),
      async workerOpen() {
        const worker = await inTurn(inner.workerOpen);
        return { number: worker.number, close: () => inTurn(worker.close) };
      },
      addressesAssign: () => inTurn(inner.addressesAssign),
      snapshot: () => inTurn(inner.snapshot),
      keptCounts: (id) => inTurn(() => inner.keptCounts(id)),
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
