// What the plan of a container is made from, and the steps that it consists of.
import type {
  ContainerObservation,
  ContainerSpec,
  Engine,
  ImageState,
  VolumeMount,
} from '@dollarbox/engines/contract';
import type { Applied, ContainerState } from '../state.ts';
import type { VolumeLook } from '../volume-block.ts';

/** Everything that a plan is made from. */
export interface World {
  state: ContainerState;
  observed: ContainerObservation | null;
  /** By reference. Images that are missing here were not checked yet. */
  images: ReadonlyMap<string, ImageState>;
  /** The engine's answers about volumes, by id. Volumes that are missing here were not checked yet. */
  volumeLooks: ReadonlyMap<number, VolumeLook>;
  /** Who restarts processes. */
  restarts: Engine['restarts'];
  /** Why there is no room for the volumes of the image, as found in this turn; null: it was not tried. */
  noRoom: string | null;
  now: Date;
}

/** What to do next. Every step but `settle` changes the world, and is followed by a new plan. */
export type Step =
  | { do: 'lookAtImage'; ref: string }
  /** `since`: earlier results do not count; default: the state's `attemptAt`. */
  | { do: 'pull'; ref: string; since?: Date; state?: Partial<ContainerState> }
  | { do: 'lookAtVolumes'; mounts: readonly VolumeMount[] }
  /** Give the container volumes for these `VOLUME`s of its image. */
  | { do: 'addImageVolumes'; paths: readonly string[] }
  /** As in the engine's verb: 0 removes the object now. */
  | { do: 'end'; ref: string; graceMs: number }
  /** `isPulledAgain`: from the image that a client wanted pulled again. */
  | {
      do: 'apply';
      spec: ContainerSpec;
      generation: number;
      isRestart: boolean;
      isPulledAgain: boolean;
    }
  /** Count exits: read the last lines, then plan again with the state that `exitsCount` returns. */
  | {
      do: 'countExit';
      observed: ContainerObservation;
      /** Was created, but not recorded. */ made?: Applied;
    }
  /** `retryAt`: when what has failed is tried again. Omitted: nothing has, it is being tried, or that is not known. */
  | { do: 'settle'; state: Partial<ContainerState>; dueAt: Date | null; retryAt?: Date }
  /** Nothing of it is left on the engine: delete the row. */
  | { do: 'forget' };
