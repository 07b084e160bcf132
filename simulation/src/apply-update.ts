import type { ContainerDesired } from '../../server/src/containers/rules.ts';
import type { DesireStore } from './stores/desire-store.ts';
import type { Model, ModelContainer } from './world/model.ts';
import { exitsUncounted } from './world/exits.ts';
import { OURS } from './world/installations.ts';
import type { Stage } from './world/stage.ts';
import { type Witness, claimKey, countUp } from './world/witness.ts';

/** The item that a fraction refers to. */
export function at<T>(items: readonly T[], fraction: number): T | undefined {
  return items[Math.floor(fraction * items.length)];
}

/** A client's PATCH, and the reply that it gets. */
export async function update(
  stage: Stage,
  desire: DesireStore,
  { id, orgId }: ModelContainer,
  change: Partial<ContainerDesired>,
): Promise<void> {
  if (stage.model.isSuspended(orgId)) return;
  const isMounted = (change.volumes ?? []).some(({ volume }) => {
    const mounter = stage.model.mounterOf(volume);
    return mounter !== null && mounter.id !== id;
  });
  const outcome = await desire.containerUpdate(orgId, id, change, stage.clock.now());
  const before = stage.model.containers.get(id)?.generation;
  const due = isMounted ? 'volume_refused' : 'done';
  if (outcome !== due) stage.witness.fail('acknowledged', `a PATCH of ${id} is ${outcome}`);
  if (isMounted) return;
  stage.model.updated(id, change);
  graceNote(stage.witness, id, change);
  const after = stage.model.containers.get(id)?.generation;
  if (before !== after) stage.witness.starts.set(id, startsUncounted(stage, id));
  stage.witness.trace(`client: ${id} is changed: ${JSON.stringify(change)}, generation ${after}`);
  stage.signalSend(null);
}

/** Restarts of the former spec that nobody has counted yet count as restarts of the present one. */
function startsUncounted({ tables, world }: Stage, id: number): number {
  const state = tables?.containers.get(id)?.state;
  if (state !== undefined) return exitsUncounted(world, state);
  return world.containerFind(OURS, id)?.exits ?? 0;
}

/** Notes how long a client lets the processes of a container take to end. */
export function graceNote(
  witness: Witness,
  id: number,
  { stop_grace_seconds: seconds }: Partial<ContainerDesired>,
): void {
  if (seconds === undefined) return;
  const ms = seconds * 1000;
  witness.graceMs.set(id, Math.min(ms, witness.graceMs.get(id) ?? ms));
}

/** What a client asks of the process of a container. */
export async function processAsk(
  { model, witness, clock, signalSend }: Stage,
  desire: DesireStore,
  one: ModelContainer,
  action: { do: 'clientStop' | 'clientStart' } | { do: 'clientRestart'; pull: boolean },
): Promise<void> {
  const { id, orgId } = one;
  if (model.isSuspended(orgId)) return;
  countUp(witness.reasons, claimKey({ kind: 'container', id }));
  const now = clock.now();
  const isThere =
    action.do === 'clientRestart'
      ? await desire.containerRestart(orgId, id, action.pull, now)
      : await desire[action.do === 'clientStop' ? 'containerStop' : 'containerStart'](
          orgId,
          id,
          now,
        );
  if (!isThere) witness.fail('acknowledged', `${id} is not there for a ${action.do}`);
  one.isStopped = action.do === 'clientStop';
  witness.trace(`client: ${action.do} of ${id}`);
  signalSend(null);
}

/** Suspends an org, or ends its suspension. */
export async function suspensionSwitch(
  { whole, witness, clock, signalSend }: Stage,
  desire: DesireStore,
  org: Model['orgs'][number],
): Promise<void> {
  // Also the volumes of images, which no client asked for.
  const { containers, volumes } = await whole.snapshot();
  for (const [kind, rows] of [
    ['container', containers],
    ['volume', volumes],
  ] as const) {
    for (const [id, { state }] of rows) {
      if (state.tenantId === org.id) countUp(witness.reasons, claimKey({ kind, id }));
    }
  }
  if (org.isSuspended) await desire.orgResume(org.id, clock.now());
  else await desire.orgSuspend(org.id, clock.now());
  org.isSuspended = !org.isSuspended;
  witness.trace(`operator: org ${org.id} is ${org.isSuspended ? 'suspended' : 'resumed'}`);
  signalSend(null);
}
