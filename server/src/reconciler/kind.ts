import type { ContainerEnd } from '@dollarbox/engines/contract';
import type { Reconcile } from './turn.ts';

/** What a kind of object registers with the reconciler, which knows nothing else about it. */
export interface Kind {
  /** The name of the kind in the queue and in the engine's hints. */
  kind: string;
  /** Omitted for a kind whose objects have no turns. */
  reconcile?: Reconcile;
  /** Compares all of the engine's objects of this kind with the table, both ways. */
  sweep(): Promise<void>;
  /**
   * Records that the state of all objects may have changed since it was last observed.
   * @param since a clause that says since when the engine has been silent.
   */
  markUnknown?(since: string): Promise<void>;
  /**
   * The engine is back: wakes the objects whose state was marked unknown and those whose last turn failed. Each is
   * woken once per outage, however many processes report its end.
   * @param since when the outage began.
   */
  wakeUnknown?(since: Date, now: Date): Promise<void>;
  /** The engine reported how the process of an object ended: records that, and makes the object due. */
  markEnded?(id: number, ended: ContainerEnd, now: Date): Promise<void>;
}
