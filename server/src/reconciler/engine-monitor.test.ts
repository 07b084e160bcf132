import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { pino } from 'pino';
import { isolationKeeper, isolationProbe } from '../installation/isolation.ts';
import { installationRead } from '../installation/store.ts';
import { type ReconcileBench, reconcileBenchOpen } from '../test/reconcile-harness.ts';
import { capacityRecorder, engineMonitorStart } from './engine-monitor.ts';

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

it('isolation that could not be found out is probed again, until it is known', async () => {
  const { db, engine } = bench;
  let probes = 0;
  let fails = true;
  const probeIsolation = async () => {
    probes += 1;
    if (!fails) return engine.probeIsolation();
    return { state: 'unknown' as const, findings: ['There was no room.'], remedies: [] };
  };
  const told: string[] = [];
  const keep = isolationKeeper({ ...bench.deps, engine: { ...engine, probeIsolation } }, (text) =>
    told.push(text),
  );
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

const DAY_MS = 86_400_000;

it(
  'what is past its time is removed, also while images can not be',
  { timeout: 60_000 },
  async (test) => {
    const { db, engine, clock } = bench;
    const now = clock.now().getTime();
    const { id: userId } = await db.selectFrom('users').select('id').executeTakeFirstOrThrow();
    const at = (daysAgo: number): Date => new Date(now - daysAgo * DAY_MS);
    const reply = { request_hash: Buffer.alloc(1), status: 201, reply_sealed: Buffer.alloc(1) };
    for (const [key, daysAgo] of [
      ['old', 1.01],
      ['new', 0.99],
    ] as const) {
      const row = { user_id: userId, org_id: 0, key, created_at: at(daysAgo), ...reply };
      await db.insertInto('idempotency_keys').values(row).execute();
    }
    const told = { action: 'test', object_kind: 'test', detail: '{}' };
    const old = Array.from({ length: 2500 }, () => ({ ...told, at: at(400.01) }));
    await db
      .insertInto('audit_log')
      .values([...old, { ...told, at: at(399.99) }])
      .execute();

    const images = {
      ...engine.images,
      collect: () => Promise.reject(new Error('the engine can not remove images')),
    };
    const monitor = engineMonitorStart({ ...bench.deps, engine: { ...engine, images } }, () => {});
    test.after(() => monitor.stop());
    const left = async () => ({
      keys: (await db.selectFrom('idempotency_keys').select('key').execute()).map(({ key }) => key),
      audit: (await db.selectFrom('audit_log').select('id').where('action', '=', 'test').execute())
        .length,
    });
    let found = await left();
    while (!test.signal.aborted && (found.keys.length > 1 || found.audit > 1)) found = await left();
    await monitor.stop();
    assert.deepEqual(found, { keys: ['new'], audit: 1 });
  },
);
