/** One test suite that every store passes: each sentence of ReconcileStore and DesireStore. */
import { after, afterEach, before, beforeEach, describe } from 'node:test';
import type { WholeStore } from '../simulation/desire-store.ts';
import { compareTests } from './store-suite/compare.ts';
import { type StoreContext, contextOpen } from './store-suite/context.ts';
import { desireTests } from './store-suite/desire.ts';
import { queueTests } from './store-suite/queue.ts';
import { recordTests } from './store-suite/record.ts';
import { volumeTests } from './store-suite/volumes.ts';

/**
 * Defines the suite's tests for one store.
 * @param name the store's, in the report.
 * @param open called once, before the first test. The suite closes what it gives.
 */
export function storeSuite(name: string, open: () => Promise<WholeStore>): void {
  describe(`${name} store`, () => {
    let whole: WholeStore | undefined;
    let context: (StoreContext & { end(): Promise<void> }) | undefined;
    before(async () => {
      whole = await open();
    });
    beforeEach(async () => {
      if (whole !== undefined) context = await contextOpen(whole);
    });
    afterEach(() => context?.end());
    after(() => whole?.close());

    function current(): StoreContext {
      if (context === undefined) throw new Error('The store could not be opened.');
      return context;
    }
    queueTests(current);
    desireTests(current);
    recordTests(current);
    compareTests(current);
    volumeTests(current);
  });
}
