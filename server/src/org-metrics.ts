// Metrics by org: the orgs that have or use the most, and all others as one, so that labels stay few.
import { Counter, type CounterConfiguration, Gauge, type GaugeConfiguration } from 'prom-client';
import { sql } from 'kysely';
import type { Metrics } from './base/metrics.ts';
import { type Top, topOf } from './bounded-counter.ts';
import type { Db } from './db/database.ts';
import type { EventFeed } from './feed/feed.ts';
import type { OrgUsage } from './org-usage.ts';

/** The label of all orgs that are not named. No org has this slug. */
export const OTHER_ORGS = '_other';

const COUNTED = ['containers', 'volumes'] as const;

/** What is reported, by the names of metrics. */
type OrgTops = Record<string, Top | null>;

interface OrgMetricsDeps {
  metrics: Metrics;
  db: Db;
  events: Pick<EventFeed, 'followersByOrg'>;
  /** null: another process measures. */
  usage: OrgUsage | null;
}

/**
 * Registers metrics by org, collected by two statements each time that metrics are.
 * @param count how many orgs each of them names.
 */
export function orgMetricsRegister(deps: OrgMetricsDeps, count: number): void {
  const { metrics, db, events, usage } = deps;
  let reading: Promise<Map<string, ReadonlyMap<string, number>>> | null = null;

  /** The series of all metrics by slug. */
  async function seriesRead(): Promise<Map<string, ReadonlyMap<string, number>>> {
    usage?.request();
    const tops: OrgTops = { ...(await countsRead(db, count)) };
    tops['followers'] = topOf(events.followersByOrg(), count);
    const memory = usage?.memoryBytes() ?? null;
    tops['memory_bytes'] = memory === null ? null : topOf(memory, count);
    if (usage !== null) {
      tops['cpu_seconds_total'] = usage.used.cpuSeconds.read();
      tops['network_received_bytes_total'] = usage.used.networkReceivedBytes.read();
      tops['network_sent_bytes_total'] = usage.used.networkSentBytes.read();
    }
    const found = Object.entries(tops).filter((entry): entry is [string, Top] => entry[1] !== null);
    const ids = new Set(found.flatMap(([, { named }]) => [...named.keys()]));
    const slugs = await slugsRead(db, [...ids]);
    return new Map(found.map(([name, top]) => [name, seriesOf(top, slugs)]));
  }

  /** One reading for all metrics of a collection. */
  function read(name: string): Promise<ReadonlyMap<string, number>> {
    reading ??= seriesRead()
      // The metrics are absent while the database does not answer.
      .catch(() => new Map<string, ReadonlyMap<string, number>>())
      .finally(() => (reading = null));
    return reading.then((all) => all.get(name) ?? new Map<string, number>());
  }

  const shared = (name: string, help: string) => ({
    name: `dollarbox_org_${name}`,
    help,
    labelNames: ['org'] as const,
    registers: [],
  });
  function gaugeRegister(name: string, help: string): void {
    const options: GaugeConfiguration<'org'> = {
      ...shared(name, help),
      async collect() {
        const series = await read(name);
        this.reset();
        for (const [org, value] of series) this.set({ org }, value);
      },
    };
    metrics.registry.registerMetric(new Gauge(options));
  }
  function counterRegister(name: string, help: string): void {
    const options: CounterConfiguration<'org'> = {
      ...shared(name, help),
      async collect() {
        const series = await read(name);
        this.reset();
        for (const [org, value] of series) this.inc({ org }, value);
      },
    };
    metrics.registry.registerMetric(new Counter(options));
  }

  gaugeRegister('containers', 'Containers of the orgs that have the most.');
  gaugeRegister('volumes', 'Volumes of the orgs that have the most.');
  gaugeRegister('followers', 'Streams of logs and events that this process serves, by org.');
  if (usage === null) return;
  gaugeRegister('memory_bytes', 'Memory of the running containers, as last measured.');
  counterRegister('cpu_seconds_total', 'Processor time of containers, as measured.');
  counterRegister('network_received_bytes_total', 'Bytes that containers received, as measured.');
  counterRegister('network_sent_bytes_total', 'Bytes that containers sent, as measured.');
}

function seriesOf(
  { named, others }: Top,
  slugs: ReadonlyMap<number, string>,
): ReadonlyMap<string, number> {
  const series = new Map([[OTHER_ORGS, others]]);
  for (const [id, value] of named) {
    // An org may have been deleted after what is counted of it.
    const org = slugs.get(id) ?? OTHER_ORGS;
    series.set(org, (series.get(org) ?? 0) + value);
  }
  return series;
}

async function slugsRead(db: Db, ids: readonly number[]): Promise<Map<number, string>> {
  const rows = await db
    .selectFrom('orgs')
    .select(['id', 'slug'])
    .where((eb) => eb('id', '=', eb.fn.any(sql<number[]>`${ids}::bigint[]`)))
    .execute();
  return new Map(rows.map(({ id, slug }) => [id, slug]));
}

async function countsRead(db: Db, count: number): Promise<Record<(typeof COUNTED)[number], Top>> {
  const { rows } = await sql<{ what: string; org: number | null; count: number }>`
    with counts as (
      select 'containers' as what, org_id, count(*) as count from containers
      where deleted_at is null group by org_id
      union all
      select 'volumes', org_id, count(*) from volumes where deleted_at is null group by org_id
    ),
    ranked as (
      select what, org_id, count, row_number() over (partition by what order by count desc, org_id) as rank
      from counts
    )
    select what, case when rank <= ${count} then org_id end as org, sum(count)::int as count
    from ranked group by 1, 2`.execute(db);
  const top = (kind: string): Top => {
    const own = rows.filter(({ what }) => what === kind);
    return {
      named: new Map(own.flatMap((row) => (row.org === null ? [] : [[row.org, row.count]]))),
      others: own.find(({ org }) => org === null)?.count ?? 0,
    };
  };
  return { containers: top('containers'), volumes: top('volumes') };
}
