import assert from 'node:assert/strict';
import { it } from 'node:test';
import { type Engine, EngineError } from '@dollarbox/engines/contract';
import { engineInstrument } from './engine-instrument.ts';
import { metricsCreate } from '../base/metrics.ts';

it('a call that hangs is counted by its verb, and logged with the org', async () => {
  const logged: object[] = [];
  const late = async () => {
    throw new EngineError('retryable', 'engine_timeout', 'The engine did not answer.');
  };
  const containers = {
    apply: late,
    end: late,
    list: async () => [{ ref: 'abc', id: 5, tenantId: 7 }],
  };
  const access = { logs: late, usage: late };
  const metrics = metricsCreate();
  const engine = engineInstrument({ containers, access } as unknown as Engine, metrics, {
    warn: (fields) => void logged.push(fields),
  });
  await assert.rejects(engine.containers.apply({ tenantId: 4 } as never));
  await engine.containers.list();
  await assert.rejects(engine.containers.end('abc', 0));
  assert.deepEqual(logged, [
    { verb: 'containers.apply', org: 4, object: undefined },
    { verb: 'containers.end', org: 7, object: 'abc' },
  ]);
  const { values } = await metrics.engineCallDuration.get();
  const outcomes = values
    .filter(({ metricName }) => metricName?.endsWith('_count'))
    .map(({ labels }) => labels.outcome);
  assert.deepEqual(outcomes, ['timeout', 'ok', 'timeout']);
});
