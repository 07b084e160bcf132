import { fakeEngineCreate } from '@dollarbox/engines/fake';
import type { VirtualClock } from '@dollarbox/engines/fake/clock';
import { type FakeWorld, fakeWorldCreate } from '@dollarbox/engines/fake/world';
import { instancesKept, linesUnpack } from '../../../server/src/containers/kept-lines.ts';
import { imagesPublish } from './images.ts';
import { OURS, THEIRS } from './installations.ts';
import type { MemoryInstance, MemoryTables } from '../stores/memory-tables.ts';
import type { Conditions } from './weather.ts';
import { type Witness, claimKey, countUp, isMadeLate } from './witness.ts';
import { volumesWatch } from './world-volumes.ts';

type FakeContainer = Parameters<FakeWorld['containerDrop']>[0];
type FakeLine = FakeContainer['output'][number];

/** Who restarts processes: a seed has one of these. */
const RESTARTS = ['reconciler', 'engine'] as const;

/** Who chooses addresses: a seed has one of these. */
const ADDRESSINGS = ['given', 'assigned'] as const;

/** How volumes are bound: a seed has one of these. */
const BINDINGS: readonly FakeWorld['volumeBinding'][] = [
  { mode: 'immediate', takesMs: 0 },
  { mode: 'first-consumer' },
  { mode: 'immediate', takesMs: 7000 },
];

/** A machine that also runs foreign containers. A witness sees everything on it. */
export async function worldCreate(
  clock: VirtualClock,
  seed: number,
  witness: Witness,
  conditions: Conditions,
  tables: MemoryTables | null,
): Promise<FakeWorld> {
  const restarts = RESTARTS[seed % RESTARTS.length] ?? 'reconciler';
  const addressing = ADDRESSINGS[Math.floor(seed / 2) % ADDRESSINGS.length] ?? 'given';
  const world = fakeWorldCreate({ clock, seed, restarts, addressing });
  imagesPublish(world);
  await foreignersAdd(world, clock);
  world.volumeBinding = BINDINGS[seed % BINDINGS.length] ?? world.volumeBinding;
  hintsWatch(world, witness, conditions);
  objectsWatch(world, witness, tables);
  volumesWatch(world, witness, tables);
  return world;
}

/** Adds another installation, with ids and names like ours. */
async function foreignersAdd(world: FakeWorld, clock: VirtualClock): Promise<void> {
  const engine = fakeEngineCreate(world, { installationId: THEIRS });
  const request = { ref: 'good:3', tenantId: 1, since: new Date(0), containerId: 1 };
  await engine.images.ensure(request);
  await clock.advance(1000);
  const image = await engine.images.observe(request);
  if (image.state !== 'present') throw new Error(`The foreign image is ${image.state}.`);
  for (const id of [3, 4, 5]) {
    const ipv6Address = world.addressing === 'given' ? `fdff:1::${id}` : null;
    const spec = { id, tenantId: 1, name: `c${id}`, image: 'good:3', imageId: image.imageId };
    await engine.containers.apply({
      ...{ ...spec, env: {}, command: [], ports: [] },
      ...{ ipv6Address, volumes: [], init: false },
    });
    await engine.volumes.apply({
      id,
      uid: `v${id}`.padEnd(16, '9'),
      tenantId: 1,
      name: 'x',
      sizeGb: 1,
    });
  }
  // An engine may start them by itself.
  await clock.advance(1000);
}

/** Everything foreign, as one text. */
export function foreignersOf(world: FakeWorld): string {
  // An engine that restarts processes also restarts theirs after an outage.
  const isSteady = world.restarts === 'reconciler';
  const containers = [...world.containersOf(THEIRS)].map(({ ref, state, connected, run }) =>
    isSteady ? [ref, state, connected, run] : [ref, connected],
  );
  const tenants = [...world.tenants.values()].filter((one) => one.installationId === THEIRS);
  const volumes = [...world.volumes.values()].filter((one) => one.installationId === THEIRS);
  return JSON.stringify([containers, tenants, volumes]);
}

/** Loses, duplicates and delays hints as the weather dictates, and records what they would have reported. */
function hintsWatch(world: FakeWorld, witness: Witness, { now: weather }: Conditions): void {
  const { clock, hints } = world;
  const { emit } = hints;
  const counted = new Map<string, number>();

  function noteChange(id: number): void {
    const nowMs = clock.now().getTime();
    const container = world.containerFind(OURS, id);
    witness.dirty.set(id, nowMs);
    // A process that comes up has been down until now.
    witness.downAt.set(id, nowMs);
    if (container === undefined) return;
    const { ref, state, run } = container;
    witness.trace(`world: ${id} (${ref}) is ${state}`);
    if (state === 'exited' && counted.get(ref) !== run) {
      counted.set(ref, run);
      countUp(witness.ends, id);
    }
    // A start by the engine that fails is seen as an exit alone.
    if ((state === 'running' || state === 'exited') && counted.get(`${ref} start`) !== run) {
      counted.set(`${ref} start`, run);
      countUp(witness.starts, id);
    }
  }

  hints.emit = (group, change) => {
    // Our other group is only heard by the process that pulled an image.
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

/** Observes objects being created and removed, and judges removals. */
function objectsWatch(world: FakeWorld, witness: Witness, tables: MemoryTables | null): void {
  const { containerAdd, containerDrop } = world;
  const { start, stop, end } = world.processes;

  world.containerAdd = (installationId, spec) => {
    const container = containerAdd(installationId, spec);
    if (installationId !== OURS) return container;
    const { ref, specHash } = container;
    const hashes = witness.made.get(spec.id) ?? new Set();
    witness.made.set(spec.id, hashes.add(specHash));
    witness.downAt.set(spec.id, world.clock.now().getTime());
    witness.madeAt.set(ref, world.clock.now().getTime());
    const isLate = isMadeLate(witness, 'container', spec.id);
    if (isLate) {
      witness.late.add(ref);
      // An object that is created and not started is reported by nothing: the sweep finds it.
      witness.dirty.set(spec.id, world.clock.now().getTime());
    }
    witness.trace(`world: ${spec.id} is made as ${ref}${isLate ? ', too late' : ''}`);
    return container;
  };

  world.processes.start = (container) => {
    try {
      start(container);
    } catch (error) {
      // If the engine started it by itself, the exit that follows is counted.
      const isOurs = container.installationId === OURS;
      if (isOurs && world.restarts === 'reconciler') countUp(witness.ends, container.spec.id);
      throw error;
    }
  };

  // A process says something when it is asked to end, and until it is killed.
  world.processes.stop = (container) => {
    lineSay(world, container, 'is asked to end');
    stop(container);
  };
  world.processes.end = (container, exitCode, outOfMemory) => {
    const { ref, state } = container;
    const isUp = state === 'running' || state === 'paused';
    if (isUp) lineSay(world, container, 'is killed');
    if (state === 'running' && witness.kills.has(ref) && !witness.isTampering) {
      graceJudge(container);
    }
    end(container, exitCode, outOfMemory);
  };

  world.containerDrop = (container) => {
    if (!witness.isTampering) removalJudge(container);
    if (!witness.isTampering) keptJudge(world, witness, tables, container);
    witness.trace(`world: ${container.spec.id} (${container.ref}) is removed`);
    containerDrop(container);
  };

  function removalJudge(container: FakeContainer): void {
    const { ref, spec, installationId, state } = container;
    const name = `${spec.id} (${ref})`;
    if (installationId !== OURS) return witness.fail('foreign', `${name} of others was removed`);
    const asked = witness.removals.get(ref);
    // A container that never ran is removed again if its volumes turn out to belong to another container, or to none.
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
    return graceJudge(container);
  }

  function graceJudge({ ref, spec }: FakeContainer): void {
    if (witness.late.has(ref)) return undefined;
    const askedMs = witness.stops.get(ref);
    const nowMs = world.clock.now().getTime();
    const graceMs = witness.graceMs.get(spec.id) ?? 0;
    if (askedMs !== undefined && nowMs - askedMs >= graceMs) return undefined;
    if (!witness.clocksAreRight()) return undefined;
    const name = `${spec.id} (${ref})`;
    return witness.fail('grace', `${name} was killed without its ${graceMs / 1000} s to end`);
  }
}

function lineSay({ clock }: FakeWorld, container: FakeContainer, what: string): void {
  const writtenAtMs = clock.now().getTime();
  const { run } = container;
  const text = `run ${run} ${what}`;
  container.output.push({ number: container.written, stream: 'stdout', text, writtenAtMs, run });
  container.written += 1;
}

/** The lines of an object that a turn removes are kept, unless they could not be read. */
function keptJudge(
  world: FakeWorld,
  witness: Witness,
  tables: MemoryTables | null,
  container: FakeContainer,
): void {
  const { ref, spec, installationId, startedAtMs } = container;
  const asked = witness.removals.get(ref);
  if (tables === null || installationId !== OURS || asked?.by !== 'turn') return;
  if (asked.isLate() || startedAtMs === null || !witness.clocksAreRight()) return;
  if (tables.containers.get(spec.id)?.state.deletedAt !== null) return;
  // An engine that restarts processes has started this one by itself, which no turn had seen when it asked for the end.
  // What is written from then on is kept if the object is still there.
  if (world.restarts === 'engine' && asked.seenRun !== container.run) return;
  const own = (tables.instances.get(spec.id) ?? []).filter((instance) => instance.ref === ref);
  const isRight =
    world.restarts === 'engine'
      ? runsAreKept(container, own, asked.isWhole)
      : objectIsKept(container, own);
  const isUp = container.state === 'running' || container.state === 'paused';
  if (world.restarts === 'reconciler' && isUp) {
    return witness.fail('lines', `${spec.id} (${ref}) is removed while it may still write`);
  }
  if (world.restarts === 'engine' && !runsAreTold(container, tables.instances.get(spec.id) ?? [])) {
    return witness.fail('lines', `a run of ${spec.id} (${ref}) is neither recorded nor a gap`);
  }
  if (own.at(-1)?.isKept === true && (isRight || witness.unread.has(ref))) return;
  const kept = own.reduce((sum, one) => sum + (one.kept?.count ?? 0), 0);
  const { length } = container.output;
  witness.fail('lines', `${spec.id} (${ref}) is removed with ${length} lines, ${kept} kept`);
}

function positionsKept({ kept }: MemoryInstance): string[] {
  const lines = kept?.lines ?? null;
  return lines === null ? [] : linesUnpack(lines).map(({ position }) => position);
}

/** All lines of an object; of one that was restarted often, those of the last instances. */
function objectIsKept({ output }: FakeContainer, own: readonly MemoryInstance[]): boolean {
  const kept = own.flatMap(positionsKept);
  const isLong = own.length > instancesKept(own).size;
  const wanted = output.slice(isLong ? output.length - kept.length : 0);
  return isEqual(kept, positionsOf(wanted));
}

/**
 * An engine that restarts processes has the lines of the last runs only, and removes the object by itself, some time after
 * the lines of the last one were read.
 * @param isWhole the lines of the last one could be read after its end.
 */
function runsAreKept(
  { output, runStarts }: FakeContainer,
  own: readonly MemoryInstance[],
  isWhole: boolean,
): boolean {
  return own.every((one) => {
    if (!one.isKept) return false;
    const kept = positionsKept(one);
    const [run] = [...runStarts].find(([, startedAtMs]) => startedAtMs === +one.startedAt) ?? [];
    const written = positionsOf(output.filter((line) => line.run === run));
    const isPart = kept.length === 0 || (one.kept?.isCutOff === true && !isWhole);
    return isEqual(kept, isPart ? written.slice(0, kept.length) : written);
  });
}

/** Each run is recorded, or a number is left out for it. */
function runsAreTold(
  { ref, runStarts }: FakeContainer,
  instances: readonly MemoryInstance[],
): boolean {
  let [lastNumber, lastRun] = [0, 0];
  return instances.every((one) => {
    const isNext = one.number === lastNumber + 1;
    lastNumber = one.number;
    if (one.ref !== ref) return true;
    const [run] = [...runStarts].find(([, startedAtMs]) => startedAtMs === +one.startedAt) ?? [];
    if (run === undefined) return false;
    const hasSkipped = [...runStarts.keys()].some((each) => each > lastRun && each < run);
    lastRun = run;
    return !(isNext && hasSkipped);
  });
}

function positionsOf(lines: readonly FakeLine[]): string[] {
  return lines.map(({ number }) => String(number));
}

function isEqual(a: readonly string[], b: readonly string[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
