import type { Engine } from '@dollarbox/engines/contract';
import type { Stage } from '../world/stage.ts';
import { claimKey } from '../world/witness.ts';
import { type Actor, type EngineJudge, type Part, engineJudgeCreate } from './engine-judge.ts';

/**
 * The engine as seen by one process, for its turns or its sweep. Calls are recorded and judged, and their results only
 * reach a living process.
 */
export function engineOfProcess(stage: Stage, actor: Actor, inner: Engine, part: Part): Engine {
  const { witness } = stage;
  const { life, name } = actor;
  const { host } = inner;
  const judge = engineJudgeCreate(stage, actor, part);
  const { verb } = judge;

  return {
    kind: inner.kind,
    restarts: inner.restarts,
    addressing: inner.addressing,
    close: () => inner.close(),
    ping: () => verb('ping', () => inner.ping()),
    ...(host && { host: { ...host, capacity: () => verb('capacity', host.capacity) } }),
    access: accessJudged(judge, stage, inner.access),
    tenants: tenantsJudged(judge, inner.tenants),
    images: imagesJudged(judge, inner.images),
    containers: containersJudged(judge, stage, inner.containers),
    volumes: volumesJudged(judge, stage, inner.volumes),
    async *changes(signal) {
      for await (const change of inner.changes(signal)) {
        if (!life.runs()) await life.running();
        witness.trace(`${name}: hears of ${claimKey(change)}`);
        yield change;
      }
      if (!life.isAlive()) await life.running();
    },
  };
}

function accessJudged(
  { verb, requireLease, turnOn, idOf }: EngineJudge,
  { witness }: Stage,
  access: Engine['access'],
): Engine['access'] {
  return {
    ...access,
    logs(ref, options) {
      requireLease('access.logs', idOf(ref));
      return verb(`access.logs ${ref}`, () => access.logs(ref, options));
    },
    async *lines(ref, range, signal) {
      requireLease('access.lines', idOf(ref));
      const read = () => Array.fromAsync(access.lines(ref, range, signal));
      try {
        yield* await verb(`access.lines ${ref}`, read, turnOn('container', idOf(ref)));
      } catch (error) {
        witness.unread.add(ref);
        throw error;
      }
    },
  };
}

function tenantsJudged({ verb }: EngineJudge, tenants: Engine['tenants']): Engine['tenants'] {
  return {
    ensure: (tenant) => verb(`tenants.ensure ${tenant.id}`, () => tenants.ensure(tenant)),
    remove: (id) => verb(`tenants.remove ${id}`, () => tenants.remove(id)),
    list: () => verb('tenants.list', () => tenants.list()),
  };
}

function imagesJudged(
  { verb, requireLease }: EngineJudge,
  images: Engine['images'],
): Engine['images'] {
  return {
    ensure(request) {
      requireLease('images.ensure', request.containerId);
      const text = `images.ensure ${request.ref} for ${request.containerId}`;
      return verb(text, () => images.ensure(request));
    },
    observe(request) {
      requireLease('images.observe', request.containerId);
      const text = `images.observe ${request.ref} for ${request.containerId}`;
      return verb(text, () => images.observe(request));
    },
    abandon: (id) => verb(`images.abandon ${id}`, () => images.abandon(id)),
    collect: (keep) => verb('images.collect', () => images.collect(keep)),
  };
}

function containersJudged(
  judge: EngineJudge,
  stage: Stage,
  containers: Engine['containers'],
): Engine['containers'] {
  const { verb, applied, part, requireLease, requireName, idOf, turnOn, lateness } = judge;
  const { witness, world, clock } = stage;
  const { kill } = containers;
  return {
    async apply(spec) {
      requireLease('containers.apply', spec.id);
      requireName(spec);
      const text = `containers.apply ${spec.id} ${spec.image} ${JSON.stringify(spec.env)}`;
      return applied('container', spec.id, text, () => containers.apply(spec));
    },
    async observe(id) {
      requireLease('containers.observe', id);
      const observe = () => containers.observe(id);
      const found = await verb(`containers.observe ${id}`, observe, turnOn('container', id));
      if (found?.state === 'exited' && witness.stops.has(found.ref)) witness.ended.add(found.ref);
      return found;
    },
    end(ref, graceMs) {
      requireLease('containers.end', idOf(ref));
      const isUp = world.containers.get(ref)?.state === 'running';
      if (graceMs > 0) {
        judge.formerJudge(ref);
        if (!witness.stops.has(ref)) witness.stops.set(ref, clock.now().getTime());
      }
      const claim = turnOn('container', idOf(ref));
      const asked = {
        by: part,
        isUp: isUp && graceMs === 0,
        isWhole: witness.ended.has(ref) && world.containers.get(ref)?.hasLog === true,
        seenRun: startIsSeen(stage, ref) ? (world.containers.get(ref)?.run ?? null) : null,
        isLate: lateness(claim),
      };
      witness.removals.set(ref, asked);
      const end = () => containers.end(ref, graceMs);
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
    list: () => verb('containers.list', () => containers.list()),
  };
}

function volumesJudged(
  { verb, applied, requireLease, look }: EngineJudge,
  { world }: Stage,
  volumes: Engine['volumes'],
): Engine['volumes'] {
  return {
    storage: () => verb('volumes.storage', () => volumes.storage()),
    apply(spec) {
      requireLease('volumes.apply', spec.id, 'volume');
      const text = `volumes.apply ${spec.id}`;
      return applied('volume', spec.id, text, () => volumes.apply(spec));
    },
    observe(key) {
      look(key.uid);
      return verb(`volumes.observe ${key.id}`, () => volumes.observe(key));
    },
    remove(ref) {
      requireLease('volumes.remove', world.volumes.get(ref)?.spec.id ?? null, 'volume');
      return verb(`volumes.remove ${ref}`, () => volumes.remove(ref));
    },
    list: () => verb('volumes.list', () => volumes.list()),
    tidy: () => verb('volumes.tidy', () => volumes.tidy()),
    usedBytes: (ref) => verb(`volumes.usedBytes ${ref}`, () => volumes.usedBytes(ref)),
    exportTar: (ref) => verb(`volumes.exportTar ${ref}`, () => volumes.exportTar(ref)),
    importTar: (ref, tar) => verb(`volumes.importTar ${ref}`, () => volumes.importTar(ref, tar)),
  };
}

/** Whether a turn has recorded the last start of an object's process. */
function startIsSeen({ tables, world }: Stage, ref: string): boolean {
  const container = world.containers.get(ref);
  if (tables === null || container === undefined) return true;
  const instances = tables.instances.get(container.spec.id) ?? [];
  return instances.some(
    (instance) => instance.ref === ref && +instance.startedAt === container.startedAtMs,
  );
}
