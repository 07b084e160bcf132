import type { ContainerEnd, ContainerObservation, EngineError } from '@dollarbox/engines/contract';
import { earliest, later } from '../base/moments.ts';
import { type ContainerState, settleDeadline } from './state.ts';
import { ENV_LOST, LINES_UNREAD } from './rules.ts';
import { exitsNew } from './exits.ts';
import { REMEMBERED_EXITS, exitTimesAdd, isCrashLoop, restartDelayMs } from './restart.ts';

/** How many failures in a row fit into the deadline, including their delays. */
const FAILURES_OVERDUE = 10;

/**
 * Corrects times in the future, which a wrong clock has written: they are treated as now. Otherwise a pull would be
 * restarted again and again until that time, or a process would not be restarted.
 */
export function stateHeldTo(state: ContainerState, now: Date): ContainerState {
  const { attemptAt, pullStartedAt, stopRequestedAt, exitTimes, restartAt } = state;
  return {
    ...state,
    attemptAt: earliest(attemptAt, now),
    pullStartedAt: pullStartedAt && earliest(pullStartedAt, now),
    stopRequestedAt: stopRequestedAt && earliest(stopRequestedAt, now),
    exitTimes: exitTimes.map((time) => earliest(time, now)),
    restartAt: restartAt && earliest(restartAt, later(now, restartDelayMs(exitTimes.length))),
  };
}

/**
 * The state after exits that were not counted yet: when to restart, and what to report. If the process runs again,
 * whoever restarted it, each of them was followed by a restart.
 * @param lastLines null: they could not be read.
 */
export function exitsCount(
  state: ContainerState,
  observed: ContainerObservation,
  lastLines: string | null,
  now: Date,
): Partial<ContainerState> {
  const { last, count } = observed.exits;
  const added = exitsNew(state, observed);
  const counted = {
    ...{ exitRef: observed.ref, exitCount: count, exitFinishedAt: last?.finishedAt ?? null },
  };
  // We asked it to end, for a change or a stop that was then reverted: the process is not at fault.
  if (state.stopRef === observed.ref) return { ...counted, stopRef: null, stopRequestedAt: null };
  const isUp = observed.state === 'running' || observed.state === 'paused';
  // The restart after the exit that was counted last has not been counted yet.
  const pending = state.restartAt === null ? 0 : 1;
  const restarts = pending + (isUp ? added : added - 1);
  const failure = failureCount(state, now, added);
  const ended = last?.isOutOfMemory
    ? 'The process was killed because it used more than its 1 GiB of memory'
    : exitedSentence(last?.code ?? null);
  // PostgreSQL text can't hold NUL.
  const lines = lastLines?.replaceAll('\0', '\uFFFD').trim();
  const downReason = isCrashLoop(failure.exitTimes) ? 'crash_loop' : 'exited';
  const reported =
    observed.startError === null
      ? {
          statusReason: last?.isOutOfMemory ? 'out_of_memory' : downReason,
          statusMessage: exitSentence(ended, lines),
        }
      : { statusReason: 'start_error', statusMessage: observed.startError };
  return {
    ...failure,
    ...counted,
    ...reported,
    restartCount: state.restartCount + restarts,
    restartAt: isUp ? null : failure.restartAt,
  };
}

/** The status of a process as soon as the engine reports its end, before more is known. */
export function endTell({ exitCode }: ContainerEnd) {
  return {
    status: 'failed',
    status_reason: 'exited',
    status_message: `${exitedSentence(exitCode)}; ${LINES_UNREAD}`,
  } as const;
}

function exitedSentence(exitCode: number | null): string {
  return `The process exited with code ${exitCode ?? 'unknown'}`;
}

function exitSentence(ended: string, lines: string | undefined): string {
  if (lines === undefined) return `${ended}. Its last lines could not be read.`;
  return lines === '' ? `${ended} and wrote nothing.` : `${ended}. Last lines:\n${lines}`;
}

/** The status if it can't be determined what should run. The object is left as it is. */
export function unreadableTell(
  observed: ContainerObservation | null | undefined,
): Partial<ContainerState> {
  return {
    status: observed?.state === 'running' ? 'running' : 'failed',
    statusReason: 'data_lost',
    statusMessage: ENV_LOST,
  };
}

/** The state after a process could not be started at all. */
export function startFailureCount(
  state: ContainerState,
  message: string,
  now: Date,
): Partial<ContainerState> {
  return { ...failureCount(state, now), statusReason: 'start_error', statusMessage: message };
}

/**
 * The status after a failure of the engine. It never claims more than was observed.
 * @param observed undefined: the engine failed before it reported anything.
 * @param failures in a row, including this one.
 */
export function engineFailureTell(
  state: ContainerState,
  observed: ContainerObservation | null | undefined,
  error: EngineError,
  failures: number,
  now: Date,
): Partial<ContainerState> {
  const isPermanent = error.kind === 'permanent';
  const isSeenDown = observed !== undefined && observed?.state !== 'running';
  const reason = { statusReason: error.reason, statusMessage: error.message };
  const failed: Partial<ContainerState> = { ...reason, status: 'failed' };
  // An exit from which the process came back by itself may have been counted just now.
  const isBack =
    observed?.state === 'running' && state.status === 'failed' && state.applied !== null;
  const up: Partial<ContainerState> =
    isBack && !isCrashLoop(state.exitTimes) ? { status: 'running', statusReason: null } : {};
  if (state.applied?.generation !== state.generation) {
    // No reason before the change has settled: clients take a reason as the end of their wait.
    if (!isPermanent && !isOverdue(state, failures, now)) {
      // Between two versions, while neither runs, the status must not claim that one does.
      const isBetween = isSeenDown && state.applied !== null;
      return { statusMessage: error.message, ...(isBetween ? { status: 'failed' } : up) };
    }
    const isDown = state.applied === null || isSeenDown;
    return isDown ? failed : { ...up, ...reason };
  }
  if (isSeenDown) {
    // The reason why it is down is already reported, unless this error is why it stays down.
    const isReported = state.status === 'failed' && state.statusReason !== null && !isPermanent;
    return isReported ? {} : failed;
  }
  if (state.status === 'pending' && isOverdue(state, failures, now)) return failed;
  if ((up.status ?? state.status) !== 'running') return {};
  return { ...up, ...reason, ...(isPermanent ? {} : { statusReason: 'engine_error' }) };
}

/**
 * Waiting for the org's own pulls is not a failure. Before its own pull has started, only a series of failures counts.
 */
function isOverdue(state: ContainerState, failures: number, now: Date): boolean {
  if (now < settleDeadline(state)) return false;
  return state.pullStartedAt !== null || failures >= FAILURES_OVERDUE;
}

function failureCount(state: ContainerState, now: Date, exits = 1) {
  let { exitTimes } = state;
  // More than are remembered make no difference.
  for (let left = Math.min(exits, REMEMBERED_EXITS); left > 0; left -= 1) {
    exitTimes = exitTimesAdd(exitTimes, now);
  }
  return {
    status: 'failed' as const,
    exitTimes,
    restartAt: later(now, restartDelayMs(exitTimes.length)),
  };
}
