import { type Container, type Volume, dollarboxClientCreate, listAll } from '@dollarbox/client';
import type Docker from 'dockerode';
import type pg from 'pg';
import { docker as systemDocker } from './docker-host.ts';
import {
  type EngineObject,
  type TableRow,
  containerFaults,
  tableFaults,
} from './end-check-rules.ts';
import {
  engineVolumes,
  mountFaults,
  volumeCounterFaults,
  volumeFaults,
  volumeTableFaults,
  volumeTableRows,
} from './end-check-volumes.ts';
import { type Ledger, ledgerFaults } from './ledger.ts';
import type { ServerProcess } from './server-process.ts';
import { until } from './wait.ts';

export interface EndCheckOptions {
  server: Pick<ServerProcess, 'url' | 'token' | 'installation'>;
  /** A connection to the server's database that bypasses the server. */
  database: pg.Pool;
  /** The acknowledged writes; if omitted, what exists is not compared with them. */
  ledger?: Ledger;
  /** The engine, if it is not the machine's own. */
  docker?: Docker;
  /** Containers whose process never stays up, so that it is not checked whether they run at the moment. */
  restless?: (container: Container) => boolean;
}

/**
 * What must hold after any fault, once everything has settled. The API shows what is in the table, and the engine runs
 * it. An id has at most one engine object, and no object lacks a row. The same holds for volumes; each is in at most
 * one container, and both sides of each mount agree. Counters equal a recount. Nothing waits for its turn, and nothing
 * is claimed. The effect of every acknowledged write is present.
 * @throws Error listing everything that does not hold when the time is up; while anything has not settled, only that.
 */
export async function endCheck(options: EndCheckOptions): Promise<void> {
  let faults: string[] = [];
  try {
    await until('agreement of API, database and engine', async () => {
      faults = ['it could not be looked at'];
      faults = await faultsFind(options);
      return faults.length === 0;
    });
  } catch (error) {
    throw new Error(`after the fault:\n  ${faults.join('\n  ')}`, { cause: error });
  }
}

async function faultsFind(options: EndCheckOptions): Promise<string[]> {
  const { server, database, ledger, docker = systemDocker } = options;
  // Looking at every object on the engine keeps it busy, so that is left until everything has settled.
  const unsettled = [
    ...tableFaults(await tableRows(database)),
    ...volumeTableFaults(await volumeTableRows(database)),
  ];
  if (unsettled.length > 0) return unsettled;
  const restless = options.restless ?? (() => false);
  const objects = await engineObjects(docker, server.installation);
  const rows = await tableRows(database);
  const client = dollarboxClientCreate({ baseUrl: server.url, token: server.token, retries: 0 });
  const shown = new Map<number, Container>();
  for await (const each of listAll(client, '/containers/', { limit: 200 }))
    shown.set(each.id, each);
  const volumes = await engineVolumes(docker, server.installation);
  const volumeRows = await volumeTableRows(database);
  const volumesShown = new Map<number, Volume>();
  for await (const each of listAll(client, '/volumes/', { limit: 200 }))
    volumesShown.set(each.id, each);
  return [
    ...volumeFaults(volumeRows, volumesShown, volumes),
    ...mountFaults(volumeRows, shown, objects, volumes),
    ...(await volumeCounterFaults(database)),
    ...containerFaults(rows, shown, objects, await imageIds(docker, rows), restless),
    ...tableFaults(rows),
    ...(await counterFaults(database)),
    ...(await networkFaults(database, docker, server.installation)),
    ...(await auditFaults(database, ledger)),
    ...(ledger === undefined ? [] : ledgerFaults(ledger.entries, shown)),
  ];
}

async function tableRows(database: pg.Pool): Promise<TableRow[]> {
  const { rows } = await database.query<TableRow>(`
    select c.id::int as id, c.name, c.image, c.status, c.status_reason, c.generation::int as generation,
      c.observed_generation::int as observed_generation, host(c.ipv6_address) as ipv6_address,
      c.applied_ref, c.deleted_at is not null as is_deleted,
      w.object_id is not null as has_work, w.lease_owner is not null as is_leased,
      coalesce(w.due_at <= now(), false) as is_due
    from containers c left join work w on w.kind = 'container' and w.object_id = c.id`);
  return rows;
}

async function engineObjects(docker: Docker, installation: string): Promise<EngineObject[]> {
  const filters = { label: [`dollarbox.installation=${installation}`, 'dollarbox.container'] };
  const listed = await docker.listContainers({ all: true, filters });
  return Promise.all(
    listed.map(async ({ Id }) => {
      const { Config, State, NetworkSettings, Mounts } = await docker.getContainer(Id).inspect();
      return {
        ref: Id,
        id: Number(Config.Labels['dollarbox.container']),
        imageId: Config.Image,
        env: Config.Env,
        isRunning: State.Running && !State.Paused,
        addresses: Object.values(NetworkSettings.Networks).map((each) => each.GlobalIPv6Address),
        mounts: Mounts.filter(({ Type }) => Type === 'volume').map(
          ({ Name, Destination }) => [Name ?? '', Destination] as const,
        ),
      };
    }),
  );
}

async function imageIds(docker: Docker, rows: readonly TableRow[]): Promise<Map<string, string>> {
  const references = new Set(
    rows.filter((row) => row.status === 'running').map((row) => row.image),
  );
  const found = await Promise.all(
    [...references].map(async (reference) => {
      const image = await docker.getImage(reference).inspect();
      return [reference, image.Id] as const;
    }),
  );
  return new Map(found);
}

async function counterFaults(database: pg.Pool): Promise<string[]> {
  const { rows } = await database.query<{ slug: string; counted: number; found: number }>(`
    select o.slug, o.container_count as counted, count(c.id)::int as found
    from orgs o left join containers c on c.org_id = o.id and c.deleted_at is null
    group by o.id having o.container_count <> count(c.id)`);
  const orphans = await database.query<{ object_id: string }>(`
    select object_id from work
    where kind = 'container' and not exists (select from containers c where c.id = object_id)`);
  return [
    ...rows.map(
      ({ slug, counted, found }) => `org ${slug} counts ${counted} containers, has ${found}`,
    ),
    ...orphans.rows.map(
      ({ object_id: id }) => `work is kept for a container ${id} that is no more`,
    ),
  ];
}

/** An org has at most one network, and an org that does not exist has none. */
async function networkFaults(
  database: pg.Pool,
  docker: Docker,
  installation: string,
): Promise<string[]> {
  const filters = { label: [`dollarbox.installation=${installation}`, 'dollarbox.tenant'] };
  const networks = await docker.listNetworks({ filters });
  const { rows } = await database.query<{ id: string }>('select id from orgs');
  const left = new Set(rows.map(({ id }) => Number(id)));
  return networks.flatMap(({ Name, Labels }) => {
    const id = Number(Labels?.['dollarbox.tenant']);
    return left.delete(id) ? [] : [`the network ${Name} is one too many`];
  });
}

async function auditFaults(database: pg.Pool, ledger: Ledger | undefined): Promise<string[]> {
  const ids = ledger?.requestIds ?? [];
  const { rows } = await database.query<{ id: string }>(
    `select sent.id from unnest($1::text[]) as sent(id)
     where not exists (select from audit_log as a where a.request_id = sent.id)`,
    [ids],
  );
  return rows.map(({ id }) => `no audit row tells of the acknowledged request ${id}`);
}
