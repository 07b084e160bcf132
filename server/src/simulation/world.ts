import { createFakeEngine } from '@dollarbox/engines/fake';
import type { VirtualClock } from '@dollarbox/engines/fake/clock';
import { type FakeWorld, createFakeWorld } from '@dollarbox/engines/fake/world';
import { STOP_GRACE_MS } from '../containers/plan.ts';
import { imagesPublish } from './images.ts';
import { OURS, THEIRS } from './installations.ts';
import type { MemoryTables } from './memory-tables.ts';
import type { Conditions } from './weather.ts';
import { type Witness, claimKey, countUp, isMadeLate } from './witness.ts';
import { volumesWatch } from './world-volumes.ts';

type FakeContainer = Parameters<FakeWorld['containerDrop']>[0];

/** A machine with somebody else's containers on it, of which a witness sees everything. */
export async function worldCreate(
  clock: VirtualClock,
  seed: number,
  witness: Witness,
  conditions: Conditions,
  tables: MemoryTables | null,
): Promise<FakeWorld> {
  const world = createFakeWorld({ clock, seed });
  imagesPublish(world);
  await foreignersAdd(world, clock);
  hintsWatch(world, witness, conditions);
  objectsWatch(world, witness, tables);
  volumesWatch(world, witness, tables);
  return world;
}

/** Another installation, with ids and names like ours. */
async function foreignersAdd(world: FakeWorld, clock: VirtualClock): Promise<void> {
  const engine = createFakeEngine(world, { installationId: THEIRS });
  const tenant = { id: 1, ipv4Subnet: '10.200.0.0/26', ipv6Subnet: 'fdff:1::/64' };
  const request = { ref: 'good:3', tenantId: 1, since: new Date(0), containerId: 1 };
  await engine.images.ensure(request);
  await clock.advance(1000);
  const image = await engine.images.observe(request);
  if (image.state !== 'present') throw new Error(`The foreign image is ${image.state}.`);
  for (const id of [3, 4, 5]) {
    const ipv6Address = `fdff:1::${id}`;
    const spec = { id, tenantId: 1, name: `c${id}`, image: 'good:3', imageId: image.imageId };
    await engine.containers.apply(
      { ...spec, env: {}, command: [], ports: [], ipv6Address, volumes: [] },
      tenant,
    );
    await engine.volumes.apply({
      id,
      uid: `v${id}`.padEnd(16, '9'),
      tenantId: 1,
      name: 'x',
      sizeGb: 1,
    });
  }
}

/** Everything of others, in one text. */
export function foreignersOf(world: FakeWorld): string {
  const containers = [...world.containersOf(THEIRS)].map(({ ref, state, connected, run }) => [
    ref,
    state,
    connected,
    run,
  ]);
  const tenants = [...world.tenants.values()].filter((one) => one.installationId === THEIRS);
  const volumes = [...world.volumes.values()].filter((one) => one.installationId === THEIRS);
  return JSON.stringify([containers, tenants, volumes]);
}

/** Loses, doubles and delays hints as the weather has it, and notes what they would have told. */
function hintsWatch(world: FakeWorld, witness: Witness, { now: weather }: Conditions): void {
  const { clock, hints } = world;
  const { emit } = hints;
  const counted = new Map<string, number>();

  function noteChange(id: number): void {
    const nowMs = clock.now().getTime();
    const container = world.containerFind(OURS, id);
    witness.dirty.set(id, nowMs);
    // What comes up has been down until now.
    witness.downAt.set(id, nowMs);
    if (container === undefined) return;
    const { ref, state, run } = container;
    witness.trace(`world: ${id} (${ref}) is ${state}`);
    if (state === 'exited' && counted.get(ref) !== run) {
      counted.set(ref, run);
      countUp(witness.ends, id);
    }
    if (state === 'running' && counted.get(`${ref} start`) !== run) {
      counted.set(`${ref} start`, run);
      countUp(witness.starts, id);
    }
  }

  hints.emit = (group, change) => {
    // The other group of ours is what only the process hears that pulled an image.
    if (group === OURS && change.kind === 'container') noteChange(change.id);
    if (group === OURS && change.kind === 'volume') {
      witness.volumeDirty.set(change.id, clock.now().getTime());
    }
    if (weather.hintLose > 0 && world.random() < weather.hintLose) {
      witness.trace(`world: the hint about ${claimKey(change)} is lost`);
      return;
    }
    const copies = weather.hintDouble > 0 && world.random() < weather.hintDouble ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      if (weather.hintDelayMs === 0) emit(group, change);
      else clock.schedule(weather.hintDelayMs, () => emit(group, change));
    }
  };
}

/** Sees objects being made and removed, and judges removals. */
function objectsWatch(world: FakeWorld, witness: Witness, tables: MemoryTables | null): void {
  const { containerAdd, containerDrop } = world;
  const { start } = world.processes;

  world.containerAdd = (installationId, spec) => {
    const container = containerAdd(installationId, spec);
    if (installationId !== OURS) return container;
    const { ref, specHash } = container;
    const hashes = witness.made.get(spec.id) ?? new Set();
    witness.made.set(spec.id, hashes.add(specHash));
    witness.downAt.set(spec.id, world.clock.now().getTime());
    witness.madeAt.set(ref, world.clock.now().getTime());
    const isLate = isMadeLate(witness, 'container', spec.id);
    if (isLate) witness.late.add(ref);
    witness.trace(`world: ${spec.id} is made as ${ref}${isLate ? ', too late' : ''}`);
    return container;
  };

  world.processes.start = (container) => {
    try {
      start(container);
    } catch (error) {
      if (container.installationId === OURS) countUp(witness.ends, container.spec.id);
      throw error;
    }
  };

  world.containerDrop = (container) => {
    if (!witness.isTampering) removalJudge(container);
    witness.trace(`world: ${container.spec.id} (${container.ref}) is removed`);
    containerDrop(container);
  };

  function removalJudge(container: FakeContainer): void {
    const { ref, spec, installationId, state } = container;
    const name = `${spec.id} (${ref})`;
    if (installationId !== OURS) return witness.fail('foreign', `${name} of others was removed`);
    const asked = witness.removals.get(ref);
    // What never ran goes again when it is found that another has its volumes, or nobody.
    const isApplying = [...witness.applying].some(
      ({ kind, id }) => kind === 'container' && id === spec.id,
    );
    if (asked === undefined && isApplying && state === 'created') return undefined;
    if (asked === undefined) {
      return witness.fail('removal by identity', `${name} was removed, which nobody asked for`);
    }
    if (asked.by === 'sweep' && tables?.containers.has(spec.id) === true) {
      return witness.fail('sweep', `${name} was swept, and has a row`);
    }
    if (asked.by === 'sweep' || !asked.isUp || state !== 'running') return undefined;
    if (witness.late.has(ref)) return undefined;
    const askedMs = witness.stops.get(ref);
    const nowMs = world.clock.now().getTime();
    if (askedMs !== undefined && nowMs - askedMs >= STOP_GRACE_MS) return undefined;
    if (!witness.clocksAreRight()) return undefined;
    return witness.fail('grace', `${name} was killed without its ten seconds to end`);
  }
}
