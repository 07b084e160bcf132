import type { Kind } from '../reconciler/kind.ts';
import type { VolumeKindDeps } from './kind-store.ts';
import { volumeReconcilerCreate } from './reconcile.ts';
import { volumeSweeper } from './sweep.ts';

export function volumeKind(deps: VolumeKindDeps): Kind {
  const { store } = deps;
  return {
    kind: 'volume',
    reconcile: volumeReconcilerCreate(deps),
    sweep: volumeSweeper(deps),
    markUnknown: (since) =>
      store.volumesMarkUnknown(`${since}: whether this volume is in order is not known.`),
    wakeUnknown: (since, now) => store.volumesWakeUnknown(since, now),
  };
}
