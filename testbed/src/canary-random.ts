/**
 * Loaded into the processes of the product that tests start (`node --import`), before the program itself: makes each
 * secret that they generate contain the canary, so that tests find it wherever it leaked to. What is left random is
 * enough to tell secrets apart.
 */
import { systemRandom } from '../../server/src/base/system.ts';
import { CANARY } from './canary.ts';

/** Shorter values are ids, which are no secrets. */
const SECRET_LENGTH_MIN = 20;

const { base62, bytes } = systemRandom;

Object.assign(systemRandom, {
  base62: (length: number): string =>
    length < SECRET_LENGTH_MIN ? base62(length) : CANARY + base62(length - CANARY.length),
  bytes: (length: number): Buffer =>
    length < SECRET_LENGTH_MIN
      ? bytes(length)
      : Buffer.concat([Buffer.from(CANARY), bytes(length - CANARY.length)]),
});
