// What is recorded at the end of a turn.
import { EngineError } from '@dollarbox/engines/contract';
import { failpoint } from '../../base/failpoints.ts';
import { uniqueViolation } from '../../db/database.ts';
import { earliest, later } from '../../base/moments.ts';
import { NO_FAILURE, type NextTry, nextTry } from '../../reconciler/next-try.ts';
import { turnFailureLog } from '../../reconciler/turn-failure.ts';
import { engineFailureTell, unreadableTell } from '../outcomes.ts';
import { settleDeadline } from '../state.ts';
import { failedTurnInstanceRecord, turnInstanceRecord } from './instance.ts';
import type { Turn } from './turn.ts';
import { volumesReleased } from './volumes.ts';

/** How often a row that can't be read is checked again, in milliseconds. */
const UNREADABLE_RETRY_MS = 300_000;
const ADDRESS_TAKEN =
  "The cluster's load balancer gave the container the address of another container.";

/** When the container has its next turn, and when what has failed is tried again, if that is known. */
interface NextTimes {
  dueAt: Date | null;
  retryAt?: Date | undefined;
}

export async function turnRecord(
  turn: Turn,
  { dueAt, retryAt }: NextTimes,
  { failures, hangs }: Pick<NextTry, 'failures' | 'hangs'> = NO_FAILURE,
): Promise<void> {
  const { store } = turn.deps;
  const next = { dueAt, failures, hangs };
  const hasFailed = turn.state.statusReason !== null && turn.state.deletedAt === null;
  turn.learn({ nextRetryAt: (hasFailed ? retryAt : undefined) ?? null });
  if (failures === 0) await turnInstanceRecord(turn);
  else await failedTurnInstanceRecord(turn);
  failpoint('record.before');
  const released = volumesReleased(turn);
  try {
    const { claim, work, state } = turn;
    await store.containerRecord(claim, work.state, state, turn.now(), next, released);
  } catch (error) {
    throw addressRefused(turn, error) ?? error;
  }
  failpoint('record.after');
}

/** What was recorded with an address that another container has can be recorded without it. */
function addressRefused(turn: Turn, cause: unknown): EngineError | null {
  if (uniqueViolation(cause) !== 'containers_ipv6_address_key') return null;
  turn.learn({ ipv6Address: turn.work.state.ipv6Address });
  return new EngineError('retryable', 'engine_error', ADDRESS_TAKEN, { cause });
}

/** The engine failed: records what is known, and reports the rest as unknown. */
export async function turnFailureRecord(turn: Turn, error: EngineError): Promise<void> {
  const { deps, claim } = turn;
  const now = turn.now();
  const next = nextTry(claim, error, deps.random, turn.hasHung);
  if (turn.state.deletedAt === null) {
    turn.learn(engineFailureTell(turn.state, turn.observed, error, next.failures, now));
  }
  turnFailureLog(deps, claim, error, next);
  // If the cause is an unavailable volume, its own turn reports that too.
  if (error.reason === 'engine_error') {
    for (const { volume } of turn.state.desired.volumes) {
      await deps.store.workHint('volume', volume.id, now);
    }
  }
  const retryAt = later(now, next.delayMs);
  const deadline = settleDeadline(turn.state);
  // Wake up in time to report the failure.
  const dueAt = now < deadline ? earliest(retryAt, deadline) : retryAt;
  // Once the engine answers again, all that was unknown is tried at once.
  const isKnown = error.reason !== 'engine_unreachable';
  await turnRecord(turn, { dueAt, retryAt: isKnown ? dueAt : undefined }, next);
}

/** The desired spec can't be read, so that nothing can be done. */
export async function turnUnreadableRecord(turn: Turn): Promise<void> {
  turn.deps.log.error({ container: turn.claim.id }, "the env of a container can't be read");
  turn.learn(unreadableTell(turn.observed));
  const retryAt = later(turn.now(), UNREADABLE_RETRY_MS);
  await turnRecord(turn, { dueAt: retryAt, retryAt });
}
