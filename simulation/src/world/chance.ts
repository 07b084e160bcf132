import { seededRandom } from '@dollarbox/engines/fake/random';

/** Repeatable chance: the same choices for the same seed. */
export interface Chance {
  /** Uniform in [0, 1). */
  fraction(): number;
  isTrue(probability: number): boolean;
  /** Uniform in [from, to). */
  between(from: number, to: number): number;
  /** A whole number from 0 to `count` - 1. */
  index(count: number): number;
  pick<T>(items: readonly [T, ...T[]]): T;
}

export function chanceCreate(seed: number): Chance {
  // Neighbouring seeds start similarly, so the first numbers are discarded.
  const fraction = seededRandom(Math.imul(seed + 1, 0x9e3779b1));
  for (let count = 0; count < 4; count += 1) fraction();
  const index = (count: number): number => Math.floor(fraction() * count);
  return {
    fraction,
    index,
    isTrue: (probability) => probability > 0 && fraction() < probability,
    between: (from, to) => from + fraction() * (to - from),
    pick: (items) => items[index(items.length)] ?? items[0],
  };
}
