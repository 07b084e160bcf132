/** The kind of object that a row of the queue is for: the name of a registered kind (`kind.ts`). */
export type WorkKind = string;

/** One claimed object. Only the holder of the fence may record. */
export interface Claim {
  kind: WorkKind;
  id: number;
  /** 0 if the row was written by a version that did not record the org yet. */
  orgId: number;
  fence: number;
  /** How often the object had been woken. */
  wakeSeq: number;
  /** How many hints the engine had sent about it. */
  hintSeq: number;
  /** How many of its turns had failed in a row. */
  failures: number;
  /** How many of its turns in a row had ended in a call that the engine did not answer. */
  hangs: number;
  /** Since when it had been due. */
  dueAt: Date;
}

/** How the places of a worker are shared among orgs. */
export interface OrgPlaces {
  /** How many places one org may have while no other org needs the engine. */
  perOrg: number;
  /** How many of the worker's places each org has at the moment. */
  held: ReadonlyMap<number, number>;
  /** The orgs that have had a place a moment ago. */
  recent: ReadonlySet<number>;
  /** When the oldest turn began that each org has under way. Turns that others don't wait for are left out. */
  begunAt: ReadonlyMap<number, Date>;
  /** When the last turn of each org ended, of those that have had a place a moment ago. */
  endedAt: ReadonlyMap<number, Date>;
  /** How many of the places that are free may be given to objects that are put aside. */
  aside: number;
}

/** When a released object has its next turn. */
export interface NextTurn {
  /** null: it is at rest until it is woken. */
  dueAt: Date | null;
  /** How many of its turns have failed in a row. If above 0, hints from the engine do not bring `dueAt` forward. */
  failures: number;
  /** How many of them in a row have ended in a call that the engine did not answer; default 0. */
  hangs?: number;
}

/** Thrown, with nothing written, if another worker has taken the object over. */
export class FenceLost extends Error {
  override readonly name = 'FenceLost';
}

/**
 * The queue. Like every part of the reconciler's store, it is in PostgreSQL in the product and in memory in
 * simulations; both pass the same suite. The rest of what a kind needs is in its `kind-store.ts`.
 */
export interface WorkStore {
  /**
   * Makes an object due now, whatever its current delay: used after a client's write, and when something that the
   * object waited for has happened. While a worker holds the object, it stays with that worker: the incremented counter
   * makes it due again when it is released.
   */
  workWake(kind: WorkKind, id: number, now: Date): Promise<void>;
  /**
   * Handles a hint from the engine: the object is due now, as after `workWake`, unless its last turn failed or the turn
   * under way fails. A failure often causes hints, and those must not end the failure's own delay.
   */
  workHint(kind: WorkKind, id: number, now: Date): Promise<void>;
  /**
   * Claims up to `limit` due objects. Orgs take turns, and the longest due objects of each org come first, those that are
   * put aside after all others. A claimed object is due again when its lease ends, so the objects of a dead worker are taken over automatically.
   * @param places default: one org may take every place.
   */
  workClaim(
    worker: number,
    now: Date,
    leaseMs: number,
    limit: number,
    places?: OrgPlaces,
  ): Promise<Claim[]>;
  /**
   * Releases a claimed object. It is due as `next` says, or at once if it was woken in the meantime, or if the turn
   * succeeded and the engine sent a hint about it.
   * @returns false if another worker has taken over; then nothing was written.
   */
  workRelease(claim: Claim, now: Date, next: NextTurn): Promise<boolean>;
  /**
   * Extends the leases that a living worker still holds. It never shortens them, because an earlier request may arrive
   * later. @returns the claims that the worker still holds.
   */
  workRenew(worker: number, held: readonly Claim[], until: Date): Promise<Set<Claim>>;
  /** Frees the objects that dead workers hold before their leases end. @returns how many. */
  workReclaimDead(now: Date): Promise<number>;
  /** When the first object after the given time is due, or null if there is none. */
  workNextDue(after: Date): Promise<Date | null>;
}
