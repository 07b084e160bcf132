import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { pino } from 'pino';
import { isolationKeeper, isolationProbe } from './isolation.ts';
import { installationRead } from './store.ts';
import { type ReconcileBench, reconcileBenchOpen } from '../../test/support/reconcile-harness.ts';
import { capacityRecorder } from './capacity.ts';

let bench: ReconcileBench;

before(async () => {
  bench = await reconcileBenchOpen();
});
after(() => bench.close());

it('lost rules make isolation unknown until they are back, and are reported once', async () => {
  const { db, engine } = bench;
  const lines: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) });
  let isolationFault: string | null = null;
  const { host } = engine;
  assert.ok(host);
  const capacity = async () => ({ ...(await host.capacity()), isolationFault });
  const deps = { ...bench.deps, log, engine: { ...engine, host: { ...host, capacity } } };
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

it('isolation that could not be determined is probed again until it is known', async () => {
  const { db, engine } = bench;
  const { host } = engine;
  assert.ok(host);
  let probes = 0;
  let fails = true;
  const probeIsolation = async () => {
    probes += 1;
    if (!fails) return host.probeIsolation();
    return { state: 'unknown' as const, findings: ['There was no room.'], remedies: [] };
  };
  const told: string[] = [];
  const probing = { ...engine, host: { ...host, probeIsolation } };
  const keep = isolationKeeper({ ...bench.deps, engine: probing }, (text) => told.push(text));
  await keep();
  assert.equal((await installationRead(db)).isolation, 'unknown');
  assert.match(told.join(''), /There was no room/);
  fails = false;
  await keep();
  assert.equal((await installationRead(db)).isolation, 'isolated');
  await keep();
  assert.equal(probes, 2);
  assert.equal(told.length, 1);
});
