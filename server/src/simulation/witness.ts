import type { VirtualClock } from '@dollarbox/engines/fake/clock';
import type { Claim, WorkKind } from '../reconciler/store.ts';

/** What must hold did not. */
export interface Failure {
  /** A short name of what must hold. */
  invariant: string;
  message: string;
  atMs: number;
}

/** A verb that makes or starts an object, on its way. */
export interface Applying {
  kind: WorkKind;
  id: number;
  /** Whoever asked has given up on it, or has lost the object: what it makes comes too late. */
  isLate(): boolean;
}

/**
 * What has happened in the world and at the store, as far as checks need it. The first failure
 * stands; the run ends at the next opportunity.
 */
export interface Witness {
  readonly failure: Failure | null;
  fail(invariant: string, message: string): void;
  trace(line: string): void;
  /** Something happened to an object of this id since somebody was made to look at it. */
  dirty: Map<number, number>;
  /** By id: exits and failed starts of its processes. */
  ends: Map<number, number>;
  /** By id: starts of its processes since the last change of its spec. */
  starts: Map<number, number>;
  /** By id: when its process was last not up, in milliseconds. */
  downAt: Map<number, number>;
  /** By id: when a turn last recorded, in milliseconds. */
  recordedAt: Map<number, number>;
  /** By id: hashes of specs that objects were made from. */
  made: Map<number, Set<string>>;
  /** By identity of a container's object: when it was made, in milliseconds. */
  madeAt: Map<string, number>;
  /** Objects made by a verb that came too late. */
  late: Set<string>;
  /** By identity of an object: who asked to remove it, and whether its process ran then. */
  removals: Map<string, { by: 'turn' | 'sweep'; isUp: boolean }>;
  /** By identity of an object: when it was first asked to end, in milliseconds. */
  stops: Map<string, number>;
  applying: Set<Applying>;
  /** By `claimKey`: claims of it. */
  turns: Map<string, number>;
  /** By id: something happened to a volume since somebody was made to look at it. */
  volumeDirty: Map<number, number>;
  /** By uid: all that processes have written into a volume. */
  written: Map<string, string>;
  /** By identity of a container's object: uids of the volumes that it was made with. */
  mounts: Map<string, readonly string[]>;
  /** Identities of volumes that vanished behind everybody's back. */
  vanished: Set<string>;
  /** What a test does itself is going on. */
  isTampering: boolean;
  /** Nobody's clock has been wrong lately. */
  clocksAreRight(): boolean;
  clockWrong(forMs: number): void;
}

/** @param lines where a readable account goes; null: none is kept. */
export function witnessCreate(clock: VirtualClock, lines: string[] | null): Witness {
  const startMs = clock.now().getTime();
  let failure: Failure | null = null;
  let wrongUntilMs = 0;

  function trace(line: string): void {
    if (lines === null) return;
    const seconds = (clock.now().getTime() - startMs) / 1000;
    lines.push(`${seconds.toFixed(3).padStart(10)} s  ${line}`);
  }

  return {
    get failure() {
      return failure;
    },
    fail(invariant, message) {
      trace(`!! ${invariant}: ${message}`);
      failure ??= { invariant, message, atMs: clock.now().getTime() - startMs };
    },
    trace,
    dirty: new Map(),
    ends: new Map(),
    starts: new Map(),
    downAt: new Map(),
    recordedAt: new Map(),
    made: new Map(),
    madeAt: new Map(),
    late: new Set(),
    removals: new Map(),
    stops: new Map(),
    applying: new Set(),
    turns: new Map(),
    volumeDirty: new Map(),
    written: new Map(),
    mounts: new Map(),
    vanished: new Set(),
    isTampering: false,
    clocksAreRight: () => clock.now().getTime() > wrongUntilMs,
    clockWrong(forMs) {
      wrongUntilMs = Math.max(wrongUntilMs, clock.now().getTime() + forMs);
    },
  };
}

export function countUp<Key>(counts: Map<Key, number>, id: Key): void {
  counts.set(id, (counts.get(id) ?? 0) + 1);
}

export function claimName(claim: Claim): string {
  return `${claimKey(claim)}#${claim.fence}`;
}

/** One object among those of all kinds. */
export function claimKey({ kind, id }: { kind: WorkKind; id: number }): string {
  return kind === 'container' ? `${id}` : `${kind} ${id}`;
}

/** Whether nobody waits any more for what is just being made. */
export function isMadeLate(witness: Witness, kind: WorkKind, id: number): boolean {
  const callers = [...witness.applying].filter(
    (applying) => applying.kind === kind && applying.id === id,
  );
  return callers.every((applying) => applying.isLate());
}
