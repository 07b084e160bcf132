import assert from 'node:assert/strict';
import type { Applied, ContainerState } from '../../../server/src/containers/state.ts';
import type { ContainerDesired } from '../../../server/src/containers/rules.ts';
import type {
  LivingWorker,
  StoredContainer,
  StoredWork,
  WholeStore,
} from '../stores/desire-store.ts';
import type { ContainerWork } from '../../../server/src/containers/kind-store.ts';
import type { Claim, NextTurn } from '../../../server/src/reconciler/store.ts';

export const LEASE_MS = 15_000;
export const AT_REST: NextTurn = { dueAt: null, failures: 0 };

/** A moment, in seconds since the start of the tests' time. */
export function at(seconds: number): Date {
  return new Date(Date.UTC(2030, 0, 1) + seconds * 1000);
}

/** The context of the suite's tests: a store that is emptied before each of them. */
export interface StoreContext {
  whole: WholeStore;
  orgId: number;
  /** A living worker. Closed after the test. */
  worker(): Promise<LivingWorker>;
  /** A container due since `now`. */
  create(now: Date, desired?: Partial<ContainerDesired>): Promise<number>;
  /** Claims exactly one object. */
  claim(worker: LivingWorker, now: Date): Promise<Claim>;
  /** Claims the container and brings it to rest, running its desired version. */
  run(worker: LivingWorker, id: number, now: Date): Promise<void>;
  read(id: number): Promise<ContainerWork>;
  stored(id: number): Promise<StoredContainer>;
  work(id: number): Promise<StoredWork>;
}

let serial = 0;

export function desiredOf(change: Partial<ContainerDesired> = {}): ContainerDesired {
  const name = `c${(serial += 1)}`;
  const lists = { command: [], ports: [], volumes: [] };
  const rest = { pull_policy: 'if_not_present', stop_grace_seconds: 10, init: false } as const;
  return { name, image: 'app:1', env: {}, ...lists, ...rest, ...change };
}

/** Records that the engine was made to run the desired version. */
export function appliedOf(state: ContainerState): Applied {
  return { generation: state.generation, version: state.desired, imageId: 'sha256:1' };
}

export function ran(state: ContainerState): ContainerState {
  return { ...state, applied: appliedOf(state), appliedRef: 'ref-1', status: 'running' };
}

export async function contextOpen(
  whole: WholeStore,
): Promise<StoreContext & { end(): Promise<void> }> {
  await whole.clear();
  const orgId = await whole.desire.orgCreate('a', 100);
  const workers = new Set<LivingWorker>();

  async function read(id: number): Promise<ContainerWork> {
    const work = await whole.store.containerWorkRead(id);
    assert.ok(work, `container ${id} is there`);
    return work;
  }
  async function claim(worker: LivingWorker, now: Date): Promise<Claim> {
    const claims = await whole.store.workClaim(worker.number, now, LEASE_MS, 2);
    assert.equal(claims.length, 1, 'one object is due');
    return claims[0] as Claim;
  }

  return {
    whole,
    orgId,
    read,
    claim,
    async worker() {
      const living = await whole.workerOpen();
      const worker: LivingWorker = {
        number: living.number,
        async close() {
          if (workers.delete(worker)) await living.close();
        },
      };
      workers.add(worker);
      return worker;
    },
    async create(now, change) {
      const made = await whole.desire.containerCreate(orgId, desiredOf(change), now);
      assert.equal(made.outcome, 'created');
      return made.outcome === 'created' ? made.id : 0;
    },
    async run(worker, id, now) {
      const held = await claim(worker, now);
      assert.equal(held.id, id);
      const { state } = await read(id);
      await whole.store.containerRecord(held, state, ran(state), now, AT_REST);
    },
    async stored(id) {
      const row = (await whole.snapshot()).containers.get(id);
      assert.ok(row, `container ${id} is there`);
      return row;
    },
    async work(id) {
      const row = (await whole.snapshot()).work.get(id);
      assert.ok(row, `container ${id} is in the queue`);
      return row;
    },
    async end() {
      for (const worker of workers) await worker.close();
    },
  };
}
