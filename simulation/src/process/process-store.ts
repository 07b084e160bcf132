import type { SubnetStore } from '@dollarbox/engines/subnets';
import { CLOCK_ERROR_MS } from '../../../server/src/db/database-clock.ts';
import { isCrashLoop } from '../../../server/src/containers/restart.ts';
import type { ReconcileStore } from '../../../server/src/kinds.ts';
import { ANY_ORG } from '../../../server/src/reconciler/org-turns.ts';
import type { Claim, WorkKind } from '../../../server/src/reconciler/store.ts';
import type { MemoryTables } from '../stores/memory-tables.ts';
import { workOf } from '../stores/memory-work.ts';
import { isStartable } from '../../../server/src/volumes/startable.ts';
import type { Actor } from './engine-judge.ts';
import { type QueueRows, queueJudgeCreate } from './queue-judge.ts';
import { recordJudgeCreate } from './record-judge.ts';
import type { Stage } from '../world/stage.ts';
import { claimKey, claimName, countUp } from '../world/witness.ts';
import { OURS } from '../world/installations.ts';

/** The error of a lost connection. */
export function databaseAway(): Error {
  return new Error('Connection terminated unexpectedly');
}

/** The engine's own table as seen by one process. */
export function subnetsOfProcess(stage: Stage, actor: Actor): SubnetStore {
  const { plant, whole } = stage;
  const plain = whole.subnets(0);
  const subnets = plant.subnets?.(plain) ?? plain;
  const call = storeCallCreate(stage, actor);
  return {
    ensure: (orgId) => call('subnets.ensure', () => subnets.ensure(orgId)),
    replace: (orgId, refused) => call('subnets.replace', () => subnets.replace(orgId, refused)),
  };
}

/** How a process calls the database: a call takes time, and may fail before or after its effect. */
function storeCallCreate(stage: Stage, actor: Actor) {
  const { chance, conditions, witness } = stage;

  function delay(): [number, number] {
    const { storeDelayMs } = conditions.now;
    if (storeDelayMs > 0) return [chance.between(0, storeDelayMs), chance.between(0, storeDelayMs)];
    if (!chance.isTrue(stage.storeNoise)) return [0, 0];
    return [chance.index(6), chance.index(6)];
  }

  return function call<T>(text: string, effect: () => Promise<T>): Promise<T> {
    stage.called();
    return actor.life.call(async () => {
      const away = conditions.now.storeAway;
      if (away === 'before') throw databaseAway();
      const result = await effect();
      if (away === 'after') {
        witness.trace(`${actor.name}: ${text} took effect, its reply is lost`);
        throw databaseAway();
      }
      return result;
    }, delay());
  };
}

/** The store as seen by one process: calls take time, may fail, and are judged by their effects. */
export function storeOfProcess(stage: Stage, actor: Actor): ReconcileStore {
  const { plant, whole } = stage;
  const store = storeJudged(stage, actor, plant.store?.(whole.store) ?? whole.store);

  const call = storeCallCreate(stage, actor);

  return {
    workWake: (kind, id, now) => call('workWake', () => store.workWake(kind, id, now)),
    workHint: (kind, id, now) => call('workHint', () => store.workHint(kind, id, now)),
    workClaim: (worker, now, leaseMs, limit, places) =>
      call('workClaim', () => store.workClaim(worker, now, leaseMs, limit, places)),
    workRelease: (claim, now, next) =>
      call('workRelease', () => store.workRelease(claim, now, next)),
    workRenew: (worker, held, until) =>
      call('workRenew', () => store.workRenew(worker, held, until)),
    workReclaimDead: (now) => call('workReclaimDead', () => store.workReclaimDead(now)),
    workNextDue: (after) => call('workNextDue', () => store.workNextDue(after)),
    instanceRecord: (claim, generation, instance) =>
      call('instanceRecord', () => store.instanceRecord(claim, generation, instance)),
    instancesRead: (id) => call('instancesRead', () => store.instancesRead(id)),
    linesKeep: (claim, ref, lines, now) =>
      call('linesKeep', () => store.linesKeep(claim, ref, lines, now)),
    containerWorkRead: (id) => call('containerWorkRead', () => store.containerWorkRead(id)),
    containerRecord: (claim, before, after, now, next, released) =>
      call('containerRecord', () =>
        store.containerRecord(claim, before, after, now, next, released),
      ),
    containerForget: (claim, now, released) =>
      call('containerForget', () => store.containerForget(claim, now, released)),
    imageVolumesAdd: (containerId, asks, storage, now) =>
      call('imageVolumesAdd', () => store.imageVolumesAdd(containerId, asks, storage, now)),
    containerSweepRows: () => call('containerSweepRows', () => store.containerSweepRows()),
    containerImages: () => call('containerImages', () => store.containerImages()),
    containerMarkEnded: (id, ended, now) =>
      call('containerMarkEnded', () => store.containerMarkEnded(id, ended, now)),
    containersMarkUnknown: (message) =>
      call('containersMarkUnknown', () => store.containersMarkUnknown(message)),
    containersWakeUnknown: (since, now) =>
      call('containersWakeUnknown', () => store.containersWakeUnknown(since, now)),
    volumeWorkRead: (id) => call('volumeWorkRead', () => store.volumeWorkRead(id)),
    volumeRecord: (claim, before, after, now, next) =>
      call('volumeRecord', () => store.volumeRecord(claim, before, after, now, next)),
    volumeForget: (claim) => call('volumeForget', () => store.volumeForget(claim)),
    volumeSweepRows: () => call('volumeSweepRows', () => store.volumeSweepRows()),
    volumesMarkUnknown: (message) =>
      call('volumesMarkUnknown', () => store.volumesMarkUnknown(message)),
    volumesWakeUnknown: (since, now) =>
      call('volumesWakeUnknown', () => store.volumesWakeUnknown(since, now)),
    orgIds: () => call('orgIds', () => store.orgIds()),
  };
}

/** The queue as it is now. Its rows are replaced, never changed. */
function queueNow(tables: MemoryTables): QueueRows {
  const containers = new Map(tables.work);
  const volumes = new Map(tables.volumeWork);
  return (kind, id) => (kind === 'container' ? containers : volumes).get(id);
}

/** How many lines of each instance of an object are kept. */
function keptCounts(tables: MemoryTables | null, id: number, ref: string): Map<number, number> {
  const instances = tables?.instances.get(id)?.filter((instance) => instance.ref === ref) ?? [];
  return new Map(instances.map(({ number, kept }) => [number, kept?.count ?? 0]));
}

/**
 * Counts what may end delays before and after the effect that does so: a claim by another process may come between the
 * two, and then has no reason of its own yet.
 */
async function withReason(count: () => unknown, effect: () => Promise<void>): Promise<void> {
  count();
  await effect();
  count();
}

/** Records and judges the effects of calls at the moment when they happen. */
function storeJudged(stage: Stage, actor: Actor, store: ReconcileStore): ReconcileStore {
  const { witness, tables, clock, world } = stage;
  const { name } = actor;
  const judge = recordJudgeCreate(stage);
  const queue =
    tables === null ? null : queueJudgeCreate(witness, tables, () => clock.now().getTime());

  function isHeld(claim: Claim): boolean {
    return tables === null || workOf(tables, claim.kind).get(claim.id)?.fence === claim.fence;
  }

  /** Containers that were reported as running when this process last read the rows for a sweep. */
  let runningAtSweep = new Set<number>();

  return {
    ...store,
    async containerSweepRows() {
      const rows = await store.containerSweepRows();
      runningAtSweep = new Set(
        rows.filter(({ status }) => status === 'running').map(({ id }) => id),
      );
      return rows;
    },

    async workWake(kind, id, now) {
      // Only a container that was reported as running may have its delay ended by a sweep.
      const isReason = kind === 'container' && runningAtSweep.has(id);
      await withReason(
        () => isReason && queue?.reason(kind, id),
        () => store.workWake(kind, id, now),
      );
      dirtyOf(kind).delete(id);
    },

    async workHint(kind, id, now) {
      await store.workHint(kind, id, now);
      dirtyOf(kind).delete(id);
    },

    async workClaim(worker, now, leaseMs, limit, places) {
      const before = tables === null ? null : queueNow(tables);
      const claims = await store.workClaim(worker, now, leaseMs, limit, places);
      if (before !== null) {
        queue?.claimed(before, actor.claims, claims, { now, limit, places: places ?? ANY_ORG });
      }
      for (const claim of claims) {
        witness.trace(`${name}: claims ${claimName(claim)}`);
        dirtyOf(claim.kind).delete(claim.id);
        countUp(witness.turns, claimKey(claim));
        const row = before?.(claim.kind, claim.id);
        const leftMs = (row?.leaseUntil?.getTime() ?? 0) - clock.now().getTime();
        if (leftMs > (witness.clocksAreRight() ? 0 : CLOCK_ERROR_MS)) {
          witness.fail('one holder', `${name} claims ${claimKey(claim)}, which another holds`);
        }
      }
      return claims;
    },

    async linesKeep(claim, ref, lines, now) {
      const before = keptCounts(tables, claim.id, ref);
      await store.linesKeep(claim, ref, lines, now);
      const kept = keptCounts(tables, claim.id, ref);
      for (const [number, count] of before) {
        const left = kept.get(number) ?? 0;
        if (left >= count) continue;
        witness.fail('lines', `of ${count} kept lines of ${claim.id} (${ref}), ${left} are left`);
      }
    },

    async containerRecord(claim, before, after, now, next, released) {
      const wasHeld = isHeld(claim);
      const row = tables?.containers.get(claim.id);
      const was = row?.state;
      const isReason = released !== undefined && released.length > 0;
      await withReason(
        () => isReason && queue?.reasonInOrg(before.tenantId),
        () => store.containerRecord(claim, before, after, now, next, released),
      );
      queue?.released(claim, next);
      const due = next.dueAt === null ? 'rests' : `due ${next.dueAt.toISOString().slice(11, 23)}`;
      const { status, statusReason, applied } = after;
      witness.trace(
        `${name}: records ${claimName(claim)}: ${status} ${statusReason ?? ''} generation ${applied?.generation ?? 0}, ${due}`,
      );
      if (!wasHeld) witness.fail('fence', `${name} records ${claim.id}, which another has taken`);
      if (was !== undefined && was.generation !== before.generation) judge.reset(was);
      if (row !== undefined) judge.since(row, now);
      judge.retry(after, next);
      const nowMs = clock.now().getTime();
      // In a crash loop it is, until it has been up for a minute.
      const isLoop = isCrashLoop(after.exitTimes);
      if (was?.status === 'running' && status === 'failed' && !isLoop) judge.down(claim.id);
      witness.recordedAt.set(claim.id, nowMs);
    },

    async containerMarkEnded(id, ended, now) {
      const was = tables?.containers.get(id)?.state;
      const isHealthy = was?.status === 'running' && was.appliedRef === ended.ref;
      await withReason(
        () => isHealthy && queue?.reason('container', id),
        () => store.containerMarkEnded(id, ended, now),
      );
    },

    async containersWakeUnknown(since, now) {
      await withReason(
        () => queue?.reasonOfKind('container'),
        () => store.containersWakeUnknown(since, now),
      );
    },

    async volumesWakeUnknown(since, now) {
      await withReason(
        () => queue?.reasonOfKind('volume'),
        () => store.volumesWakeUnknown(since, now),
      );
    },

    async workRelease(claim, now, next) {
      const wasHeld = isHeld(claim);
      const isReleased = await store.workRelease(claim, now, next);
      if (isReleased) queue?.released(claim, next);
      witness.trace(`${name}: releases ${claimName(claim)}: ${isReleased}`);
      if (isReleased && !wasHeld) {
        witness.fail('fence', `${name} releases ${claimKey(claim)}, which another has taken`);
      }
      return isReleased;
    },

    async containerForget(claim, now, released) {
      const wasHeld = isHeld(claim);
      const row = tables?.containers.get(claim.id);
      await withReason(
        () => row !== undefined && queue?.reasonInOrg(row.state.tenantId),
        () => store.containerForget(claim, now, released),
      );
      witness.trace(`${name}: forgets ${claimName(claim)}`);
      if (!wasHeld) witness.fail('fence', `${name} forgets ${claim.id}, which another has taken`);
      const container = world.containerFind(OURS, claim.id);
      if (container !== undefined && !witness.late.has(container.ref)) {
        witness.fail('forgotten', `${claim.id} is forgotten while the engine has it`);
      }
      if (row === undefined) return;
      judge.successor(row.state.tenantId, row.state.desired.name);
      judge.waiters(row.state);
    },

    async volumeRecord(claim, before, after, now, next) {
      const wasHeld = isHeld(claim);
      const isNews = before.status !== after.status || isStartable(before) !== isStartable(after);
      const mounter = () => tables?.volumes.get(claim.id)?.containerId ?? null;
      await withReason(
        () => isNews && mounter() !== null && queue?.reason('container', mounter() ?? 0),
        () => store.volumeRecord(claim, before, after, now, next),
      );
      queue?.released(claim, next);
      const due = next.dueAt === null ? 'rests' : `due ${next.dueAt.toISOString().slice(11, 23)}`;
      const { status, statusReason } = after;
      witness.trace(
        `${name}: records ${claimName(claim)}: ${status} ${statusReason ?? ''}, ${due}`,
      );
      if (!wasHeld) {
        witness.fail('fence', `${name} records ${claimKey(claim)}, which another has taken`);
      }
    },

    async volumeForget(claim) {
      const wasHeld = isHeld(claim);
      const row = tables?.volumes.get(claim.id);
      await store.volumeForget(claim);
      witness.trace(`${name}: forgets ${claimName(claim)}`);
      if (!wasHeld) {
        witness.fail('fence', `${name} forgets ${claimKey(claim)}, which another has taken`);
      }
      const left = stage.ourVolumes().find(({ spec }) => spec.uid === row?.state.uid);
      if (left !== undefined && !witness.late.has(left.ref)) {
        witness.fail('forgotten', `volume ${claim.id} is forgotten while the engine has it`);
      }
    },
  };

  function dirtyOf(kind: WorkKind): Map<number, number> {
    return kind === 'container' ? witness.dirty : witness.volumeDirty;
  }
}
