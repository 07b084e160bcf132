import { type VirtualClock, virtualClock } from '@dollarbox/engines/fake/clock';
import { createTamper } from '@dollarbox/engines/fake/tamper';
import { deedDo } from './apply-operation.ts';
import { chanceCreate } from './chance.ts';
import type { WholeStore } from './desire-store.ts';
import { endingPlay } from './ending.ts';
import { checksCreate } from './invariants.ts';
import type { MemoryTables } from './memory-tables.ts';
import { modelCreate } from './model.ts';
import type { Course } from './operations.ts';
import { processStart } from './process.ts';
import type { Stage, Wraps } from './stage.ts';
import { conditionsCreate } from './weather.ts';
import { type Failure, witnessCreate } from './witness.ts';
import { OURS } from './installations.ts';
import { foreignersOf, worldCreate } from './world.ts';

const ORG_LIMIT = 4;
const ORG_LIMIT_GB = 4;
/** More turns of one container than this in a step, and as many for each second of it, is spinning. */
const TURNS_PER_STEP = 80;
const TURNS_PER_SECOND = 20;
/** More moments than this in one step, and time does not get on. */
const MOMENTS_PER_STEP = 60_000;
/** Nor with more calls than this in one moment. */
const CALLS_PER_MOMENT = 10_000;

export interface RunOptions {
  seed: number;
  course: Course;
  whole: WholeStore;
  tables: MemoryTables | null;
  /** Resolves when nothing more can happen at a moment; default: for a store in memory. */
  settled?: (() => Promise<void>) | undefined;
  plant?: Wraps | undefined;
  /** Where a readable account goes. */
  lines?: string[] | null;
}

export interface RunResult {
  failure: (Failure & { /** Of the operation after which it was seen. */ step: number }) | null;
  steps: number;
  /** How much time passed in it, in milliseconds. */
  virtualMs: number;
}

/** Plays a course to its end, or to the first thing that must not be. */
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
  const desire = stage.plant.desire?.(stage.whole.desire) ?? stage.whole.desire;
  let steps = 0;
  let lastStep = -1;

  for (const { step, deed, waitMs } of options.course.operations) {
    witness.trace(`-- step ${step}: ${JSON.stringify(deed)}`);
    steps += 1;
    lastStep = step;
    const turnsBefore = new Map(witness.turns);
    moments = 0;
    await deedDo(stage, desire, deed);
    await clock.advance(waitMs);
    if (isHalted) break;
    checks.check(await stage.whole.snapshot());
    for (const [id, turns] of witness.turns) {
      const count = turns - (turnsBefore.get(id) ?? 0);
      const most = TURNS_PER_STEP + (waitMs / 1000) * TURNS_PER_SECOND;
      if (count > most && witness.clocksAreRight()) {
        witness.fail('spinning', `${id} had ${count} turns in ${waitMs} ms`);
      }
    }
    if (witness.failure !== null) break;
  }
  if (witness.failure === null && !isHalted) {
    lastStep += 1;
    moments = Number.NEGATIVE_INFINITY;
    await endingPlay(stage, checks);
  }
  everybodyDies();
  const { failure } = witness;
  return {
    failure: failure === null ? null : { ...failure, step: lastStep },
    steps,
    virtualMs: clock.now().getTime() - startMs,
  };

  /**
   * Ends a run that would not end. While a clock is wrong its process's leases have ended before they
   * begin, and two that see different things undo each other's work without pause: nothing is said
   * against that but by the other checks.
   */
  function halt(): void {
    isHalted = true;
    if (witness.clocksAreRight()) witness.fail('spinning', 'time does not get on');
    everybodyDies();
  }
  function everybodyDies(): void {
    for (const process of stage.processes) process.life.die();
  }
}

/** Every promise that can settle has, with all that follows from it. */
function nothingLeft(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
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
  const stage: Stage = {
    clock,
    world,
    tamper: createTamper(world, OURS),
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
    const id = await whole.desire.orgCreate(slug, ORG_LIMIT, ORG_LIMIT_GB);
    stage.model.orgs.push({ id, limit: ORG_LIMIT, limitGb: ORG_LIMIT_GB });
  }
  for (let index = 0; index < course.workers; index += 1) {
    stage.processes.push(processStart(stage, `w${index + 1}`));
  }
  return stage;
}

/** Verbs take some time in some runs, so that what others do comes in between. */
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
