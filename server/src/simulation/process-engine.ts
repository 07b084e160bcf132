import {
  type ContainerSpec,
  type Engine,
  EngineError,
  VERB_DEADLINE_MS,
  containerSpecHash,
} from '@dollarbox/engines/contract';
import type { Claim, WorkKind } from '../reconciler/store.ts';
import type { Life } from './life.ts';
import { workOf } from './memory-work.ts';
import { specOf } from './spec.ts';
import type { Stage } from './stage.ts';
import { type Applying, claimKey } from './witness.ts';
import { OURS } from './installations.ts';

/** What goes on all the time: it is traced when it fails. */
const USUAL = new Set(['ping', 'capacity', 'containers.list', 'tenants.list', 'volumes.list']);

export interface Actor {
  name: string;
  life: Life;
  claims: Set<Claim>;
}

/**
 * The engine as one process calls it, its turns or its sweep: calls are noted and judged, and their
 * results reach a living process only.
 */
export function engineOfProcess(
  stage: Stage,
  actor: Actor,
  inner: Engine,
  part: 'turn' | 'sweep',
): Engine {
  const { witness, world, tables, clock } = stage;
  const { life, name } = actor;

  /** By uid of a volume: when this process last looked at it, in milliseconds. */
  const lookedAt = new Map<string, number>();

  async function verb<T>(text: string, effect: () => Promise<T>): Promise<T> {
    const isUsual = USUAL.has(text);
    if (!isUsual) witness.trace(`${name}: ${text} …`);
    try {
      const result = await life.call(effect);
      if (!isUsual) witness.trace(`${name}: ${text} → ${shown(result)}`);
      return result;
    } catch (error) {
      witness.trace(`${name}: ${text} ✗ ${error instanceof Error ? error.message : 'error'}`);
      throw error;
    }
  }

  function idOf(ref: string): number | null {
    return world.containers.get(ref)?.spec.id ?? null;
  }

  /** The claim of this process on an object, if nobody has taken that over. */
  function claimOn(kind: WorkKind, id: number): Claim | undefined {
    return [...actor.claims].find(
      (claim) => claim.kind === kind && claim.id === id && holdsClaim(claim),
    );
  }

  /** No verb starts unless the object is held, for as long as the verb may take. */
  function requireLease(text: string, id: number | null, kind: WorkKind = 'container'): void {
    if (part === 'sweep' || id === null || tables === null || !witness.clocksAreRight()) return;
    const untilMs = workOf(tables, kind).get(id)?.leaseUntil?.getTime() ?? 0;
    const isLong = untilMs - clock.now().getTime() >= VERB_DEADLINE_MS;
    if (claimOn(kind, id) !== undefined && isLong) return;
    witness.fail('lease', `${name} starts ${text} without holding ${id} for long enough`);
  }

  /** Makes an object, and tells a witness of it while that is on its way. */
  async function applied<T>(
    kind: WorkKind,
    id: number,
    text: string,
    make: () => Promise<T>,
  ): Promise<T> {
    const claim = claimOn(kind, id);
    let hasGivenUp = false;
    const applying: Applying = {
      kind,
      id,
      isLate: () => hasGivenUp || !life.isAlive() || claim === undefined || !holdsClaim(claim),
    };
    witness.applying.add(applying);
    try {
      return await verb(text, async () => {
        try {
          return await make();
        } catch (error) {
          hasGivenUp = error instanceof EngineError && error.reason === 'timeout';
          throw error;
        }
      });
    } finally {
      witness.applying.delete(applying);
    }
  }

  /** Nothing is made while a former holder of its name is there. */
  function requireName({ id, tenantId, name: wanted }: ContainerSpec): void {
    for (const { state } of tables?.containers.values() ?? []) {
      if (state.deletedAt === null || state.tenantId !== tenantId || state.id >= id) continue;
      if (state.desired.name !== wanted) continue;
      witness.fail('name', `${id} is made while ${state.id} still has the name "${wanted}"`);
    }
  }

  return {
    kind: inner.kind,
    start: () => inner.start(),
    close: () => inner.close(),
    ping: () => verb('ping', () => inner.ping()),
    probeIsolation: () => inner.probeIsolation(),
    capacity: () => verb('capacity', () => inner.capacity()),
    tenants: {
      ensure: (tenant) =>
        verb(`tenants.ensure ${tenant.id} ${tenant.ipv4Subnet}`, () =>
          inner.tenants.ensure(tenant),
        ),
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
      async apply(spec, tenant) {
        requireLease('containers.apply', spec.id);
        requireName(spec);
        const text = `containers.apply ${spec.id} ${spec.image} ${JSON.stringify(spec.env)}`;
        return applied('container', spec.id, text, () => inner.containers.apply(spec, tenant));
      },
      observe(id) {
        requireLease('containers.observe', id);
        return verb(`containers.observe ${id}`, () => inner.containers.observe(id));
      },
      stop(ref) {
        requireLease('containers.stop', idOf(ref));
        formerJudge(ref);
        if (!witness.stops.has(ref)) witness.stops.set(ref, clock.now().getTime());
        return verb(`containers.stop ${ref}`, () => inner.containers.stop(ref));
      },
      remove(ref) {
        requireLease('containers.remove', idOf(ref));
        const isUp = world.containers.get(ref)?.state === 'running';
        witness.removals.set(ref, { by: part, isUp });
        return verb(`containers.remove ${ref}`, () => inner.containers.remove(ref));
      },
      list: () => verb('containers.list', () => inner.containers.list()),
      logs(ref, options) {
        requireLease('containers.logs', idOf(ref));
        return verb(`containers.logs ${ref}`, () => inner.containers.logs(ref, options));
      },
    },
    volumes: {
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

  /** A version does not end for one that can't start, unless it has what another may wait for. */
  function formerJudge(ref: string): void {
    const container = world.containers.get(ref);
    const state = tables?.containers.get(container?.spec.id ?? 0)?.state;
    if (container === undefined || state === undefined || part === 'sweep') return;
    const { id, applied, desired, deletedAt, generation } = state;
    if (deletedAt !== null || applied === null || applied.generation === generation) return;
    if (applied.imageId === null || !witness.clocksAreRight()) return;
    // It may have been asked for something else since the turn began.
    if (claimOn('container', id)?.wakeSeq !== tables?.work.get(id)?.wakeSeq) return;
    if (container.specHash !== containerSpecHash(specOf(applied.version, applied.imageId))) return;
    const wanted = new Set(desired.volumes.map(({ volume }) => volume.uid));
    if (applied.version.volumes.some(({ volume }) => !wanted.has(volume.uid))) return;
    for (const other of world.containersOf(OURS)) {
      if (other.spec.id === id || witness.late.has(other.ref)) continue;
      const shared = witness.mounts.get(other.ref)?.filter((uid) => wanted.has(uid)) ?? [];
      const madeAt = witness.madeAt.get(other.ref) ?? 0;
      // One that was made since it looked, no look has told it of.
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
