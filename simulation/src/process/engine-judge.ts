// What a process may ask of the engine, judged when it asks: with which lease, in which order, and how often.
import {
  type ContainerSpec,
  ENGINE_TIMEOUT,
  EngineError,
  VERB_DEADLINE_MS,
  containerSpecHash,
} from '@dollarbox/engines/contract';
import type { Claim, WorkKind } from '../../../server/src/reconciler/store.ts';
import { workOf } from '../stores/memory-work.ts';
import { specOf } from '../stores/spec.ts';
import { OURS } from '../world/installations.ts';
import type { Life } from '../world/life.ts';
import type { Stage } from '../world/stage.ts';
import { type Applying, claimKey } from '../world/witness.ts';

/** How often one turn may try to start its container. */
const APPLIES_PER_TURN = 3;

/** Routine calls. They are only traced if they fail. */
const USUAL = new Set([
  'ping',
  'capacity',
  'containers.list',
  'tenants.list',
  'volumes.list',
  'volumes.tidy',
]);

export interface Actor {
  name: string;
  life: Life;
  claims: Set<Claim>;
}

/** Who calls the engine: a turn on an object that its process holds, or a sweep. */
export type Part = 'turn' | 'sweep';

export interface EngineJudge {
  part: Part;
  /** Calls and records a verb, whose result only reaches a living process. @param claim what the verb is called for. */
  verb<T>(text: string, effect: () => Promise<T>, claim?: Claim): Promise<T>;
  /** Creates an object, and lets a witness know while the creation is under way. */
  applied<T>(kind: WorkKind, id: number, text: string, make: () => Promise<T>): Promise<T>;
  /** The container that an object of the engine is for. */
  idOf(ref: string): number | null;
  /** The claim that a verb is called for, if it is called in a turn. */
  turnOn(kind: WorkKind, id: number | null): Claim | undefined;
  /** Whether what a verb does now comes too late: its caller is dead or has lost the object. */
  lateness(claim: Claim | undefined): () => boolean;
  /** No verb may start unless the object is held for as long as the verb may take. */
  requireLease(text: string, id: number | null, kind?: WorkKind): void;
  /** Nothing may be created while a former holder of its name exists. */
  requireName(spec: ContainerSpec): void;
  /** The process looks at a volume now. */
  look(uid: string): void;
  /** A process is asked to end, or removed. */
  formerJudge(ref: string): void;
}

export function engineJudgeCreate(stage: Stage, actor: Actor, part: Part): EngineJudge {
  const { witness, world, tables, clock } = stage;
  const { life, name } = actor;
  const applies = new WeakMap<Claim, number>();
  /** By uid of a volume: when this process last looked at it, in milliseconds. */
  const lookedAt = new Map<string, number>();

  /** @param claim what the verb is called for. */
  async function verb<T>(text: string, effect: () => Promise<T>, claim?: Claim): Promise<T> {
    const isUsual = USUAL.has(text);
    if (!isUsual) witness.trace(`${name}: ${text} …`);
    try {
      const result = await life.call(effect);
      if (!isUsual) witness.trace(`${name}: ${text} → ${shown(result)}`);
      return result;
    } catch (error) {
      witness.trace(`${name}: ${text} ✗ ${error instanceof Error ? error.message : 'error'}`);
      const hasHung = error instanceof EngineError && error.reason === ENGINE_TIMEOUT;
      if (hasHung && claim !== undefined) witness.hung.add(claim);
      throw error;
    }
  }

  function idOf(ref: string): number | null {
    return world.containers.get(ref)?.spec.id ?? null;
  }

  /** The claim of this process on an object, unless another process has taken it over. */
  function claimOn(kind: WorkKind, id: number): Claim | undefined {
    return [...actor.claims].find(
      (claim) => claim.kind === kind && claim.id === id && holdsClaim(claim),
    );
  }

  /** The claim that a verb is called for, if it is called in a turn. */
  function turnOn(kind: WorkKind, id: number | null): Claim | undefined {
    return part === 'sweep' || id === null ? undefined : claimOn(kind, id);
  }

  /** Whether what a verb does now comes too late: its caller is dead or has lost the object. */
  function lateness(claim: Claim | undefined): () => boolean {
    const askedMs = clock.now().getTime();
    return () => {
      const hasGivenUp = clock.now().getTime() - askedMs >= VERB_DEADLINE_MS;
      return hasGivenUp || !life.isAlive() || claim === undefined || !holdsClaim(claim);
    };
  }

  /** No verb may start unless the object is held for as long as the verb may take. */
  function requireLease(text: string, id: number | null, kind: WorkKind = 'container'): void {
    if (part === 'sweep' || id === null || tables === null) return;
    const untilMs = workOf(tables, kind).get(id)?.leaseUntil?.getTime() ?? 0;
    const isLong = untilMs - clock.now().getTime() >= VERB_DEADLINE_MS;
    if (claimOn(kind, id) !== undefined && isLong) return;
    witness.fail('lease', `${name} starts ${text} without holding ${id} for long enough`);
  }

  /** Creates an object, and lets a witness know while the creation is under way. */
  async function applied<T>(
    kind: WorkKind,
    id: number,
    text: string,
    make: () => Promise<T>,
  ): Promise<T> {
    const claim = claimOn(kind, id);
    if (claim !== undefined) {
      const count = (applies.get(claim) ?? 0) + 1;
      applies.set(claim, count);
      if (count > APPLIES_PER_TURN) {
        witness.fail('engine calls', `one turn of ${claimKey(claim)} has tried ${count} times`);
      }
    }
    let hasGivenUp = false;
    const applying: Applying = {
      kind,
      id,
      isLate: () => hasGivenUp || !life.isAlive() || claim === undefined || !holdsClaim(claim),
    };
    witness.applying.add(applying);
    try {
      const making = async (): Promise<T> => {
        try {
          return await make();
        } catch (error) {
          hasGivenUp = error instanceof EngineError && error.reason === ENGINE_TIMEOUT;
          throw error;
        }
      };
      return await verb(text, making, claim);
    } finally {
      witness.applying.delete(applying);
    }
  }

  /** Nothing may be created while a former holder of its name exists. */
  function requireName({ id, tenantId, name: wanted }: ContainerSpec): void {
    for (const { state } of tables?.containers.values() ?? []) {
      if (state.deletedAt === null || state.tenantId !== tenantId || state.id >= id) continue;
      if (state.desired.name !== wanted) continue;
      witness.fail('name', `${id} is made while ${state.id} still has the name "${wanted}"`);
    }
  }

  /**
   * A version may not end in favour of one that can't start, unless it has something that another container may wait
   * for.
   */
  function formerJudge(ref: string): void {
    const container = world.containers.get(ref);
    const state = tables?.containers.get(container?.spec.id ?? 0)?.state;
    if (container === undefined || state === undefined || part === 'sweep') return;
    const { id, applied, desired, deletedAt, generation } = state;
    if (deletedAt !== null || applied === null || applied.generation === generation) return;
    // A client wanted it replaced, whatever comes after it.
    if (state.restartRef === ref) return;
    if (state.isStopped || tables?.orgs.get(state.tenantId)?.isSuspended === true) return;
    if (applied.imageId === null || !witness.clocksAreRight()) return;
    // The spec may have changed since the turn began.
    if (claimOn('container', id)?.wakeSeq !== tables?.work.get(id)?.wakeSeq) return;
    if (container.specHash !== containerSpecHash(specOf(applied.version, applied.imageId))) return;
    const wanted = new Set(desired.volumes.map(({ volume }) => volume.uid));
    if (applied.version.volumes.some(({ volume }) => !wanted.has(volume.uid))) return;
    for (const other of world.containersOf(OURS)) {
      if (other.spec.id === id || witness.late.has(other.ref)) continue;
      const shared = witness.mounts.get(other.ref)?.filter((uid) => wanted.has(uid)) ?? [];
      const madeAt = witness.madeAt.get(other.ref) ?? 0;
      // An object created after this process last looked could not be seen by it.
      if (!shared.some((uid) => madeAt < (lookedAt.get(uid) ?? Infinity))) continue;
      witness.fail('former version', `${id} ends for a version that waits for ${other.spec.id}`);
    }
  }

  function holdsClaim(claim: Claim): boolean {
    return tables === null || workOf(tables, claim.kind).get(claim.id)?.fence === claim.fence;
  }

  return {
    ...{ part, verb, applied, idOf, turnOn, lateness, requireLease, requireName, formerJudge },
    look: (uid) => void lookedAt.set(uid, clock.now().getTime()),
  };
}

function shown(result: unknown): string {
  if (result === undefined) return 'done';
  if (Array.isArray(result)) return `${result.length}`;
  if (typeof result !== 'object' || result === null) return JSON.stringify(result);
  if (!('state' in result)) return 'done';
  return 'ref' in result ? `${String(result.state)} (${String(result.ref)})` : String(result.state);
}
