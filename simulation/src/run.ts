import { type VirtualClock, virtualClock } from '@dollarbox/engines/fake/clock';
import { tamperCreate } from '@dollarbox/engines/fake/tamper';
import { actionApply } from './apply-operation.ts';
import { chanceCreate } from './world/chance.ts';
import type { WorkKind } from '../../server/src/reconciler/store.ts';
import type { DesireStore, WholeStore } from './stores/desire-store.ts';
import { endingPlay } from './ending.ts';
import { checksCreate } from './invariants.ts';
import { type MemoryTables, imageVolumesOf } from './stores/memory-tables.ts';
import { modelCreate } from './world/model.ts';
import type { Course } from './world/operations.ts';
import { processStart } from './process/process.ts';
import type { Stage, Wraps } from './world/stage.ts';
import { conditionsCreate } from './world/weather.ts';
import { type Failure, type Witness, claimKey, countUp, witnessCreate } from './world/witness.ts';
import { OURS } from './world/installations.ts';
import { foreignersOf, worldCreate } from './world/world.ts';

const ORG_LIMIT = 4;
const ORG_LIMIT_GB = 4;
const REMOVAL_LIMIT = 2;
/** More turns of one container in a step than this, plus this many for each second of the step, counts as spinning. */
const TURNS_PER_STEP = 80;
const TURNS_PER_SECOND = 20;
/** With more moments than this in one step, time makes no progress. */
const MOMENTS_PER_STEP = 60_000;
/** The same with more calls than this in one moment. */
const CALLS_PER_MOMENT = 10_000;

export interface RunOptions {
  seed: number;
  course: Course;
  whole: WholeStore;
  tables: MemoryTables | null;
  /** Resolves when nothing more can happen at a moment. Default: for a store in memory. */
  settled?: (() => Promise<void>) | undefined;
  plant?: Wraps | undefined;
  /** Where a readable account is written. */
  lines?: string[] | null;
}

export interface RunResult {
  failure: (Failure & { /** Of the operation after which it was seen. */ step: number }) | null;
  steps: number;
  /** How much virtual time passed, in milliseconds. */
  virtualMs: number;
}

/** Plays a course to its end, or to the first violation. */
export async function runPlay(options: RunOptions): Promise<RunResult> {
  const { settled = nothingLeft } = options;
  let moments = 0;
  let calls = 0;
  let isHalted = false;
  const clock = virtualClock(Date.UTC(2030, 0, 1), () => {
    moments += 1;
    calls = 0;
    if (moments === MOMENTS_PER_STEP) halt();
    return settled();
  });
  const startMs = clock.now().getTime();
  const stage = await stageOpen(options, clock, () => {
    calls += 1;
    if (calls === CALLS_PER_MOMENT) halt();
  });
  const { witness } = stage;
  const checks = checksCreate(stage);
  const desire = desireNoted(
    witness,
    stage.plant.desire?.(stage.whole.desire) ?? stage.whole.desire,
    stage.tables,
  );
  let steps = 0;
  let lastStep = -1;

  for (const { step, action, waitMs } of options.course.operations) {
    witness.trace(`-- step ${step}: ${JSON.stringify(action)}`);
    steps += 1;
    lastStep = step;
    const turnsBefore = new Map(witness.turns);
    moments = 0;
    await actionApply(stage, desire, action);
    await clock.advance(waitMs);
    if (isHalted) break;
    checks.check(await stage.whole.snapshot());
    for (const [id, turns] of witness.turns) {
      const count = turns - (turnsBefore.get(id) ?? 0);
      const most = TURNS_PER_STEP + (waitMs / 1000) * TURNS_PER_SECOND;
      if (count > most) {
        witness.fail('spinning', `${id} had ${count} turns in ${waitMs} ms`);
      }
    }
    if (witness.failure !== null) break;
  }
  if (witness.failure === null && !isHalted) {
    lastStep += 1;
    moments = Number.NEGATIVE_INFINITY;
    await endingPlay(stage, checks, desire);
  }
  everybodyDies();
  const { failure } = witness;
  return {
    failure: failure === null ? null : { ...failure, step: lastStep },
    steps,
    virtualMs: clock.now().getTime() - startMs,
  };

  /** Ends a run that would not end. */
  function halt(): void {
    isHalted = true;
    witness.fail('spinning', 'time does not get on');
    everybodyDies();
  }
  function everybodyDies(): void {
    for (const process of stage.processes) process.life.die();
  }
}

/** Records that a client has written to an object, which may end the delay after a failure. */
function desireNoted(
  witness: Witness,
  desire: DesireStore,
  tables: MemoryTables | null,
): DesireStore {
  const note = (kind: WorkKind, id: number): void =>
    countUp(witness.reasons, claimKey({ kind, id }));
  return {
    ...desire,
    containerUpdate(orgId, id, ...rest) {
      note('container', id);
      return desire.containerUpdate(orgId, id, ...rest);
    },
    containerDelete(orgId, id, now) {
      note('container', id);
      const ofImages = tables === null ? [] : imageVolumesOf(tables, id);
      for (const { state } of ofImages) note('volume', state.id);
      return desire.containerDelete(orgId, id, now);
    },
    volumeDelete(orgId, id, now) {
      note('volume', id);
      return desire.volumeDelete(orgId, id, now);
    },
  };
}

/** Resolves when every promise that can settle has settled, with everything that follows from it. */
function nothingLeft(): Promise<void> {
  return new Promise((resolve) => void process.nextTick(resolve));
}

async function stageOpen(
  options: RunOptions,
  clock: VirtualClock,
  called: () => void,
): Promise<Stage> {
  const { seed, course, whole, tables, plant = {}, lines = null } = options;
  const chance = chanceCreate(seed ^ 0x5bd1e995);
  const witness = witnessCreate(clock, lines);
  const conditions = conditionsCreate(clock);
  const world = await worldCreate(clock, seed, witness, conditions, tables);
  plant.world?.(world);
  if (world.addressing === 'assigned') await whole.addressesAssign();
  const stage: Stage = {
    clock,
    world,
    tamper: tamperCreate(world, OURS),
    foreigners: foreignersOf(world),
    whole,
    tables,
    chance,
    conditions,
    witness,
    model: modelCreate(),
    processes: [],
    away: new Set(),
    ourVolumes: () =>
      [...world.volumes.values()].filter(({ installationId }) => installationId === OURS),
    replacing: new Set(),
    uids: 0,
    called,
    plant,
    storeNoise: chance.pick([0, 0.1, 0.4]),
    signalSend(but) {
      for (const { signal, life } of stage.processes) {
        if (signal === but || conditions.now.signalsLost) continue;
        clock.schedule(1 + chance.index(5), () => void life.after(0, signal.receive));
      }
    },
  };
  engineNoise(stage);
  for (const slug of ['a', 'b']) {
    const id = await whole.desire.orgCreate(slug, ORG_LIMIT, ORG_LIMIT_GB, REMOVAL_LIMIT);
    const limits = { limit: ORG_LIMIT, limitGb: ORG_LIMIT_GB, removals: REMOVAL_LIMIT };
    stage.model.orgs.push({ id, ...limits, isSuspended: false });
  }
  for (let index = 0; index < course.workers; index += 1) {
    stage.processes.push(processStart(stage, `w${index + 1}`));
  }
  return stage;
}

/** In some runs, verbs take time, so that calls of others happen in between. */
function engineNoise({ world, chance }: Stage): void {
  const share = chance.pick([0, 0.1, 0.5]);
  if (share === 0) return;
  world.faults.add({
    verb: '*',
    times: Infinity,
    chance: share,
    delayMs: [0, chance.pick([30, 30, 400])],
    replyDelayMs: [0, chance.pick([10, 10, 400])],
  });
}
