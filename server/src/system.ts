import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import type { Clock, Random } from './deps.ts';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** The only place where the process reads the time. */
export const systemClock: Clock = { now: () => new Date() };

/** The only place where the process draws chance; cryptographically strong. */
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
