import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import { connect, createServer as createSocketServer } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import { dockerSkip } from '@dollarbox/host/docker';
import { imagesBuild } from '@dollarbox/testbed/images';
import { EngineError } from '../../contract.ts';
import { dockerEngineCreate } from '../engine.ts';
import { volumeDockerName } from '../base/names.ts';
import {
  docker,
  memoryImageStore,
  memoryRightStore,
  testEngineCreate,
  installationIdCreate,
  testTenantCreate,
  testInstallationRemove,
  specOf,
  waitFor,
} from '../test/setup.ts';

const REAL_SOCKET = '/var/run/docker.sock';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dollarbox-daemon-'));
});
after(() => rm(folder, { recursive: true }));

/** A daemon that answers with the given listener. */
async function playDaemon(name: string, listener: RequestListener): Promise<Server> {
  const server = createServer(listener);
  server.listen(join(folder, name));
  await once(server, 'listening');
  return server;
}

async function failureOf(work: Promise<unknown>): Promise<EngineError> {
  const error: unknown = await work.then(
    () => assert.fail('it worked'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof EngineError, String(error));
  return error;
}

test('a missing socket is reported with what to do', async () => {
  const socketPath = join(folder, 'none.sock');
  const engine = testEngineCreate({ socketPath });
  const { kind, message } = await failureOf(engine.host.start());
  assert.equal(kind, 'retryable');
  assert.match(message, new RegExp(`No Docker engine answers at ${socketPath} .*DOCKER_HOST`));
  assert.equal((await failureOf(engine.ping())).kind, 'retryable');
  await engine.close();
});

test('an address in DOCKER_HOST is reported if nothing answers there', async () => {
  const engine = testEngineCreate({ host: 'tcp://127.0.0.1:1' });
  assert.match((await failureOf(engine.host.start())).message, /tcp:\/\/127\.0\.0\.1:1/);
  const { state, findings, remedies } = await engine.host.probeIsolation();
  assert.equal(state, 'unknown');
  assert.ok(findings.length > 0 && remedies.length > 0);
  await engine.close();
  for (const host of ['ssh://x', 'nonsense', 'npipe://x']) {
    assert.throws(() => testEngineCreate({ host }), /DOCKER_HOST is ".*"; it must be like/);
  }
});

test(
  'a socket that this user may not use is told with what to do',
  { skip: process.getuid?.() === 0 ? 'root may use every socket' : false },
  async () => {
    const server = await playDaemon('closed.sock', () => {});
    const socketPath = join(folder, 'closed.sock');
    await chmod(socketPath, 0);
    const engine = testEngineCreate({ socketPath });
    assert.match((await failureOf(engine.host.start())).message, /may not use .*group "docker"/);
    await engine.close();
    server.close();
  },
);

test('an engine that is too old, or does not run Linux containers, is refused', async () => {
  let version = {};
  const server = await playDaemon('old.sock', (_, reply) => {
    reply.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(version));
  });
  const engine = testEngineCreate({ socketPath: join(folder, 'old.sock') });
  version = { ApiVersion: '1.40', Version: '19.03.15', Os: 'linux', Arch: 'amd64' };
  const old = await failureOf(engine.host.start());
  assert.equal(old.kind, 'permanent');
  assert.match(old.message, /19\.03\.15 \(API 1\.40\) is too old.*20\.10/);
  version = { ApiVersion: '1.45', Version: '26.0', Os: 'windows', Arch: 'amd64' };
  assert.match((await failureOf(engine.host.start())).message, /Linux containers are needed/);
  await engine.close();
  server.closeAllConnections();
  server.close();
});

test('every verb ends by its deadline if the engine does not answer', async () => {
  const server = await playDaemon('silent.sock', () => {});
  const installationId = installationIdCreate();
  const socketPath = join(folder, 'silent.sock');
  const engine = testEngineCreate({ installationId, socketPath, verbDeadlineMs: 200 });
  const tenant = testTenantCreate(1);
  const spec = {
    ...{ id: 1, tenantId: 1, name: 'a', image: 'a', imageId: 'sha256:0', env: {}, command: [] },
    ...{ ports: [], ipv6Address: 'fd00::101', volumes: [], init: false },
  };
  const key = { id: 1, uid: 'aaaabbbbccccdddd' };
  const volume = volumeDockerName(installationId, key);
  const request = { ref: 'a:1', tenantId: 1, containerId: 1, since: new Date(0) };
  const verbs: Record<string, () => Promise<unknown>> = {
    start: () => engine.host.start(),
    ping: () => engine.ping(),
    capacity: () => engine.host.capacity(),
    'tenants.ensure': () => engine.tenants.ensure(tenant),
    'tenants.remove': () => engine.tenants.remove(1),
    'tenants.list': () => engine.tenants.list(),
    'images.ensure': () => engine.images.ensure(request),
    'images.observe': () => engine.images.observe(request),
    'images.collect': () => engine.images.collect(async () => new Set()),
    'containers.apply': () => engine.containers.apply(spec),
    'containers.observe': () => engine.containers.observe(1),
    'containers.end': () => engine.containers.end('x', 0),
    'containers.list': () => engine.containers.list(),
    'access.logs': () => engine.access.logs('x', { tailLines: 1, maxBytes: 1 }),
    'volumes.apply': () => engine.volumes.apply({ ...key, tenantId: 1, name: 'a', sizeGb: 1 }),
    'volumes.observe': () => engine.volumes.observe(key),
    'volumes.remove': () => engine.volumes.remove(volume),
    'volumes.list': () => engine.volumes.list(),
    'volumes.usedBytes': () => engine.volumes.usedBytes(volume),
    'volumes.exportTar': () => engine.volumes.exportTar(volume),
    'volumes.importTar': () => engine.volumes.importTar(volume, Readable.from([])),
  };
  for (const [name, verb] of Object.entries(verbs)) {
    const { kind, reason } = await failureOf(verb());
    assert.deepEqual([kind, reason], ['retryable', 'engine_timeout'], name);
  }
  await engine.close();
  server.closeAllConnections();
  server.close();
});

test('an installation id that is not valid in names is refused', () => {
  for (const installationId of ['', 'SHOUTING1234', 'short', 'a'.repeat(13), 'with-dash-12']) {
    assert.throws(
      () =>
        dockerEngineCreate({
          installationId,
          allowedRegistries: [],
          pulledImages: memoryImageStore(),
          imageRights: memoryRightStore(),
          subnets: { ensure: () => assert.fail(), replace: () => assert.fail() },
          log: { info() {}, warn() {}, error() {} },
          now: () => new Date(),
        }),
      /installation id/,
    );
  }
});

describe('a connection to Docker that breaks', { skip: await dockerSkip() }, () => {
  const installationId = installationIdCreate();
  const open = new Set<Socket>();
  /** Passes everything on until it is cut. */
  const proxy = createSocketServer((near) => {
    const far = connect(REAL_SOCKET);
    for (const socket of [near, far]) {
      open.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        open.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(far).pipe(near);
  });
  after(async () => {
    proxy.close();
    await testInstallationRemove(installationId);
  });

  test('hints continue after each cut', async () => {
    const { shell } = await imagesBuild(docker);
    const socketPath = join(folder, 'proxy.sock');
    proxy.listen(socketPath);
    await once(proxy, 'listening');
    const tenant = testTenantCreate(1);
    const engine = testEngineCreate({ installationId, socketPath });
    await engine.host.start();
    await engine.tenants.ensure(tenant);
    const abort = new AbortController();
    const seen: number[] = [];
    const watching = (async () => {
      for await (const { id } of engine.changes(abort.signal)) seen.push(id);
    })();
    const direct = testEngineCreate({ installationId });
    for (const id of [1, 2, 3]) {
      for (const socket of open) socket.destroy();
      await waitFor(`a hint after cut ${id}`, async () => {
        const { ref } = await direct.containers.apply(await specOf(shell, tenant, id));
        await direct.containers.end(ref, 0);
        return seen.includes(id);
      });
    }
    abort.abort();
    await watching;
    await direct.close();
    await engine.close();
  });
});
