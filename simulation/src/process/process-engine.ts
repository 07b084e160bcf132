import {
  type ContainerSpec,
  ENGINE_TIMEOUT,
  type Engine,
  EngineError,
  VERB_DEADLINE_MS,
  containerSpecHash,
} from '@dollarbox/engines/contract';
import type { Claim, WorkKind } from '../../../server/src/reconciler/store.ts';
import type { Life } from '../world/life.ts';
import { workOf } from '../stores/memory-work.ts';
import { specOf } from '../stores/spec.ts';
import type { Stage } from '../world/stage.ts';
import { type Applying, claimKey } from '../world/witness.ts';
import { OURS } from '../world/installations.ts';

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

/**
 * The engine as seen by one process, for its turns or its sweep. Calls are recorded and judged, and their results only
 * reach a living process.
 */
export function engineOfProcess(
  stage: Stage,
  actor: Actor,
  inner: Engine,
  part: 'turn' | 'sweep',
): Engine {
  const { witness, world, tables, clock } = stage;
  const { life, name } = actor;
  const { host } = inner;
  const { kill } = inner.containers;

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
    if (part === 'sweep' || id === null || tables === null || !witness.clocksAreRight()) return;
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

  return {
    kind: inner.kind,
    restarts: inner.restarts,
    addressing: inner.addressing,
    close: () => inner.close(),
    ping: () => verb('ping', () => inner.ping()),
    ...(host && { host: { ...host, capacity: () => verb('capacity', host.capacity) } }),
    access: {
      ...inner.access,
      logs(ref, options) {
        requireLease('access.logs', idOf(ref));
        return verb(`access.logs ${ref}`, () => inner.access.logs(ref, options));
      },
      async *lines(ref, range, signal) {
        requireLease('access.lines', idOf(ref));
        const read = () => Array.fromAsync(inner.access.lines(ref, range, signal));
        try {
          yield* await verb(`access.lines ${ref}`, read, turnOn('container', idOf(ref)));
        } catch (error) {
          witness.unread.add(ref);
          throw error;
        }
      },
    },
    tenants: {
      ensure: (tenant) => verb(`tenants.ensure ${tenant.id}`, () => inner.tenants.ensure(tenant)),
      remove: (id) => verb(`tenants.remove ${id}`, () => inner.tenants.remove(id)),
      list: () => verb('tenants.list', () => inner.tenants.list()),
    },
    images: {
      ensure(request) {
        requireLease('images.ensure', request.containerId);
        const text = `images.ensure ${request.ref} for ${request.containerId}`;
        return verb(text, () => inner.images.ensure(request));
      },
      observe(request) {
        requireLease('images.observe', request.containerId);
        const text = `images.observe ${request.ref} for ${request.containerId}`;
        return verb(text, () => inner.images.observe(request));
      },
      abandon: (id) => verb(`images.abandon ${id}`, () => inner.images.abandon(id)),
      collect: (keep) => verb('images.collect', () => inner.images.collect(keep)),
    },
    containers: {
      async apply(spec) {
        requireLease('containers.apply', spec.id);
        requireName(spec);
        const text = `containers.apply ${spec.id} ${spec.image} ${JSON.stringify(spec.env)}`;
        return applied('container', spec.id, text, () => inner.containers.apply(spec));
      },
      observe(id) {
        requireLease('containers.observe', id);
        const observe = () => inner.containers.observe(id);
        return verb(`containers.observe ${id}`, observe, turnOn('container', id));
      },
      end(ref, graceMs) {
        requireLease('containers.end', idOf(ref));
        const isUp = world.containers.get(ref)?.state === 'running';
        if (graceMs > 0) {
          formerJudge(ref);
          if (!witness.stops.has(ref)) witness.stops.set(ref, clock.now().getTime());
        }
        const claim = turnOn('container', idOf(ref));
        const asked = { by: part, isUp: isUp && graceMs === 0, isLate: lateness(claim) };
        witness.removals.set(ref, asked);
        const end = () => inner.containers.end(ref, graceMs);
        return verb(`containers.end ${ref} ${graceMs}`, end, claim);
      },
      ...(kill !== undefined && {
        kill(ref) {
          requireLease('containers.kill', idOf(ref));
          const claim = turnOn('container', idOf(ref));
          witness.kills.set(ref, { isLate: lateness(claim) });
          return verb(`containers.kill ${ref}`, () => kill(ref), claim);
        },
      }),
      list: () => verb('containers.list', () => inner.containers.list()),
    },
    volumes: {
      storage: () => verb('volumes.storage', () => inner.volumes.storage()),
      apply(spec) {
        requireLease('volumes.apply', spec.id, 'volume');
        const text = `volumes.apply ${spec.id}`;
        return applied('volume', spec.id, text, () => inner.volumes.apply(spec));
      },
      observe(key) {
        lookedAt.set(key.uid, clock.now().getTime());
        return verb(`volumes.observe ${key.id}`, () => inner.volumes.observe(key));
      },
      remove(ref) {
        requireLease('volumes.remove', world.volumes.get(ref)?.spec.id ?? null, 'volume');
        return verb(`volumes.remove ${ref}`, () => inner.volumes.remove(ref));
      },
      list: () => verb('volumes.list', () => inner.volumes.list()),
      tidy: () => verb('volumes.tidy', () => inner.volumes.tidy()),
      usedBytes: (ref) => verb(`volumes.usedBytes ${ref}`, () => inner.volumes.usedBytes(ref)),
      exportTar: (ref) => verb(`volumes.exportTar ${ref}`, () => inner.volumes.exportTar(ref)),
      importTar: (ref, tar) =>
        verb(`volumes.importTar ${ref}`, () => inner.volumes.importTar(ref, tar)),
    },
    async *changes(signal) {
      for await (const change of inner.changes(signal)) {
        if (!life.runs()) await life.running();
        witness.trace(`${name}: hears of ${claimKey(change)}`);
        yield change;
      }
      if (!life.isAlive()) await life.running();
    },
  };

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
}

function shown(result: unknown): string {
  if (result === undefined) return 'done';
  if (Array.isArray(result)) return `${result.length}`;
  if (typeof result !== 'object' || result === null) return JSON.stringify(result);
  if (!('state' in result)) return 'done';
  return 'ref' in result ? `${String(result.state)} (${String(result.ref)})` : String(result.state);
}
