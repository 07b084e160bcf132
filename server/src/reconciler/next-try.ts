import { ENGINE_TIMEOUT, type EngineError } from '@dollarbox/engines/contract';
import type { Random } from '../base/system.ts';
import { retryDelayMs } from './backoff.ts';
import type { Claim, NextTurn } from './store.ts';

/**
 * After this many turns in a row that ended in a call that the engine did not answer, an object is put aside: it is tried
 * rarely, and all such objects together have few places of a worker. A call that hangs takes its whole deadline each time,
 * and what makes it hang may be the object itself.
 */
export const HANGS_ASIDE = 2;

export function isAside({ hangs }: Pick<Claim, 'hangs'>): boolean {
  return hangs >= HANGS_ASIDE;
}

/** What a failed turn records, and how long the object waits for its next one, in milliseconds. */
export interface NextTry extends Required<Pick<NextTurn, 'failures' | 'hangs'>> {
  delayMs: number;
}

/** What a turn records that did not fail. */
export const NO_FAILURE = { failures: 0, hangs: 0 } as const;

/**
 * @param error that ended the turn of this claim.
 * @param hasHung an earlier call of the turn, which the turn could do without, was not answered.
 */
export function nextTry(
  claim: Pick<Claim, 'failures' | 'hangs'>,
  error: EngineError,
  random: Random,
  hasHung = false,
): NextTry {
  const failures = claim.failures + 1;
  const hangs = hasHung || error.reason === ENGINE_TIMEOUT ? claim.hangs + 1 : 0;
  const isRare = error.kind === 'permanent' || isAside({ hangs });
  return { failures, hangs, delayMs: retryDelayMs(failures, isRare, random) };
}
