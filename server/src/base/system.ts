import { randomBytes, randomInt, randomUUID } from 'node:crypto';

/** The clock. Tests can hold it still. */
export interface Clock {
  now(): Date;
}

/** Randomness. Tests can make it repeatable. */
export interface Random {
  /** Uniform over `0-9A-Za-z`. */
  base62(length: number): string;
  bytes(length: number): Buffer;
  /** Uniform in [0, 1). */
  fraction(): number;
  uuid(): string;
}

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** What a machine knows of the time by itself. */
export interface Ticks {
  /** The time of day, which can be set. */
  dayMs(): number;
  /** Grows steadily while the machine runs, and stands still while it is suspended. */
  ticksMs(): number;
}

/**
 * The only places where a process reads the time of its machine. A time that is stored, or compared with a stored one, is
 * that of the database (`db/database-clock.ts`).
 */
export const systemClock: Clock = { now: () => new Date() };
export const systemTicks: Ticks = {
  dayMs: () => systemClock.now().getTime(),
  ticksMs: () => performance.now(),
};

/** The only place where the process generates random values; cryptographically strong. */
export const systemRandom: Random = {
  base62(length) {
    let text = '';
    for (let index = 0; index < length; index += 1) text += BASE62[randomInt(62)];
    return text;
  },
  bytes: (length) => randomBytes(length),
  fraction: () => randomInt(2 ** 47) / 2 ** 47,
  uuid: () => randomUUID(),
};
