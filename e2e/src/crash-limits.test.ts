import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Container, containerWait, unwrap } from '@dollarbox/client';
import { dockerSkip } from '@dollarbox/host/docker';
import { type RegistryGate, registryGateStart } from '@dollarbox/testbed/registry-gate';
import { type CrashScene, crashSceneOpen } from './crash-scene.ts';
import { containerOf } from './docker-host.ts';
import { endCheck } from './end-check.ts';
import { type Ledger, ledgerOpen } from './ledger.ts';
import { logWatch, metricRead } from './observe.ts';
import type { ServerProcess } from './server-process.ts';
import { until } from './wait.ts';

/** How many never find their image, and how many exit as soon as they start. */
const MISSING = 90;
const LOOPING = 10;

const skip = await dockerSkip();

describe('a failure of one container delays no other', { skip }, () => {
  let scene: CrashScene;
  let gate: RegistryGate;
  let server: ServerProcess;
  let ledger: Ledger;
  before(async () => {
    scene = await crashSceneOpen();
    gate = await registryGateStart(scene.registry.host);
    const ALLOWED_REGISTRIES = `${scene.registry.host} ${gate.host}`;
    server = await scene.start({ ALLOWED_REGISTRIES });
    ledger = ledgerOpen(server);
  });
  after(async () => {
    await scene?.close();
    await gate?.close();
  });

  let serial = 0;
  async function create(image = scene.images.web): Promise<number> {
    const name = `l${(serial += 1)}`;
    await ledger.create(name, { image });
    return ledger.idOf(name);
  }
  const get = (id: number): Promise<Container> =>
    unwrap(scene.client(server).GET('/containers/{id}/', { params: { path: { id } } }));
  const settled = (id: number): Promise<Container> =>
    containerWait(scene.client(server), id, { pollMs: 50 });
  const check = (): Promise<void> =>
    endCheck({
      server,
      database: scene.database,
      ledger,
      restless: (container) => container.image === scene.images.exit1,
    });

  it('others start despite pulls that never end', async () => {
    // A container whose image is available.
    await settled(await create());
    const releases = ['slow1', 'slow2'].map((name) => gate.hold(name, 'web'));
    const stuck = [await create(`${gate.host}/slow1:1`), await create(`${gate.host}/slow2:1`)];
    await until('both to pull', async () => gate.asked().length === 2);
    const queued = await create(await scene.imageNew());
    const ready = await settled(await create());
    assert.equal(ready.status, 'running');

    const owner = ['--owner', 'owner@localhost'];
    await server.admin('org-create', '--slug', 'other', '--name', 'Other', ...owner);
    const elsewhere = ledger.through(server, 'other');
    await elsewhere.create('apart', { image: await scene.imageNew() });
    assert.equal((await settled(ledger.idOf('apart'))).status, 'running');
    for (const id of [...stuck, queued]) assert.equal((await get(id)).status, 'pending');
    for (const release of releases) release();
    for (const id of [...stuck, queued]) assert.equal((await settled(id)).status, 'running');
    await check();
  });

  it('others start despite a damaged row', async () => {
    const sick = await create();
    assert.equal((await settled(sick)).status, 'running');
    await scene.database.query(`update containers set env_sealed = 'damaged' where id = $1`, [
      sick,
    ]);
    const object = await containerOf(server.installation, sick);
    await object.kill();
    await until('the failure to be reported', async () => (await get(sick)).status === 'failed');
    assert.equal((await get(sick)).status_reason, 'data_lost');
    assert.equal((await settled(await create())).status, 'running');
    await ledger.update(sick, { image: scene.images.web, env: { GREETING: 'again' } });
    await check();
  });

  it('a nearly full disk refuses new containers and keeps the others running', async () => {
    const id = await create();
    assert.equal((await settled(id)).status, 'running');
    const small = mkdtempSync(join(tmpdir(), 'dollarbox-small-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'small', small]);
    const change = (info: Record<string, unknown>) => ({ ...info, DockerRootDir: small });
    const lift = scene.proxy.rule({ path: /^\/info/, action: { do: 'rewrite', change } });
    try {
      await server.restart();
      const refused = await until('a refusal', async () => {
        const outcome = await ledger.create(`l${(serial += 1)}`, { image: scene.images.web });
        return outcome?.status === 503 && outcome;
      });
      assert.match(refused.retryAfter ?? '', /^[1-9]\d*$/);
      assert.ok((await metricRead(server, 'dollarbox_engine_storage_free_bytes')) <= 2 ** 20);
      const object = await containerOf(server.installation, id);
      await object.kill();
      await until('its return', async () => (await object.inspect()).State.Running);
      await ledger.update(id, { image: scene.images.web, env: { GREETING: 'changed' } });
      await check();
    } finally {
      lift();
      execFileSync('umount', [small]);
      rmdirSync(small);
    }
    await server.restart();
    await until(
      'a place',
      async () => (await ledger.create('after', { image: scene.images.web }))?.status === 201,
    );
    await check();
  });

  it('others start despite a hundred that fail', async () => {
    const logged = logWatch(server);
    const missing = `${scene.registry.host}/web:none`;
    const crowd = await Promise.all([
      ...Array.from({ length: MISSING }, () => create(missing)),
      ...Array.from({ length: LOOPING }, () => create(scene.images.exit1)),
    ]);
    // During the first turns of all those containers, and while they are retried.
    for (let count = 0; count < 10; count += 1) {
      assert.equal((await settled(await create())).status, 'running');
    }
    // A container that was just restarted runs for a moment.
    for (const id of crowd) {
      await until('its failure', async () => (await get(id)).status === 'failed');
    }
    await until('nobody to wait', async () => {
      return (await metricRead(server, 'dollarbox_work_oldest_due_seconds')) < 1;
    });
    // A failure inside a tenant's container is shown to the tenant; it is not a warning for the operator.
    assert.deepEqual(logged.faults(), []);
    await check();
  });
});
