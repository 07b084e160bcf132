import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ENGINE_TIMEOUT, EngineError } from '@dollarbox/engines/contract';
import { pino } from 'pino';
import { systemRandom } from '../base/system.ts';
import { isAside, nextTry } from './next-try.ts';
import type { Claim } from './store.ts';
import { turnFailureLog } from './turn-failure.ts';

const CLAIM: Claim = {
  ...{ kind: 'container', id: 7, orgId: 1, fence: 1, wakeSeq: 0, hintSeq: 0 },
  ...{ failures: 0, hangs: 0, dueAt: new Date(0) },
};

/** At which of this many failures in a row an operator who reads warnings is notified. */
function toldAt(reason: string, count: number): unknown[] {
  const lines: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) });
  const error = new EngineError('retryable', reason, 'It failed.');
  for (let failures = 1; failures <= count; failures += 1) {
    turnFailureLog({ log }, CLAIM, error, { failures, hangs: 0, delayMs: 1 });
  }
  return lines.map((line) => (JSON.parse(line) as { failures: number }).failures);
}

describe('failures of an object in a row', () => {
  it('are told ever more seldom', () => {
    assert.deepEqual(toldAt('engine_error', 20), [1, 2, 4, 8, 16]);
  });

  it('that are calls without an answer are told with the org when the object is put aside', () => {
    const lines: string[] = [];
    const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) });
    const error = new EngineError('retryable', ENGINE_TIMEOUT, 'It did not answer.');
    const claim = { ...CLAIM, orgId: 4 };
    for (let count = 1; count <= 5; count += 1) {
      const next = nextTry(claim, error, systemRandom);
      turnFailureLog({ log }, claim, error, next);
      claim.failures = next.failures;
      claim.hangs = next.hangs;
      assert.equal(next.delayMs > 60_000, isAside(next), `after ${count}`);
    }
    const told = lines.map((line) => JSON.parse(line) as { org?: number; msg: string });
    const aside = told.filter(({ msg }) => msg.includes('put aside'));
    assert.deepEqual(
      aside.map(({ org }) => org),
      [4],
    );
    const other = new EngineError('retryable', 'engine_error', 'It failed.');
    assert.equal(nextTry(claim, other, systemRandom).hangs, 0);
    // The turn could do without the answer to an earlier call.
    assert.equal(nextTry(claim, other, systemRandom, true).hangs, claim.hangs + 1);
  });

  it('are not told of each object when it is the engine that does not answer', () => {
    assert.deepEqual(toldAt('engine_unreachable', 20), []);
  });
});
