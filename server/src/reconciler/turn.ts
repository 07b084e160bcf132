import type { Claim } from './store.ts';

/** A worker's hold on an object. */
export interface Lease {
  /** @throws LeaseLost if less time is left than the longest verb may take. */
  require(): void;
}

/** Thrown instead of starting a verb that might outlast the lease. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

/**
 * Brings one object as close to its desired state as is currently possible, and records the result. Reads everything it
 * needs.
 */
export type Reconcile = (claim: Claim, lease: Lease) => Promise<void>;
