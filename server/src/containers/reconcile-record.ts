// What a turn of a container records in PostgreSQL: its findings, unless a client has written since it began.
import { type RawBuilder, type Updateable, sql } from 'kysely';
import type { Db, Trx } from '../db/database.ts';
import type { Database } from '../db/types.ts';
import type { SecretBox } from '../base/secrets.ts';
import type { Claim, NextTurn } from '../reconciler/store.ts';
import { workReleaseRequire, workWakeInOrder } from '../reconciler/work-store.ts';
import { appliedSeal } from './applied.ts';
import type { ContainerState } from './state.ts';

/** The columns of a state. The spec columns are written by the API only. */
function stateColumns(state: ContainerState): Updateable<Database['containers']> {
  return {
    applied_ref: state.appliedRef,
    ipv6_address: state.ipv6Address,
    observed_generation: state.applied?.generation ?? 0,
    status: state.status,
    status_reason: state.statusReason,
    status_message: state.statusMessage,
    next_retry_at: state.nextRetryAt,
    restart_count: state.restartCount,
    warnings: JSON.stringify(state.warnings),
    attempt_at: state.attemptAt,
    pull_started_at: state.pullStartedAt,
    pull_retries: state.pullRetries,
    stop_ref: state.stopRef,
    stop_requested_at: state.stopRequestedAt,
    exit_times: [...state.exitTimes],
    exit_ref: state.exitRef,
    exit_count: state.exitCount,
    exit_finished_at: state.exitFinishedAt,
    restart_at: state.restartAt,
    pull_again_at: state.pullAgainAt,
  };
}

/** Columns whose changes show in the API. */
const SHOWING = new Set([
  'status',
  'status_reason',
  'status_message',
  'next_retry_at',
  'restart_count',
  'observed_generation',
  'ipv6_address',
  'warnings',
  // With them, a restart is over.
  'applied_ref',
  'pull_again_at',
]);

/** Columns that a PATCH resets: what a turn for an older generation found out about them no longer applies. */
const OF_GENERATION = new Set([
  'status_reason',
  'status_message',
  'next_retry_at',
  'restart_count',
  'attempt_at',
  'pull_started_at',
  'pull_retries',
  'restart_at',
]);

export async function containerRecord(
  db: Db,
  secrets: SecretBox,
  claim: Claim,
  before: ContainerState,
  after: ContainerState,
  now: Date,
  next: NextTurn,
  released: readonly number[] = [],
): Promise<void> {
  const was = stateColumns(before) as Record<string, unknown>;
  const is = Object.entries(stateColumns(after)).filter(
    ([column, value]) => JSON.stringify(value) !== JSON.stringify(was[column]),
  );
  const changes: Record<string, unknown> = Object.fromEntries(is);
  if (after.applied !== before.applied) {
    changes['applied_sealed'] = after.applied === null ? null : appliedSeal(secrets, after.applied);
  }
  const columns = Object.keys(changes);
  // Most turns find nothing to change.
  if (columns.length === 0 && released.length === 0) {
    return workReleaseRequire(db, claim, now, next);
  }
  await db.transaction().execute(async (trx) => {
    if (columns.length > 0) await containerWrite(trx, claim.id, before, changes, now);
    if (released.length > 0) await workWakeInOrder(trx, { claim, volumes: released }, now);
    await workReleaseRequire(trx, claim, now, next);
  });
}

async function containerWrite(
  trx: Trx,
  id: number,
  before: ContainerState,
  changes: Record<string, unknown>,
  now: Date,
): Promise<void> {
  const shows = Object.keys(changes).some((column) => SHOWING.has(column));
  await trx
    .updateTable('containers')
    .set((eb) => ({
      ...Object.fromEntries(
        Object.entries(changes).map(([column, value]) => {
          const condition = stillCounts(column, value, before);
          const written = eb.val(value);
          if (condition === null) return [column, written];
          const kept = eb.ref(column as 'status_reason');
          return [column, eb.case().when(condition).then(written).else(kept).end()];
        }),
      ),
      ...('status' in changes ? { status_since: statusSince(changes['status'], before, now) } : {}),
      ...(shows ? { revision: eb('revision', '+', 1) } : {}),
    }))
    .where('id', '=', id)
    .execute();
}

/** Since when the status is so, once this finding is recorded. */
function statusSince(status: unknown, before: ContainerState, now: Date): RawBuilder<Date> {
  const counts = stillCounts('status', status, before) ?? sql<boolean>`true`;
  return sql<Date>`
    case when ${counts} and status <> ${status} then ${now}::timestamptz else status_since end`;
}

/** When a finding still counts, although a client may have written since the turn began; null: always. */
function stillCounts(
  column: string,
  value: unknown,
  { generation, isStopped, pullAgainAt }: ContainerState,
): RawBuilder<boolean> | null {
  if (OF_GENERATION.has(column)) return sql<boolean>`generation = ${generation}`;
  if (column === 'status' && value === 'stopped') {
    return sql<boolean>`is_stopped = ${isStopped}`;
  }
  if (column === 'pull_again_at') {
    return sql<boolean>`pull_again_at is not distinct from ${pullAgainAt}::timestamptz`;
  }
  return null;
}
