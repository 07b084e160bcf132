// What must hold whenever one looks: docs/simulation.md lists it.
import type { Snapshot } from './stores/desire-store.ts';
import { removalsOf } from './stores/memory-tables.ts';
import { progressChecksCreate } from './progress-invariants.ts';
import { rowCheckCreate } from './row-invariants.ts';
import { volumeChecksCreate } from './volume-invariants.ts';
import { OURS } from './world/installations.ts';
import type { Stage } from './world/stage.ts';
import { foreignersOf } from './world/world.ts';

/** Remembers, between checks, values that may only grow. */
export interface Checks {
  /** @throws nothing: faults are reported to the witness. */
  check(snapshot: Snapshot): void;
}

export function checksCreate(stage: Stage): Checks {
  const { witness, clock, model, conditions } = stage;
  const { fail } = witness;
  const rowCheck = rowCheckCreate(stage);
  const { restCheck, calmCheck } = progressChecksCreate(stage);
  const volumes = volumeChecksCreate(stage);

  function check(snapshot: Snapshot): void {
    const nowMs = clock.now().getTime();
    const sinceMs = conditions.calmSinceMs();
    // What a wrong clock has written, a lease for instance, stays until the right time reaches it.
    const isCalm = witness.clocksAreRight() && stage.processes.some(({ life }) => life.runs());
    const calmMs = isCalm ? nowMs - sinceMs : 0;
    orgsCheck(stage, snapshot);
    engineCheck(stage);
    volumes.check(snapshot, calmMs);
    for (const known of model.live()) {
      if (!snapshot.containers.has(known.id)) fail('acknowledged', `${known.id} is lost`);
    }
    for (const [id, row] of snapshot.containers) {
      const work = snapshot.work.get(id);
      if (work === undefined) {
        fail('queue', `${id} has no place in the queue`);
        continue;
      }
      rowCheck(row);
      restCheck(row, work);
      if (calmMs > 0) calmCheck(row, work, nowMs, calmMs);
    }
    for (const id of snapshot.work.keys()) {
      if (!snapshot.containers.has(id)) fail('queue', `${id} is in the queue without a row`);
    }
  }

  return { check };
}

/** Counters equal a recount, and networks differ. */
function orgsCheck({ witness, model }: Stage, { orgs, containers }: Snapshot): void {
  const { fail } = witness;
  const subnets = new Set<string>();
  for (const org of orgs) {
    let count = 0;
    for (const { state } of containers.values()) {
      if (state.tenantId === org.id && state.deletedAt === null) count += 1;
    }
    if (org.containerCount !== count) {
      fail('quota', `org ${org.id} counts ${org.containerCount} and has ${count}`);
    }
    const removed = removalsOf(containers, org.id);
    // What was deleted since the last create was live then.
    if (removed + count > org.removalLimit + 2 * org.containerLimit - 1) {
      fail('removals', `org ${org.id} has ${removed} deleted containers beside ${count}`);
    }
    if (count !== model.live(org.id).length) {
      fail('acknowledged', `org ${org.id} has ${count}, its clients ${model.live(org.id).length}`);
    }
    if (org.ipv4Subnet === null) continue;
    if (subnets.has(org.ipv4Subnet)) fail('networks', `two orgs have ${org.ipv4Subnet}`);
    subnets.add(org.ipv4Subnet);
  }
}

/** No two objects of the engine are for the same container, name or address, and those of others stay. */
function engineCheck({ witness, world, foreigners }: Stage): void {
  const { fail } = witness;
  const ids = new Set<number>();
  const names = new Map<string, number>();
  for (const { installationId, spec, state, address } of world.containers.values()) {
    if (installationId !== OURS) continue;
    if (ids.has(spec.id)) fail('one object', `${spec.id} has two objects`);
    ids.add(spec.id);
    if (state !== 'running' && state !== 'paused') continue;
    for (const key of [`${spec.tenantId} ${spec.name}`, address]) {
      if (key === null) continue;
      const other = names.get(key);
      if (other !== undefined) fail('one name', `${spec.id} and ${other} both answer for ${key}`);
      names.set(key, spec.id);
    }
  }
  if (foreigners !== foreignersOf(world)) fail('foreign', 'an object of others has changed');
}
