// When a plan looks or tries again, and when it reports what has not succeeded, in milliseconds.
import { earliest, later } from '../../base/moments.ts';
import { SETTLE_DEADLINE_MS } from '../state.ts';

/** While waiting for something that an event should report, check again at this interval, in milliseconds. */
export const LOOK_AGAIN_MS = 5000;

/** After a failure that was reported, the first try and the longest delay before the others. */
export const SETTLED_RETRY_MS = 300_000;
export const SETTLED_RETRY_MAX_MS = 3_600_000;
/** The same for a pull that has failed and may soon succeed. */
export const PULL_RETRY_MS = 2000;
export const PULL_RETRY_MAX_MS = 60_000;
/** If a registry has not answered at all for this long, its next failure settles, so that it settles within 30 s. */
export const UNREACHABLE_SETTLE_MS = 18_000;
const PULL_MAX_MS = 3_600_000;

/** A pull that receives data may continue, for an hour at most. */
export function pullDeadline(startedAt: Date, progressAt: Date): Date {
  const aliveAt = progressAt > startedAt ? progressAt : startedAt;
  return earliest(later(aliveAt, SETTLE_DEADLINE_MS), later(startedAt, PULL_MAX_MS));
}
