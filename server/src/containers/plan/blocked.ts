// A container that can't be started, or changed, because of a volume.
import { later } from '../../base/moments.ts';
import { settleDeadline } from '../state.ts';
import type { VolumeBlock } from '../volume-block.ts';
import { LOOK_AGAIN_MS } from './delays.ts';
import type { Step, World } from './step.ts';

/** Nothing runs, and nothing can be started because of a volume. */
export function blockedPlan(world: World, block: VolumeBlock, isNew: boolean): Step {
  const { reason, message } = block;
  // Only a container that never ran may still be shown as on its way.
  const isWaiting = isNew && !isSettled(world, block);
  const isFirst = isWaiting && world.state.applied === null;
  return {
    do: 'settle',
    state: {
      ...(isFirst ? {} : { status: 'failed' }),
      // No reason before the change has settled: clients take a reason as the end of their wait.
      statusReason: isWaiting ? null : reason,
      statusMessage: message,
      // Record that the object is gone. Otherwise each sweep would report it as missing, possibly forever.
      appliedRef: world.observed?.ref ?? null,
    },
    dueAt: blockDueAt(world, block),
  };
}

/** Whether a block is reported as a failure. It is still checked whether the obstacle has gone. */
export function isSettled({ state, now }: World, block: VolumeBlock): boolean {
  return block.waitsFor === 'none' || now >= settleDeadline(state);
}

/** A volume wakes the container that mounts it; a holder wakes the waiting containers too, but that can fail. */
export function blockDueAt(world: World, block: VolumeBlock): Date | null {
  if (block.waitsFor === 'holder') return later(world.now, LOOK_AGAIN_MS);
  return isSettled(world, block) ? null : settleDeadline(world.state);
}
