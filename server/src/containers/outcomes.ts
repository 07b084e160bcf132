import type { ContainerEnd, ContainerObservation, EngineError } from '@dollarbox/engines/contract';
import { earliest, later } from './moments.ts';
import { type ContainerState, settleDeadline } from './state.ts';
import { ENV_LOST } from './rules.ts';
import { exitTimesAdd, isCrashLoop, restartDelayMs } from './restart.ts';

/** As many failures in a row as fit, with their delays, into the deadline. */
const FAILURES_OVERDUE = 10;

/**
 * What has happened did not happen in the future: where a clock that was wrong has written so, it is
 * taken for now. A pull would be begun again and again until that time, a process not restarted.
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
 * The state after an exit: when to restart, and what to say.
 * @param lastLines null: they could not be read.
 */
export function exitCount(
  state: ContainerState,
  observed: ContainerObservation,
  lastLines: string | null,
  now: Date,
): Partial<ContainerState> {
  const counted = { exitRef: observed.ref, exitFinishedAt: observed.finishedAt };
  // We asked it to end for a change that was then taken back: no fault of the process.
  if (state.stopRef === observed.ref) return { ...counted, stopRef: null, stopRequestedAt: null };
  const failure = failureCount(state, now);
  const ended = observed.outOfMemory
    ? 'The process was killed because it used more than its 1 GiB of memory'
    : exitedSentence(observed.exitCode);
  // The database holds no NUL.
  const lines = lastLines?.replaceAll('\0', '\uFFFD').trim();
  const downReason = isCrashLoop(failure.exitTimes) ? 'crash_loop' : 'exited';
  return {
    ...failure,
    ...counted,
    statusReason: observed.outOfMemory ? 'out_of_memory' : downReason,
    statusMessage: exitSentence(ended, lines),
  };
}

/** What to say of a process as soon as the engine tells of its end, before more is known. */
export function endTell({ exitCode }: ContainerEnd) {
  return {
    status: 'failed',
    status_reason: 'exited',
    status_message: `${exitedSentence(exitCode)}; its last lines are being read.`,
  } as const;
}

function exitedSentence(exitCode: number | null): string {
  return `The process exited with code ${exitCode ?? 'unknown'}`;
}

function exitSentence(ended: string, lines: string | undefined): string {
  if (lines === undefined) return `${ended}. Its last lines could not be read.`;
  return lines === '' ? `${ended} and wrote nothing.` : `${ended}. Last lines:\n${lines}`;
}

/** What to say when nothing tells what should run. It is left as it is. */
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
 * What to say when the engine failed. A status never tells more than was seen.
 * @param observed undefined: the engine failed before it told anything.
 * @param failures in a row, this one among them.
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
  if (state.applied?.generation !== state.generation) {
    // No reason before the change has settled: clients take one as the end of waiting.
    if (!isPermanent && !isOverdue(state, failures, now)) {
      // Between two versions, with neither running, no status claims that one does.
      const isBetween = isSeenDown && state.applied !== null;
      return { statusMessage: error.message, ...(isBetween ? { status: 'failed' } : {}) };
    }
    const isDown = state.applied === null || isSeenDown;
    return isDown ? failed : reason;
  }
  if (isSeenDown) {
    // Why it is down is told already, unless this is why it stays so.
    const isTold = state.status === 'failed' && state.statusReason !== null && !isPermanent;
    return isTold ? {} : failed;
  }
  if (state.status !== 'running') return {};
  return isPermanent ? reason : { ...reason, statusReason: 'engine_error' };
}

/** Waiting for the org's own pulls is no failure: before its pull has begun, it takes a row of them. */
function isOverdue(state: ContainerState, failures: number, now: Date): boolean {
  if (now < settleDeadline(state)) return false;
  return state.pullStartedAt !== null || failures >= FAILURES_OVERDUE;
}

function failureCount(state: ContainerState, now: Date) {
  const exitTimes = exitTimesAdd(state.exitTimes, now);
  return {
    status: 'failed' as const,
    exitTimes,
    restartAt: later(now, restartDelayMs(exitTimes.length)),
  };
}
