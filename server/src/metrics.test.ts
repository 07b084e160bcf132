import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { databaseCreate } from '@dollarbox/testbed/postgres';
import { type Db, databaseOpen } from './db/database.ts';
import { queueMetricsRegister } from './database-metrics.ts';
import { diskMetricsRegister } from './disk-metrics.ts';
import { type Metrics, metricsCreate } from './base/metrics.ts';
import { metricsServe } from './metrics-serve.ts';
import { systemClock } from './base/system.ts';
import { MIGRATED_DATABASE } from '../test/support/database-template.ts';

const QUEUE = ['dollarbox_work_due', 'dollarbox_work_oldest_due_seconds'];

let db: Db;
let drop: () => Promise<void>;
before(async () => {
  const database = await databaseCreate(MIGRATED_DATABASE);
  db = databaseOpen({ connectionString: database.url });
  drop = () => database.drop();
});
after(() => db.destroy());

/** The result of a scrape: the value of each sample by name, without labels. */
async function scrape(metrics: Metrics): Promise<Map<string, string>> {
  const server = await metricsServe(metrics, 0);
  try {
    const { port } = server.address() as AddressInfo;
    const reply = await fetch(`http://127.0.0.1:${port}/metrics`);
    const text = await reply.text();
    assert.equal(reply.status, 200, text);
    const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return new Map(
      samples.map((line): [string, string] => {
        const [name = '', value = ''] = line.replace(/\{.*\}/, '').split(' ');
        return [name, value];
      }),
    );
  } finally {
    server.close();
  }
}

it('the queue is reported as it is, and left out while the database is unavailable', async () => {
  const metrics = metricsCreate();
  let statements = 0;
  const counting = db.withPlugin({
    transformQuery({ node }) {
      statements += 1;
      return node;
    },
    transformResult: async ({ result }) => result,
  });
  queueMetricsRegister(metrics, counting, systemClock);
  metrics.engineUp.set(1);

  const empty = await scrape(metrics);
  assert.deepEqual(
    QUEUE.map((name) => empty.get(name)),
    ['0', '0'],
  );
  assert.equal(statements, 1);

  const dueAt = new Date(systemClock.now().getTime() - 60_000);
  await db.insertInto('work').values({ kind: 'container', object_id: 1, due_at: dueAt }).execute();
  const waiting = await scrape(metrics);
  assert.equal(waiting.get('dollarbox_work_due'), '1');
  assert.ok(Number(waiting.get('dollarbox_work_oldest_due_seconds')) >= 60);

  await drop();
  const away = await scrape(metrics);
  assert.deepEqual(
    QUEUE.filter((name) => away.has(name)),
    [],
  );
  assert.equal(away.get('dollarbox_engine_up'), '1');
  assert.ok(away.has('dollarbox_process_cpu_seconds_total'));
});

it('the free space of the data folder is reported, and left out while it can not be read', async () => {
  const [there, missing] = [metricsCreate(), metricsCreate()];
  diskMetricsRegister(there, tmpdir());
  diskMetricsRegister(missing, join(tmpdir(), 'dollarbox-nothing-here'));
  assert.ok(Number((await scrape(there)).get('dollarbox_data_free_bytes')) > 0);
  assert.equal((await scrape(missing)).has('dollarbox_data_free_bytes'), false);
});
