import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EngineError } from '@dollarbox/engines/contract';
import { pino } from 'pino';
import type { Claim } from './store.ts';
import { turnFailureLog } from './turn-failure.ts';

const CLAIM: Claim = {
  ...{ kind: 'container', id: 7, fence: 1, wakeSeq: 0 },
  ...{ failures: 0, dueAt: new Date(0) },
};

/** At which of so many failures in a row an operator who reads warnings is told. */
function toldAt(reason: string, count: number): unknown[] {
  const lines: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) });
  const error = new EngineError('retryable', reason, 'It failed.');
  for (let failures = 1; failures <= count; failures += 1) {
    turnFailureLog({ log }, CLAIM, error, failures);
  }
  return lines.map((line) => (JSON.parse(line) as { failures: number }).failures);
}

describe('failures of an object in a row', () => {
  it('are told ever more seldom', () => {
    assert.deepEqual(toldAt('engine_error', 20), [1, 2, 4, 8, 16]);
  });

  it('are not told of each object when it is the engine that does not answer', () => {
    assert.deepEqual(toldAt('engine_unreachable', 20), []);
  });
});
