import type { Claim } from '../../../server/src/reconciler/store.ts';
import type { WorkSignal } from '../../../server/src/reconciler/work-signal.ts';
import type { Life } from './life.ts';

/** A simulated process with the product's own loop, reconcile and watch in it. */
export interface SimulatedProcess {
  name: string;
  life: Life;
  signal: WorkSignal;
  /** Claims whose turns are running in it. */
  claims: Set<Claim>;
  /** Loses its session with the database for a while. */
  sessionCut(forMs: number): void;
  /**
   * Sets the clock of its machine off by this much, and has the process know the database's time as badly as it may
   * while it is sure.
   */
  clockShift(byMs: number): void;
  imagesCollect(): void;
  /** Ends as on SIGTERM. */
  stop(): void;
  /** Calls `listener` when the process has died or ended. */
  onEnded(listener: () => void): void;
}
