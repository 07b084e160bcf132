/** One test suite that every store passes: each sentence of ReconcileStore and DesireStore. */
import { after, afterEach, before, beforeEach, describe } from 'node:test';
import type { WholeStore } from '../stores/desire-store.ts';
import { compareTests } from './compare.ts';
import { type StoreContext, contextOpen } from './context.ts';
import { desireTests } from './desire.ts';
import { queueTests } from './queue.ts';
import { queueLeaseTests } from './queue-leases.ts';
import { queuePlaceTests } from './queue-places.ts';
import { imageVolumeTests } from './image-volumes.ts';
import { recordTests } from './record.ts';
import { volumeTests } from './volumes.ts';
import { volumeTurnTests } from './volume-turns.ts';
import { volumeWatchTests } from './volume-watch.ts';

/**
 * Defines the suite's tests for one store.
 * @param name of the store, in the report.
 * @param open called once, before the first test. The suite closes the store.
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
    queuePlaceTests(current);
    queueLeaseTests(current);
    desireTests(current);
    recordTests(current);
    compareTests(current);
    volumeTests(current);
    volumeTurnTests(current);
    volumeWatchTests(current);
    imageVolumeTests(current);
  });
}
