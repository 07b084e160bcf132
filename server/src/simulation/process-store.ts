import type { Claim, ReconcileStore, WorkKind } from '../reconciler/store.ts';
import type { StoredWork } from './desire-store.ts';
import type { MemoryContainer, MemoryTables } from './memory-tables.ts';
import { workOf } from './memory-work.ts';
import type { Actor } from './process-engine.ts';
import type { Stage } from './stage.ts';
import { claimKey, claimName, countUp } from './witness.ts';
import { OURS } from './installations.ts';

/** What a PATCH resets. */
const RESET = [
  'statusReason',
  'statusMessage',
  'restartCount',
  'attemptAt',
  'pullStartedAt',
  'pullRetries',
  'restartAt',
] as const satisfies (keyof MemoryContainer['state'])[];

/** What a lost connection looks like. */
function databaseAway(): Error {
  return new Error('Connection terminated unexpectedly');
}

/** The store as one process calls it: calls take time, may fail, and are judged by what they did. */
export function storeOfProcess(stage: Stage, actor: Actor): ReconcileStore {
  const { chance, conditions, witness, plant, whole } = stage;
  const store = storeJudged(stage, actor, plant.store?.(whole.store) ?? whole.store);

  function delay(): [number, number] {
    const { storeDelayMs } = conditions.now;
    if (storeDelayMs > 0) return [chance.between(0, storeDelayMs), chance.between(0, storeDelayMs)];
    if (!chance.isTrue(stage.storeNoise)) return [0, 0];
    return [chance.index(6), chance.index(6)];
  }

  function call<T>(text: string, effect: () => Promise<T>): Promise<T> {
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
  }

  return {
    workWake: (kind, id, now) => call('workWake', () => store.workWake(kind, id, now)),
    workClaim: (worker, now, leaseMs, limit) =>
      call('workClaim', () => store.workClaim(worker, now, leaseMs, limit)),
    workRelease: (claim, now, next) =>
      call('workRelease', () => store.workRelease(claim, now, next)),
    workRenew: (worker, held, until) =>
      call('workRenew', () => store.workRenew(worker, held, until)),
    workReclaimDead: (now) => call('workReclaimDead', () => store.workReclaimDead(now)),
    workNextDue: () => call('workNextDue', () => store.workNextDue()),
    containerWorkRead: (id) => call('containerWorkRead', () => store.containerWorkRead(id)),
    containerRecord: (claim, before, after, now, next, released) =>
      call('containerRecord', () =>
        store.containerRecord(claim, before, after, now, next, released),
      ),
    containerForget: (claim, now, released) =>
      call('containerForget', () => store.containerForget(claim, now, released)),
    containerSweepRows: () => call('containerSweepRows', () => store.containerSweepRows()),
    containerImages: () => call('containerImages', () => store.containerImages()),
    containerMarkEnded: (id, ended, now) =>
      call('containerMarkEnded', () => store.containerMarkEnded(id, ended, now)),
    containersMarkUnknown: (message) =>
      call('containersMarkUnknown', () => store.containersMarkUnknown(message)),
    containersWakeUnknown: (now) =>
      call('containersWakeUnknown', () => store.containersWakeUnknown(now)),
    volumeWorkRead: (id) => call('volumeWorkRead', () => store.volumeWorkRead(id)),
    volumeRecord: (claim, before, after, now, next) =>
      call('volumeRecord', () => store.volumeRecord(claim, before, after, now, next)),
    volumeForget: (claim) => call('volumeForget', () => store.volumeForget(claim)),
    volumeSweepRows: () => call('volumeSweepRows', () => store.volumeSweepRows()),
    volumesMarkUnknown: (message) =>
      call('volumesMarkUnknown', () => store.volumesMarkUnknown(message)),
    volumesWakeUnknown: (now) => call('volumesWakeUnknown', () => store.volumesWakeUnknown(now)),
    orgIds: () => call('orgIds', () => store.orgIds()),
    orgSubnetAssign: (orgId, refused, startIndex) =>
      call('orgSubnetAssign', () => store.orgSubnetAssign(orgId, refused, startIndex)),
  };
}

function queueNow(tables: MemoryTables): Map<string, StoredWork> {
  const all = new Map<string, StoredWork>();
  for (const kind of ['container', 'volume'] as const) {
    for (const [id, row] of workOf(tables, kind)) all.set(claimKey({ kind, id }), row);
  }
  return all;
}

/** Notes and judges what calls did, at the moment when they did it. */
function storeJudged(stage: Stage, { name }: Actor, store: ReconcileStore): ReconcileStore {
  const { witness, tables, clock, world } = stage;

  function isHeld(claim: Claim): boolean {
    return tables === null || workOf(tables, claim.kind).get(claim.id)?.fence === claim.fence;
  }

  return {
    ...store,
    async workWake(kind, id, now) {
      await store.workWake(kind, id, now);
      dirtyOf(kind).delete(id);
    },

    async workClaim(worker, now, leaseMs, limit) {
      const before = tables === null ? null : queueNow(tables);
      const claims = await store.workClaim(worker, now, leaseMs, limit);
      for (const claim of claims) {
        witness.trace(`${name}: claims ${claimName(claim)}`);
        dirtyOf(claim.kind).delete(claim.id);
        countUp(witness.turns, claimKey(claim));
        const row = before?.get(claimKey(claim));
        const isTaken = (row?.leaseUntil?.getTime() ?? 0) > clock.now().getTime();
        if (isTaken && witness.clocksAreRight()) {
          witness.fail('one holder', `${name} claims ${claimKey(claim)}, which another holds`);
        }
      }
      return claims;
    },

    async containerRecord(claim, before, after, now, next, released) {
      const wasHeld = isHeld(claim);
      const was = tables?.containers.get(claim.id)?.state;
      await store.containerRecord(claim, before, after, now, next, released);
      const due = next.dueAt === null ? 'rests' : `due ${next.dueAt.toISOString().slice(11, 23)}`;
      const { status, statusReason, applied } = after;
      witness.trace(
        `${name}: records ${claimName(claim)}: ${status} ${statusReason ?? ''} generation ${applied?.generation ?? 0}, ${due}`,
      );
      if (!wasHeld) witness.fail('fence', `${name} records ${claim.id}, which another has taken`);
      if (was !== undefined && was.generation !== before.generation) resetJudge(was);
      const nowMs = clock.now().getTime();
      if (was?.status === 'running' && status === 'failed') downJudge(claim.id);
      witness.recordedAt.set(claim.id, nowMs);
    },

    async workRelease(claim, now, next) {
      const wasHeld = isHeld(claim);
      const isReleased = await store.workRelease(claim, now, next);
      witness.trace(`${name}: releases ${claimName(claim)}: ${isReleased}`);
      if (isReleased && !wasHeld) {
        witness.fail('fence', `${name} releases ${claimKey(claim)}, which another has taken`);
      }
      return isReleased;
    },

    async containerForget(claim, now, released) {
      const wasHeld = isHeld(claim);
      const row = tables?.containers.get(claim.id);
      await store.containerForget(claim, now, released);
      witness.trace(`${name}: forgets ${claimName(claim)}`);
      if (!wasHeld) witness.fail('fence', `${name} forgets ${claim.id}, which another has taken`);
      const container = world.containerFind(OURS, claim.id);
      if (container !== undefined && !witness.late.has(container.ref)) {
        witness.fail('forgotten', `${claim.id} is forgotten while the engine has it`);
      }
      if (row === undefined) return;
      heirJudge(row.state.tenantId, row.state.desired.name);
      waitersJudge(row.state);
    },

    async volumeRecord(claim, before, after, now, next) {
      const wasHeld = isHeld(claim);
      await store.volumeRecord(claim, before, after, now, next);
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

  /** What a PATCH has reset during the turn is as the PATCH left it. */
  function resetJudge(was: MemoryContainer['state']): void {
    const is = tables?.containers.get(was.id)?.state;
    if (is === undefined || RESET.every((key) => is[key] === was[key])) return;
    witness.fail(
      'reset',
      `a turn of a former generation of ${was.id} records what it found as present`,
    );
  }

  /** A process that has been up all the time is not told as failed. */
  function downJudge(id: number): void {
    const container = world.containerFind(OURS, id);
    const recordedMs = witness.recordedAt.get(id) ?? 0;
    const wasDown = (witness.downAt.get(id) ?? Infinity) >= recordedMs;
    if (container?.state !== 'running' || wasDown) return;
    witness.fail('status', `${id} is told as failed and has been running all the time`);
  }

  function dirtyOf(kind: WorkKind): Map<number, number> {
    return kind === 'container' ? witness.dirty : witness.volumeDirty;
  }

  /** Has its turn now, or coming at once. */
  function hasTurn(kind: WorkKind, id: number): boolean {
    if (tables === null || !witness.clocksAreRight()) return true;
    const row = workOf(tables, kind).get(id);
    const nowMs = clock.now().getTime();
    const isDue = row?.dueAt !== null && (row?.dueAt.getTime() ?? 0) <= nowMs;
    return isDue || (row?.leaseUntil?.getTime() ?? 0) > nowMs;
  }

  /** Whoever waits for volumes has its turn when the container is gone that had them. */
  function waitersJudge({ id, applied, desired }: MemoryContainer['state']): void {
    const mounts = [...desired.volumes, ...(applied?.version.volumes ?? [])];
    for (const { volume: key } of mounts) {
      const volume = tables?.volumes.get(key.id);
      if (volume === undefined) continue;
      const { containerId, state } = volume;
      if (state.deletedAt !== null && !hasTurn('volume', key.id)) {
        witness.fail('waiter', `volume ${key.id} waits for ${id} to go, and is not woken`);
      }
      if (containerId !== null && containerId !== id && !hasTurn('container', containerId)) {
        witness.fail('waiter', `${containerId} waits for a volume of ${id}, and is not woken`);
      }
    }
  }

  /** Whoever waits for a name has its turn when it is free. */
  function heirJudge(orgId: number, heirName: string): void {
    if (tables === null) return;
    for (const { state } of tables.containers.values()) {
      if (state.deletedAt !== null || state.tenantId !== orgId) continue;
      if (state.desired.name !== heirName) continue;
      if (hasTurn('container', state.id)) continue;
      witness.fail('heir', `${state.id} waits for the name "${heirName}" and is not woken`);
    }
  }
}
