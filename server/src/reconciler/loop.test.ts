import assert from 'node:assert/strict';
import { it } from 'node:test';
import { metricsCreate } from '../base/metrics.ts';
import type { ReconcileDeps } from './deps.ts';
import { ORG_RECENT_MS, reconcilerLoopStart } from './loop.ts';
import type { Claim, OrgPlaces, WorkStore } from './store.ts';
import type { Timers } from '../base/timers.ts';

const NO_TIMERS: Timers = { after: () => () => {} };

it('an org counts as one that needs the engine for a while after its last turn', async () => {
  let nowMs = 0;
  const due: Claim[] = [];
  /** Which orgs counted, in each round. */
  const recent: number[][] = [];
  const store: Pick<WorkStore, 'workClaim' | 'workNextDue' | 'workReclaimDead'> = {
    async workClaim(_worker, _now, _leaseMs, _limit, places?: OrgPlaces) {
      recent.push([...(places?.recent ?? [])]);
      return due.splice(0);
    },
    workNextDue: async () => null,
    workReclaimDead: async () => 0,
  };
  let wake = () => {};
  const deps = {
    store,
    metrics: metricsCreate(),
    clock: { now: () => new Date(nowMs) },
    log: { error: assert.fail },
    eventSignal: { notify() {} },
    signal: {
      subscribe(listener: () => void) {
        wake = listener;
        return () => {};
      },
    },
  } as unknown as ReconcileDeps;
  const turn = Promise.withResolvers<void>();
  const kinds = [{ kind: 'container', reconcile: async () => turn.resolve() }];
  const session = { number: () => 1, async close() {} };
  const claim = { ...{ kind: 'container', id: 1, orgId: 7, fence: 1 }, dueAt: new Date(0) };
  due.push({ ...claim, ...{ wakeSeq: 0, hintSeq: 0, failures: 0, hangs: 0 } });

  const loop = reconcilerLoopStart(deps, session, kinds, NO_TIMERS);
  async function roundAt(atMs: number): Promise<number[] | undefined> {
    nowMs = atMs;
    const before = recent.length;
    wake();
    while (recent.length === before) await new Promise(setImmediate);
    return recent.at(-1);
  }
  try {
    await turn.promise;
    assert.deepEqual(recent[0], []);
    assert.deepEqual(await roundAt(ORG_RECENT_MS), [7]);
    assert.deepEqual(await roundAt(ORG_RECENT_MS + 1), []);
  } finally {
    await loop.stop();
  }
});
