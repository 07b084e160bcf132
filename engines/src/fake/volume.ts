import type { VolumePhase, VolumeSpec, VolumeStorage } from '../contract.ts';

export interface FakeVolume {
  ref: string;
  installationId: string;
  spec: VolumeSpec;
  phase: VolumePhase;
  /** It is bound when a container that mounts it starts. */
  waitsForConsumer: boolean;
  storage: VolumeStorage;
  /** Everything that was written into it. It belongs to the volume: the next container that mounts it finds it. */
  data: string;
}

/** How a fake world binds new volumes. */
export type VolumeBinding =
  /** By itself, after `takesMs`; 0: before `apply` returns. */
  | { mode: 'immediate'; takesMs: number }
  /** When a container that mounts it starts. */
  | { mode: 'first-consumer' };
