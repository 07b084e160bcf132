import type { ContainerDesired } from '../containers/rules.ts';
import type { DesireStore } from './desire-store.ts';
import type { ModelContainer } from './model.ts';
import type { Stage } from './stage.ts';

/** Which of those that there are a fraction means. */
export function at<T>(items: readonly T[], fraction: number): T | undefined {
  return items[Math.floor(fraction * items.length)];
}

/** A client's PATCH, and what it is told. */
export async function update(
  stage: Stage,
  desire: DesireStore,
  { id, orgId }: ModelContainer,
  change: Partial<ContainerDesired>,
): Promise<void> {
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
  const after = stage.model.containers.get(id)?.generation;
  if (before !== after) stage.witness.starts.set(id, 0);
  stage.witness.trace(`client: ${id} is changed: ${JSON.stringify(change)}, generation ${after}`);
  stage.signalSend(null);
}
