// An object that is the right one: what is reported about it while nothing has to be done, and when it is looked at again.
import type { ContainerObservation, ContainerObstacle } from '@dollarbox/engines/contract';
import { earliest, later } from '../../base/moments.ts';
import { isCrashLoop, restartDelayMs } from '../restart.ts';
import { type Applied, type ContainerState, SETTLE_DEADLINE_MS } from '../state.ts';
import { LOOK_AGAIN_MS, SETTLED_RETRY_MS } from './delays.ts';
import { stopGraceMs } from './retire.ts';
import type { Step, World } from './step.ts';

/** A process that has been up for this long has recovered from its exits, in milliseconds. */
const STABLE_AFTER_MS = 60_000;
/** When a process is looked at after its start, in milliseconds: servers need a moment before they listen. */
const NOTICE_AFTER_MS = [5000, 30_000, 120_000];
/** An obstacle that lasts longer is reported as a failure: the engine may be about to overcome it, with another node. */
const OBSTACLE_SETTLE_MS = 30_000;

/** The process runs. After a minute its exits are forgotten; in a crash loop it is reported as running only then. */
export function upPlan(
  state: ContainerState,
  applied: Applied,
  observed: ContainerObservation,
  now: Date,
): Step {
  const stableAt = later(earliest(observed.startedAt ?? now, now), STABLE_AFTER_MS);
  const up: Partial<ContainerState> = {
    status: 'running',
    statusReason: null,
    statusMessage: null,
    restartAt: null,
    // It was restarted without this having been recorded, or the engine restarted it.
    restartCount: state.restartCount + (state.restartAt === null ? 0 : 1),
    applied,
    appliedRef: observed.ref,
    warnings: observed.warnings ?? [],
  };
  if (state.stopRef === observed.ref && state.stopRequestedAt !== null) {
    // The change for which it was asked to end was reverted. It may still end, or ignore the signal.
    const endsBy = later(state.stopRequestedAt, stopGraceMs(state));
    if (now < endsBy) return { do: 'settle', state: up, dueAt: endsBy };
    Object.assign(up, { stopRef: null, stopRequestedAt: null });
  }
  const lookAt = noticeAt(observed, now);
  if (state.exitTimes.length === 0) return { do: 'settle', state: up, dueAt: lookAt };
  if (now >= stableAt) return { do: 'settle', state: { ...up, exitTimes: [] }, dueAt: lookAt };
  if (!isCrashLoop(state.exitTimes)) return { do: 'settle', state: up, dueAt: stableAt };
  const { status: _status, statusReason: _reason, statusMessage: _message, ...rest } = up;
  return { do: 'settle', state: rest, dueAt: stableAt };
}

/** When to see again what can be noticed about a process that has started recently; null: it can't be told, or no more. */
function noticeAt({ warnings, startedAt }: ContainerObservation, now: Date): Date | null {
  if (warnings === null || startedAt === null) return null;
  const times = NOTICE_AFTER_MS.map((ms) => later(startedAt, ms));
  return times.find((time) => time > now) ?? null;
}

/** The engine will start the process by itself, and reports when it has. */
export function engineStartPlan(
  { state, now }: World,
  observed: ContainerObservation,
  applied: Applied,
): Step {
  const { restartAt } = state;
  const found = { applied, appliedRef: observed.ref };
  if (observed.state === 'exited') {
    const againAt = later(now, restartDelayMs(state.exitTimes.length));
    const dueAt = restartAt !== null && now < restartAt ? restartAt : againAt;
    const downReason = isCrashLoop(state.exitTimes) ? 'crash_loop' : 'exited';
    const statusReason = state.statusReason ?? downReason;
    return { do: 'settle', state: { ...found, status: 'failed', statusReason }, dueAt };
  }
  if (observed.obstacle !== undefined) return obstaclePlan(found, observed.obstacle, now);
  const isLate = now >= later(observed.createdAt, SETTLE_DEADLINE_MS);
  return {
    do: 'settle',
    state: {
      ...found,
      ...(isLate ? { status: 'failed', statusReason: 'timeout' } : {}),
      statusMessage: 'The engine has not started the process yet.',
    },
    dueAt: later(now, LOOK_AGAIN_MS),
  };
}

/** The engine says itself why it does not run the process. It goes on trying, and reports when it has. */
export function obstaclePlan(
  found: Partial<ContainerState>,
  { reason, message, since }: ContainerObstacle,
  now: Date,
): Step {
  const settlesAt = later(since, OBSTACLE_SETTLE_MS);
  const isLate = now >= settlesAt;
  return {
    do: 'settle',
    state: {
      ...found,
      ...(isLate ? { status: 'failed', statusReason: reason } : {}),
      statusMessage: message,
    },
    dueAt: isLate ? later(now, SETTLED_RETRY_MS) : settlesAt,
  };
}
