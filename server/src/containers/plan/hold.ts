// A change that has to wait, or that can't be applied, while the applied version is kept running.
import type { ImageFailure } from '@dollarbox/engines/contract';
import { earliest } from '../../base/moments.ts';
import type { ContainerState } from '../state.ts';
import { retirePlan } from './retire.ts';
import { runPlan } from './run.ts';
import type { Step, World } from './step.ts';

/** Reasons that refer to a change that can't be applied, not to a process. */
export const IMAGE_REASONS: ReadonlySet<string> = new Set<ImageFailure>([
  'image_not_found',
  'image_pull_denied',
  'image_pull_error',
  'image_rejected',
]);

interface Hold {
  /** null: it will be woken. */
  dueAt: Date | null;
  /** Why the change can't be applied: it has settled. `retryAt`: as in a step. */
  failure?: { reason: string; message: string; retryAt?: Date };
  /** The progress to show until it has settled. */
  notice?: string;
}

/** The change must wait, or can't be applied: keeps the applied version running and repairs it. */
export function holdPlan(world: World, hold: Hold): Step {
  const { state, observed } = world;
  if (state.applied === null && hold.failure !== undefined && observed !== null) {
    // The object is of a version that was never recorded and has been superseded by a later one.
    return retirePlan(world, observed);
  }
  const step: Step =
    state.applied === null
      ? { do: 'settle', state: {}, dueAt: null }
      : runPlan(world, state.applied, {
          outstanding: isChange(state),
        });
  if (step.do !== 'settle') return step;
  const merged = { ...state, ...step.state };
  // A failed change has settled, and stays reported as failed while it is retried.
  const reported =
    hold.failure ??
    (isFailureReported(state)
      ? { reason: state.statusReason, message: state.statusMessage }
      : null);
  const evidence = merged.status === 'failed' ? (merged.statusMessage ?? null) : null;
  return {
    do: 'settle',
    state: {
      ...step.state,
      pullStartedAt: state.pullStartedAt,
      pullRetries: state.pullRetries,
      status: state.applied === null && reported !== null ? 'failed' : merged.status,
      // No reason before the change has settled: clients take a reason as the end of their wait.
      statusReason: reported?.reason ?? (isChange(state) ? null : (merged.statusReason ?? null)),
      statusMessage: reported?.message ?? hold.notice ?? evidence,
    },
    dueAt: step.dueAt && hold.dueAt ? earliest(step.dueAt, hold.dueAt) : (step.dueAt ?? hold.dueAt),
    ...retryOf(hold.failure?.retryAt, step.retryAt),
  };
}

/** What is tried first: the failed change, or the process of the applied version. While a change is tried, nothing is. */
function retryOf(change: Date | undefined, process: Date | undefined): { retryAt?: Date } {
  if (change === undefined) return {};
  return { retryAt: process === undefined ? change : earliest(change, process) };
}

/** Whether it is already reported why the change can't be applied. A container that never ran has no other reasons. */
export function isFailureReported(state: ContainerState): boolean {
  if (state.statusReason === null) return false;
  return state.applied === null || isImageFailureReported(state);
}

export function isImageFailureReported({ statusReason }: ContainerState): boolean {
  return statusReason !== null && IMAGE_REASONS.has(statusReason);
}

/** Whether there is a generation that is not applied, rather than an image to pull again. */
function isChange({ applied, generation }: ContainerState): boolean {
  return applied?.generation !== generation;
}
