import type { Kind } from '../reconciler/kind.ts';
import type { ContainerKindDeps } from './kind-store.ts';
import { containerReconcilerCreate } from './reconcile.ts';
import { containerSweep } from './sweep.ts';

export function containerKind(deps: ContainerKindDeps): Kind {
  const { store } = deps;
  return {
    kind: 'container',
    reconcile: containerReconcilerCreate(deps),
    sweep: () => containerSweep(deps),
    markUnknown: (since) =>
      store.containersMarkUnknown(`${since}: whether this container still runs is not known.`),
    wakeUnknown: (since, now) => store.containersWakeUnknown(since, now),
    markEnded: (id, ended, now) => store.containerMarkEnded(id, ended, now),
  };
}
