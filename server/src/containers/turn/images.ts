// The images of a container, as a turn looks at them and pulls them.
import type { ImageRequest, PullPolicy } from '@dollarbox/engines/contract';
import { failpoint } from '../../base/failpoints.ts';
import type { Step } from '../plan/step.ts';
import type { Turn } from './turn.ts';

/** Joins a pull that another container started: with this org's own slots it may proceed sooner. */
export async function imageLookAt(turn: Turn, ref: string): Promise<void> {
  const { images } = turn.deps.engine;
  const request = imageRequest(turn, ref);
  const image = await images.observe(request);
  if (image.state !== 'queued' && image.state !== 'pulling') {
    if (image.state === 'present') countFrom(turn, ref, image.pulledAt);
    turn.images.set(ref, image);
    return;
  }
  turn.lease.require();
  turn.images.set(ref, await images.ensure(request));
}

export async function imagePull(
  turn: Turn,
  { ref, since, state }: Extract<Step, { do: 'pull' }>,
): Promise<void> {
  turn.learn(state ?? {});
  failpoint('pull.before');
  turn.images.set(ref, await turn.deps.engine.images.ensure(imageRequest(turn, ref, since)));
  failpoint('pull.after');
}

/** After its pull, a change has a deadline of its own, counted from the end of the pull. */
function countFrom(turn: Turn, ref: string, pulledAt: Date | undefined): void {
  const { applied, generation, desired, pullStartedAt, attemptAt } = turn.state;
  const isOfChange = ref === desired.image && applied?.generation !== generation;
  if (!isOfChange || pulledAt === undefined || pulledAt <= (pullStartedAt ?? attemptAt)) return;
  turn.learn({ pullStartedAt: pulledAt });
}

function imageRequest(turn: Turn, ref: string, since = turn.state.attemptAt): ImageRequest {
  const { tenantId, desired, applied } = turn.state;
  return {
    ref,
    tenantId,
    since,
    containerId: turn.claim.id,
    pullPolicy: pullPolicy(turn, ref),
    wanted: [desired.image, applied?.version.image ?? ref],
  };
}

function pullPolicy({ state }: Turn, ref: string): PullPolicy {
  if (ref !== state.desired.image) return 'if_not_present';
  return state.pullAgainAt === null ? state.pullPolicy : 'always';
}
