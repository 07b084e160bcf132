import type { NextTurn, WorkKind } from '../../../server/src/reconciler/store.ts';
import type { MemoryContainer } from '../stores/memory-tables.ts';
import { workOf } from '../stores/memory-work.ts';
import { OURS } from '../world/installations.ts';
import type { Stage } from '../world/stage.ts';

type ContainerRow = MemoryContainer['state'];

/** The fields that a PATCH resets. */
const RESET = [
  'statusReason',
  'statusMessage',
  'nextRetryAt',
  'restartCount',
  'attemptAt',
  'pullStartedAt',
  'pullRetries',
  'restartAt',
] as const satisfies (keyof ContainerRow)[];

/** Judges what a turn recorded, and what it must have woken. */
export interface RecordJudge {
  reset(was: ContainerRow): void;
  /** @param was the row before, which this turn has recorded of at `now`. */
  since(was: MemoryContainer, now: Date): void;
  retry(after: ContainerRow, next: NextTurn): void;
  down(id: number): void;
  waiters(row: ContainerRow): void;
  successor(orgId: number, successorName: string): void;
}

export function recordJudgeCreate({ witness, tables, clock, world }: Stage): RecordJudge {
  /** Fields that a PATCH has reset during the turn must stay as the PATCH left them. */
  function reset(was: ContainerRow): void {
    const is = tables?.containers.get(was.id)?.state;
    if (is === undefined || RESET.every((key) => is[key] === was[key])) return;
    witness.fail(
      'reset',
      `a turn of a former generation of ${was.id} records what it found as present`,
    );
  }

  /** The time of a status is that of the record that changed it. */
  function since(was: MemoryContainer, now: Date): void {
    const is = tables?.containers.get(was.state.id);
    // Somebody else may have written in the moment since then.
    if (is === undefined || is.revision > was.revision + 1) return;
    const expected = is.state.status === was.state.status ? was.statusSince : now;
    if (+is.statusSince === +expected) return;
    witness.fail(
      'since',
      `${was.state.id} is ${is.state.status} since ${expected.toISOString()}, and not ${is.statusSince.toISOString()}`,
    );
  }

  /** What has failed has a turn when it says that it is tried again, and, unless something else runs, not before. */
  function retry({ id, nextRetryAt, status, statusReason, applied }: ContainerRow, next: NextTurn) {
    if (nextRetryAt === null) return;
    if (statusReason === null) witness.fail('retry', `${id} is tried again, and has not failed`);
    const { dueAt } = next;
    const isOnly = status === 'failed' && applied === null;
    if (dueAt !== null && (isOnly ? +dueAt === +nextRetryAt : dueAt <= nextRetryAt)) return;
    const due = dueAt === null ? 'rests' : `is due at ${dueAt.toISOString()}`;
    witness.fail('retry', `${id} is tried again at ${nextRetryAt.toISOString()}, and ${due}`);
  }

  /** A process that has been up all the time must not be reported as failed. */
  function down(id: number): void {
    const container = world.containerFind(OURS, id);
    const recordedMs = witness.recordedAt.get(id) ?? 0;
    const wasDown = (witness.downAt.get(id) ?? Infinity) >= recordedMs;
    if (container?.state !== 'running' || wasDown) return;
    witness.fail('status', `${id} is reported as failed and has been running all the time`);
  }

  /** Whether the object has its turn now, or will have it at once. */
  function hasTurn(kind: WorkKind, id: number): boolean {
    if (tables === null || !witness.clocksAreRight()) return true;
    const row = workOf(tables, kind).get(id);
    const nowMs = clock.now().getTime();
    const isDue = row?.dueAt !== null && (row?.dueAt.getTime() ?? 0) <= nowMs;
    return isDue || (row?.leaseUntil?.getTime() ?? 0) > nowMs;
  }

  /** When a container is gone, the objects that wait for its volumes must have their turns. */
  function waiters({ id, applied, desired }: ContainerRow): void {
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

  /** When a name is free, the container that waits for it must have its turn. */
  function successor(orgId: number, successorName: string): void {
    if (tables === null) return;
    for (const { state } of tables.containers.values()) {
      if (state.deletedAt !== null || state.tenantId !== orgId) continue;
      if (state.desired.name !== successorName) continue;
      if (hasTurn('container', state.id)) continue;
      witness.fail(
        'successor',
        `${state.id} waits for the name "${successorName}" and is not woken`,
      );
    }
  }

  return { reset, since, retry, down, waiters, successor };
}
