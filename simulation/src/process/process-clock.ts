import {
  CLOCK_ERROR_MS,
  type DatabaseClock,
  databaseClockCreate,
} from '../../../server/src/db/database-clock.ts';
import type { Clock, Ticks } from '../../../server/src/base/system.ts';
import type { Stage } from '../world/stage.ts';
import type { Actor } from './engine-judge.ts';
import { databaseAway } from './process-store.ts';

/** How far a reading may be off, so that the clock is still sure for a while. */
const WORST_READING_MS = CLOCK_ERROR_MS - 150;

interface ProcessClock {
  clock: DatabaseClock;
  /** Resolves when the clock was read for the first time, or could not be. */
  opened: Promise<void>;
  /**
   * Sets the clock of the machine off by this much. As long as it is, what the process reads of the database's time is
   * wrong by as much as it may be.
   */
  shift(byMs: number): void;
}

/** The product's clock in a process. The virtual clock is that of the database. */
export function clockOfProcess(stage: Stage, { life }: Pick<Actor, 'life'>): ProcessClock {
  const { conditions, chance, plant } = stage;
  const nowMs = () => stage.clock.now().getTime();
  const startMs = nowMs();
  // A process is stalled alone, or its machine with it.
  const isMachineStalled = chance.isTrue(0.5);
  let shiftMs = 0;
  const ticks: Ticks = {
    dayMs: () => nowMs() + shiftMs,
    ticksMs: () => nowMs() - startMs - (isMachineStalled ? life.stalledMs() : 0),
  };
  const machine: Clock = { now: () => new Date(ticks.dayMs()) };
  const timeRead = () =>
    life.call(async () => {
      if (conditions.now.storeAway !== 'no') throw databaseAway();
      return new Date(nowMs() + (shiftMs % WORST_READING_MS));
    });
  const own = databaseClockCreate(timeRead, ticks, { after: life.after });
  return {
    clock: plant.clock?.(own, machine) ?? own,
    opened: own.read().catch(() => undefined),
    shift(byMs) {
      shiftMs = byMs;
    },
  };
}
