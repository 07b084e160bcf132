import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { pino } from 'pino';
import { isolationProbe } from '../installation/isolation.ts';
import { installationRead } from '../installation/store.ts';
import { type ReconcileBench, reconcileBenchOpen } from '../test/reconcile-harness.ts';
import { capacityRecorder } from './engine-monitor.ts';

let bench: ReconcileBench;

before(async () => {
  bench = await reconcileBenchOpen();
});
after(() => bench.close());

it('rules that are lost make isolation unknown until they are back, and are told once', async () => {
  const { db, engine } = bench;
  const lines: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) });
  let isolationFault: string | null = null;
  const capacity = async () => ({ ...(await engine.capacity()), isolationFault });
  const deps = { ...bench.deps, log, engine: { ...engine, capacity } };
  const record = capacityRecorder(deps);
  const found = async () => {
    const { values } = await deps.metrics.isolation.get();
    const gauged = values.filter(({ value }) => value === 1).map(({ labels }) => labels.state);
    return [(await installationRead(db)).isolation, ...gauged];
  };

  await isolationProbe(deps, () => {});
  await record();
  assert.deepEqual(await found(), ['isolated', 'isolated']);
  assert.equal(lines.length, 0);

  isolationFault = 'The rules could not be put back.';
  await record();
  await record();
  assert.deepEqual(await found(), ['unknown', 'unknown']);
  assert.equal(lines.length, 1, lines.join(''));
  assert.match(lines[0] ?? '', /could not be put back/);

  isolationFault = null;
  await record();
  assert.deepEqual(await found(), ['isolated', 'isolated']);
});
