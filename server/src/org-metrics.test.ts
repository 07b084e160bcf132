import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { type ContainerUsage, EngineError } from '@dollarbox/engines/contract';
import { metricsCreate } from './base/metrics.ts';
import { OTHER_ORGS, orgMetricsRegister } from './org-metrics.ts';
import { type OrgUsage, orgUsageCreate } from './org-usage.ts';
import { type ReconcileBench, reconcileBenchOpen } from '../test/support/reconcile-harness.ts';

const ORGS = 12;
const TOP = 3;
const NOTHING: ContainerUsage = {
  memoryBytes: null,
  memoryLimitBytes: null,
  cpuSeconds: null,
  networkReceivedBytes: null,
  networkSentBytes: null,
  processes: null,
  diskBytes: null,
};

let bench: ReconcileBench;
/** By the number of the org, which is also how many containers it has. */
const orgIds: number[] = [];
before(async () => {
  bench = await reconcileBenchOpen();
  bench.world.publish('app:1', {});
  orgIds.push(bench.orgId);
  while (orgIds.length < ORGS) orgIds.push(await bench.orgAdd());
  for (const [index, orgId] of orgIds.entries()) {
    for (let number = 0; number <= index; number += 1) {
      await bench.create({ name: `app-${number}`, image: 'app:1' }, orgId);
    }
  }
  await bench.settle();
});
after(() => bench.close());

/** An engine that has measured what the test says, by the number of the org. */
function measuring(used: (org: number) => Partial<ContainerUsage>) {
  const asked: string[] = [];
  const orgs = new Map<string, number>();
  const usage = orgUsageCreate(
    {
      db: bench.db,
      access: {
        async usage(ref, options) {
          assert.deepEqual(options, { withDisk: false });
          asked.push(ref);
          return { ...NOTHING, ...used(orgs.get(ref) ?? assert.fail('a foreign object')) };
        },
      },
    },
    TOP,
  );
  async function learn(): Promise<void> {
    const rows = await bench.db
      .selectFrom('containers')
      .select(['applied_ref', 'org_id'])
      .execute();
    for (const row of rows) orgs.set(row.applied_ref ?? '', orgIds.indexOf(row.org_id) + 1);
  }
  return {
    asked,
    usage: {
      ...usage,
      async measure() {
        await learn();
        await usage.measure();
      },
    },
    learn,
  };
}

/** The series of a metric, by org. */
async function seriesOf(
  registry: ReturnType<typeof metricsCreate>['registry'],
  name: string,
): Promise<Record<string, number>> {
  const found = (await registry.getMetricsAsJSON()).find((metric) => metric.name === name);
  const values = found?.values ?? assert.fail(`no metric ${name}`);
  return Object.fromEntries(values.map(({ labels, value }) => [labels['org'], value]));
}

function registered(usage: OrgUsage | null) {
  const metrics = metricsCreate();
  orgMetricsRegister({ ...bench.deps, metrics, usage }, TOP);
  return metrics.registry;
}

const SUM = (ORGS * (ORGS + 1)) / 2;
const FIRST = { 'org-12': 12, 'org-11': 11, 'org-10': 10, [OTHER_ORGS]: SUM - 33 };

it('names the orgs that have the most containers, and sums the others', async () => {
  const registry = registered(null);
  assert.deepEqual(await seriesOf(registry, 'dollarbox_org_containers'), FIRST);
  assert.deepEqual(await seriesOf(registry, 'dollarbox_org_volumes'), { [OTHER_ORGS]: 0 });
});

it('counts the streams of each org', async () => {
  const caller = { tokenId: null, sessionId: null };
  const subscriptions = await Promise.all(
    orgIds.flatMap((orgId, index) =>
      Array.from({ length: index < 4 ? 1 : 3 }, () =>
        bench.deps.events.subscribe({ orgId }, { ...caller, orgId }, { role: 'member' }),
      ),
    ),
  );
  const waiting = { orgId: bench.orgId, kind: 'container', objectId: 1 };
  subscriptions.push(
    await bench.deps.events.subscribe(
      waiting,
      { ...caller, orgId: bench.orgId },
      { role: 'member' },
    ),
  );
  const series = await seriesOf(registered(null), 'dollarbox_org_followers');
  for (const subscription of subscriptions) subscription.close();
  assert.deepEqual(series, { 'org-5': 3, 'org-6': 3, 'org-7': 3, [OTHER_ORGS]: 4 + 5 * 3 });
});

it('reports what running containers use, and what they used since the first measurement', async () => {
  let round = 0;
  const { usage } = measuring((org) => ({
    memoryBytes: 100,
    cpuSeconds: 1000 + round * org,
    networkReceivedBytes: round,
    networkSentBytes: 0,
  }));
  const registry = registered(usage);
  await usage.measure();
  assert.deepEqual(await seriesOf(registry, 'dollarbox_org_cpu_seconds_total'), {
    [OTHER_ORGS]: 0,
  });
  round = 1;
  await usage.measure();
  const memory = await seriesOf(registry, 'dollarbox_org_memory_bytes');
  assert.deepEqual(
    memory,
    Object.fromEntries(Object.entries(FIRST).map(([org, count]) => [org, count * 100])),
  );
  // Each of an org's containers used as much as the number of the org.
  const cpu = await seriesOf(registry, 'dollarbox_org_cpu_seconds_total');
  const squares = (ORGS * (ORGS + 1) * (2 * ORGS + 1)) / 6;
  assert.deepEqual(cpu, {
    ...{ 'org-12': 144, 'org-11': 121, 'org-10': 100 },
    [OTHER_ORGS]: squares - 365,
  });
  assert.deepEqual(await seriesOf(registry, 'dollarbox_org_network_received_bytes_total'), FIRST);
  assert.deepEqual(await seriesOf(registry, 'dollarbox_org_network_sent_bytes_total'), {
    [OTHER_ORGS]: 0,
  });
});

it('counts what an object used since its start, if it is new or was started again', async () => {
  const uses = new Map<number, number>();
  const { usage } = measuring((org) => ({ cpuSeconds: uses.get(org) ?? 0 }));
  const registry = registered(usage);
  uses.set(12, 50);
  await usage.measure();
  uses.set(12, 3);
  await usage.measure();
  const cpu = await seriesOf(registry, 'dollarbox_org_cpu_seconds_total');
  assert.equal(cpu['org-12'], 12 * 3);
});

it('asks the engine at most once a minute, when metrics are collected, and writes nothing', async () => {
  const { asked, learn, usage } = measuring(() => ({ memoryBytes: 1 }));
  await learn();
  const registry = registered(usage);
  assert.deepEqual(asked, []);
  await registry.metrics();
  // The measurement goes on behind the first collection.
  while (usage.memoryBytes() === null) await new Promise((resolve) => setTimeout(resolve, 5));
  await registry.metrics();
  await registry.metrics();
  assert.equal(asked.length, SUM);
  assert.equal(new Set(asked).size, SUM);
});

it('leaves out memory while the engine is away, keeps what was counted, and does not ask for each container', async () => {
  let isAway = false;
  let round = 0;
  let asked = 0;
  const { usage } = measuring(() => {
    asked += 1;
    if (isAway) throw new EngineError('retryable', 'engine_unreachable', 'It is away.');
    return { memoryBytes: 1, cpuSeconds: round };
  });
  const registry = registered(usage);
  await usage.measure();
  round = 1;
  await usage.measure();
  isAway = true;
  asked = 0;
  await usage.measure();
  assert.ok(asked < 10, `${asked} calls`);
  assert.deepEqual(await seriesOf(registry, 'dollarbox_org_memory_bytes'), {});
  assert.deepEqual(await seriesOf(registry, 'dollarbox_org_cpu_seconds_total'), FIRST);
  isAway = false;
  round = 2;
  await usage.measure();
  const cpu = await seriesOf(registry, 'dollarbox_org_cpu_seconds_total');
  assert.equal(cpu['org-12'], 24);
});

it('reports nothing by org while the database is away', async () => {
  const metrics = metricsCreate();
  const db = bench.db.withPlugin({
    transformQuery() {
      throw new Error('away');
    },
    transformResult: async ({ result }) => result,
  });
  orgMetricsRegister({ ...bench.deps, metrics, db, usage: null }, TOP);
  assert.deepEqual(await seriesOf(metrics.registry, 'dollarbox_org_containers'), {});
  assert.match(await metrics.registry.metrics(), /dollarbox_process_cpu_seconds_total/);
});
