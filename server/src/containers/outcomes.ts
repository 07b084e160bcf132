import type { ContainerObservation, EngineError } from '@dollarbox/engines/contract';
import { earliest, later } from './moments.ts';
import { type ContainerState, SETTLE_DEADLINE_MS } from './plan.ts';
import { exitTimesAdd, isCrashLoop, restartDelayMs } from './restart.ts';

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
    : `The process exited with code ${observed.exitCode ?? 'unknown'}`;
  const lines = lastLines?.trim();
  const downReason = isCrashLoop(failure.exitTimes) ? 'crash_loop' : 'exited';
  return {
    ...failure,
    ...counted,
    statusReason: observed.outOfMemory ? 'out_of_memory' : downReason,
    statusMessage: exitSentence(ended, lines),
  };
}

function exitSentence(ended: string, lines: string | undefined): string {
  if (lines === undefined) return `${ended}. Its last lines could not be read.`;
  return lines === '' ? `${ended} and wrote nothing.` : `${ended}. Last lines:\n${lines}`;
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
 */
export function engineFailureTell(
  state: ContainerState,
  observed: ContainerObservation | null | undefined,
  error: EngineError,
  now: Date,
): Partial<ContainerState> {
  const isPermanent = error.kind === 'permanent';
  const isSeenDown = observed !== undefined && observed?.state !== 'running';
  const reason = { statusReason: error.reason, statusMessage: error.message };
  const failed: Partial<ContainerState> = { ...reason, status: 'failed' };
  if (state.applied?.generation !== state.generation) {
    const deadline = later(state.pullStartedAt ?? state.attemptAt, SETTLE_DEADLINE_MS);
    // No reason before the change has settled: clients take one as the end of waiting.
    if (!isPermanent && now < deadline) return { statusMessage: error.message };
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

function failureCount(state: ContainerState, now: Date) {
  const exitTimes = exitTimesAdd(state.exitTimes, now);
  return {
    status: 'failed' as const,
    exitTimes,
    restartAt: later(now, restartDelayMs(exitTimes.length)),
  };
}
