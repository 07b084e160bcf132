import type { VirtualClock } from '@dollarbox/engines/fake/clock';
import type { Claim, WorkKind } from '../../../server/src/reconciler/store.ts';

/** A violated invariant. */
export interface Failure {
  /** A short name of the invariant. */
  invariant: string;
  message: string;
  atMs: number;
}

/** A verb under way that creates or starts an object. */
export interface Applying {
  kind: WorkKind;
  id: number;
  /** Whether the caller has given up, or has lost the object: what the verb creates comes too late. */
  isLate(): boolean;
}

/** A request to remove an object. */
interface Removal {
  by: 'turn' | 'sweep';
  /** Its process ran at that time. */
  isUp: boolean;
  /** The number of the run whose start had been recorded at that time; null: the latest one had not. */
  seenRun: number | null;
  /** A turn had seen by then that its process has ended, and the engine still had its lines. */
  isWhole: boolean;
  isLate(): boolean;
}

/**
 * What has happened in the world and at the store, as far as checks need it. The first failure counts, and the run ends
 * at the next opportunity.
 */
export interface Witness {
  readonly failure: Failure | null;
  fail(invariant: string, message: string): void;
  trace(line: string): void;
  /** By id: something happened to the object since it was last made due. */
  dirty: Map<number, number>;
  /** By id: exits and failed starts of its processes. */
  ends: Map<number, number>;
  /** By id: starts of its processes since the last change of its spec. */
  starts: Map<number, number>;
  /** By id: when its process was last not up, in milliseconds. */
  downAt: Map<number, number>;
  /** By id: when a turn last recorded, in milliseconds. */
  recordedAt: Map<number, number>;
  /** By id: hashes of the specs from which objects were created. */
  made: Map<number, Set<string>>;
  /** By identity of a container's object: when it was created, in milliseconds. */
  madeAt: Map<string, number>;
  /** Objects created by a verb that came too late. */
  late: Set<string>;
  /** By identity of an object: the last request to remove it. */
  removals: Map<string, Removal>;
  /** By identity of an object: the last request to kill its process. */
  kills: Map<string, { isLate(): boolean }>;
  /** Identities of objects whose lines could not be read. */
  unread: Set<string>;
  /** Identities of objects whose process a turn has seen ended after it was asked to. */
  ended: Set<string>;
  /** By identity of an object: when it was first asked to end, in milliseconds. */
  stops: Map<string, number>;
  /** By id: the shortest time to end that clients have ever asked for, in milliseconds. */
  graceMs: Map<number, number>;
  applying: Set<Applying>;
  /** By `claimKey`: claims of it. */
  turns: Map<string, number>;
  /** Claims for whose container or volume a verb has not ended within its deadline. */
  hung: WeakSet<Claim>;
  /** By `claimKey`: how often something has happened that may end the delay after a failure. */
  reasons: Map<string, number>;
  /** By `claimKey`: the delay after a failed turn, during which no other turn starts without a reason. */
  delays: Map<string, { untilMs: number; reasons: number }>;
  /** By id: something happened to the volume since it was last made due. */
  volumeDirty: Map<number, number>;
  /** By uid: everything that processes have written into a volume. */
  written: Map<string, string>;
  /** By identity of a container's object: uids of the volumes with which it was created. */
  mounts: Map<string, readonly string[]>;
  /** By id and path: uid of the volume that a container first had at a `VOLUME` of its image. */
  imageVolumes: Map<string, string>;
  /** Identities of volumes that vanished without anybody's knowledge. */
  vanished: Set<string>;
  /** The test itself is manipulating the world. */
  isTampering: boolean;
  /** Whether no clock has been wrong recently. */
  clocksAreRight(): boolean;
  clockWrong(forMs: number): void;
}

/** @param lines where a readable account is written; null: none is kept. */
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
    kills: new Map(),
    unread: new Set(),
    ended: new Set(),
    stops: new Map(),
    graceMs: new Map(),
    applying: new Set(),
    turns: new Map(),
    hung: new WeakSet(),
    reasons: new Map(),
    delays: new Map(),
    volumeDirty: new Map(),
    written: new Map(),
    mounts: new Map(),
    imageVolumes: new Map(),
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

/** The key of an object among those of all kinds. */
export function claimKey({ kind, id }: { kind: WorkKind; id: number }): string {
  return kind === 'container' ? `${id}` : `${kind} ${id}`;
}

/** Whether nobody waits any more for the object that is being created. */
export function isMadeLate(witness: Witness, kind: WorkKind, id: number): boolean {
  const callers = [...witness.applying].filter(
    (applying) => applying.kind === kind && applying.id === id,
  );
  return callers.every((applying) => applying.isLate());
}
