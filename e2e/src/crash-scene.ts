import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DollarboxClient, dollarboxClientCreate } from '@dollarbox/client';
import { canaryOf } from '@dollarbox/testbed/canary';
import { type DockerProxy, dockerProxyStart } from '@dollarbox/testbed/docker-proxy';
import { folderRemove } from '@dollarbox/host/folder-remove';
import { type TestImages, imagePush, imagesPush, imagesUntag } from '@dollarbox/testbed/images';
import { databaseCreate } from '@dollarbox/testbed/postgres';
import { type Registry, registryStart } from '@dollarbox/testbed/registry';
import pg from 'pg';
import { docker, installationRemove } from './docker-host.ts';
import { databaseLook, secretsNone } from './secret-watch.ts';
import { type RunResult, type ServerProcess, serverRun, serverStart } from './server-process.ts';
import { until } from './wait.ts';

/** What a crash test needs: a database and an engine that it can inspect and disturb. */
export interface CrashScene {
  registry: Registry;
  images: TestImages;
  proxy: DockerProxy;
  databaseUrl: string;
  /** The folder of all servers, which share it as copies on one machine do. */
  dataDir: string;
  /** The test's own connection to the servers' database. */
  database: pg.Pool;
  /** The first server that is started creates the account. */
  start(environment?: Record<string, string>): Promise<ServerProcess>;
  /** Runs a server until it exits by itself. */
  run(environment: Record<string, string>): Promise<RunResult>;
  client(server: ServerProcess): DollarboxClient;
  /** The account's token, whichever server printed it. */
  token(): string;
  /** Waits until a reconciler has recorded how the host stores volumes. Before that, none can be created. */
  storageKnown(): Promise<unknown>;
  /** An image that is not on the engine yet and is equal to `web` except for a label. */
  imageNew(): Promise<string>;
  close(): Promise<void>;
}

const SECRET_KEY = canaryOf('the same on every copy, 32 characters or more');

/** @param options.databaseUrl if it is not a database of its own on the run's cluster. */
export async function crashSceneOpen(options: { databaseUrl?: string } = {}): Promise<CrashScene> {
  const registry = await registryStart();
  const images = await imagesPush(registry.host);
  const proxy = await dockerProxyStart();
  // Each start probes by connecting whether orgs are isolated, which is not tested here.
  proxy.rule({
    path: /^\/images\/dollarbox-probe/,
    action: { do: 'fail', status: 500, message: 'no probe in this test' },
  });
  const databaseUrl = options.databaseUrl ?? (await databaseCreate()).url;
  const database = new pg.Pool({ connectionString: databaseUrl, max: 4 });
  // A connection that is cut, most often by the test itself, is opened again.
  database.on('error', () => undefined);
  const servers: ServerProcess[] = [];
  const dataDir = mkdtempSync(join(tmpdir(), 'dollarbox-e2e-'));
  let serial = 0;
  /** Whether a server has used the scene's own database, rather than one of its own. */
  let isUsed = false;

  const base = {
    DATA_DIR: dataDir,
    DATABASE_URL: databaseUrl,
    SECRET_KEY,
    DOCKER_HOST: proxy.host,
    ALLOWED_REGISTRIES: registry.host,
    ISOLATION: 'weak',
  };

  const scene: CrashScene = {
    registry,
    images,
    proxy,
    databaseUrl,
    dataDir,
    database,
    async start(environment = {}) {
      const server = await serverStart({ ...base, ...environment });
      servers.push(server);
      const isOurs = environment['DATABASE_URL'] === undefined;
      isUsed ||= isOurs;
      if (isOurs && server.token !== '')
        await database.query('update orgs set container_limit = 1000');
      return server;
    },
    run: (environment) => serverRun({ ...base, ...environment }),
    client: (server) =>
      dollarboxClientCreate({ baseUrl: server.url, token: scene.token(), retries: 0 }),
    token: () => servers.map((server) => server.token).join(''),
    storageKnown: () =>
      until('how the host stores volumes', async () => {
        const { rows } = await database.query(
          'select from installation where volume_storage_class is not null',
        );
        return rows.length > 0;
      }),
    async imageNew() {
      const reference = `${registry.host}/web:new-${(serial += 1)}`;
      await imagePush('web', reference, { serial: String(serial) });
      return reference;
    },
    async close() {
      try {
        await Promise.all(servers.map((server) => server.stop('SIGKILL')));
        if (options.databaseUrl === undefined && isUsed) {
          await databaseLook({ connectionString: databaseUrl });
        }
        const installations = new Set(servers.map(({ installation }) => installation));
        for (const installation of installations) await installationRemove(installation);
        await imagesUntag(docker, registry.host);
      } finally {
        folderRemove(dataDir);
        await database.end();
        await proxy.close();
        await registry.close();
      }
      secretsNone();
    },
  };
  return scene;
}
