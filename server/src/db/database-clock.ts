import { sql } from 'kysely';
import { type Clock, type Ticks, systemTicks } from '../base/system.ts';
import { type Timers, systemTimers } from '../base/timers.ts';
import type { Db } from './database.ts';

/** While a database clock is sure, it differs from the database's own by no more than this, in milliseconds. */
export const CLOCK_ERROR_MS = 500;
const SYNC_EVERY_MS = 5000;
const RETRY_MS = 500;
/** How fast two machines' clocks may move apart: the fastest correction that operating systems make. */
const DRIFT = 0.0005;
/** If the time of day moves by more than this relative to the ticks, it was set, or the machine was suspended. */
const JUMP_MS = 100;

/**
 * The time of the database's machine as this process knows it. All processes of an installation compare their times with
 * those that others have stored, so they go by this one clock, whatever the clock of their own machine shows.
 */
export interface DatabaseClock extends Clock {
  /**
   * Whether the time is known to within `CLOCK_ERROR_MS`. If not, for instance after the machine was suspended, it is
   * soon read again.
   */
  isSure(): boolean;
  close(): void;
}

/** What one reading has shown. */
interface Reading {
  /** What to add to the ticks. */
  offsetMs: number;
  /** How far this may be wrong: half of the time that the reply took. */
  errorMs: number;
  ticksMs: number;
  /** The time of day less the ticks. */
  dayMs: number;
}

/** Reads the time of the database. @throws if it can't be reached. */
async function databaseTimeRead(db: Db): Promise<Date> {
  const { rows } = await sql<{ at: Date }>`select clock_timestamp() as at`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error('the database returned no time');
  return row.at;
}

/** A database clock that has been read once. The caller closes it. @throws if the database can't be reached. */
export async function databaseClockOpen(db: Db): Promise<DatabaseClock> {
  const clock = databaseClockCreate(() => databaseTimeRead(db));
  try {
    await clock.read();
  } catch (error) {
    clock.close();
    throw error;
  }
  return clock;
}

/** A clock for a command, which ends before its clock could go wrong. */
export async function databaseClockOnce(db: Db): Promise<Clock> {
  const clock = await databaseClockOpen(db);
  clock.close();
  return clock;
}

/** @param timeRead reads the time of the database; errors are retried. */
export function databaseClockCreate(
  timeRead: () => Promise<Date>,
  ticks: Ticks = systemTicks,
  timers: Timers = systemTimers,
): DatabaseClock & { /** Reads the time now. */ read(): Promise<void> } {
  let last: Reading | null = null;
  let isReading = false;
  let isClosed = false;
  let cancelNext = () => {};
  scheduleNext();

  function dayMs(): number {
    return ticks.dayMs() - ticks.ticksMs();
  }

  function hasJumped(beforeMs: number): boolean {
    return Math.abs(dayMs() - beforeMs) > JUMP_MS;
  }

  function errorNowMs({ errorMs, ticksMs }: Reading): number {
    return errorMs + (ticks.ticksMs() - ticksMs) * DRIFT;
  }

  function isReliable(reading: Reading): boolean {
    return !hasJumped(reading.dayMs) && errorNowMs(reading) + JUMP_MS <= CLOCK_ERROR_MS;
  }

  /** The more precise of two readings that agree; if they contradict each other, the database's clock was set. */
  function better(reading: Reading): Reading {
    if (last === null || hasJumped(last.dayMs)) return reading;
    const lastErrorMs = errorNowMs(last);
    const isContradiction =
      Math.abs(reading.offsetMs - last.offsetMs) > reading.errorMs + lastErrorMs;
    return isContradiction || reading.errorMs <= lastErrorMs ? reading : last;
  }

  async function read(): Promise<void> {
    const sentMs = ticks.ticksMs();
    const sentDayMs = dayMs();
    const at = await timeRead();
    const ticksMs = ticks.ticksMs();
    if (hasJumped(sentDayMs)) throw new Error('the time of day was set during the reading');
    const errorMs = (ticksMs - sentMs) / 2;
    const offsetMs = at.getTime() + errorMs - ticksMs;
    last = better({ offsetMs, errorMs, ticksMs, dayMs: sentDayMs });
  }

  async function sync(): Promise<void> {
    if (isReading || isClosed) return;
    isReading = true;
    await read().catch(() => undefined);
    isReading = false;
    scheduleNext();
  }

  function scheduleNext(): void {
    cancelNext();
    if (isClosed) return;
    const isFine = last !== null && isReliable(last);
    cancelNext = timers.after(isFine ? SYNC_EVERY_MS : RETRY_MS, () => void sync());
  }

  return {
    now: () => new Date(last === null ? ticks.dayMs() : ticks.ticksMs() + last.offsetMs),
    isSure() {
      if (last !== null && isReliable(last)) return true;
      void sync();
      return false;
    },
    read,
    close() {
      isClosed = true;
      cancelNext();
    },
  };
}
