import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  type Container,
  type DollarboxClient,
  containerWait,
  dollarboxClientCreate,
  unwrap,
} from '@dollarbox/client';
import { dockerSkip } from '@dollarbox/host/docker';
import { canaryOf } from '@dollarbox/testbed/canary';
import type { TestImages } from '@dollarbox/testbed/images';
import { containerOf, containersOf, docker, read } from './docker-host.ts';
import { type EngineScene, engineSceneOpen } from './engine-scene.ts';
import { type ServerProcess, serverStart } from './server-process.ts';
import { until } from './wait.ts';

let scene: EngineScene;
let images: TestImages;
let server: ServerProcess;
let client: DollarboxClient;

const skip = await dockerSkip();

describe('containers on a real engine', { skip }, () => {
  before(async () => {
    scene = await engineSceneOpen();
    ({ client, images, server } = scene);
  });
  after(() => scene?.close());

  let serial = 0;
  async function create(body: Partial<Container> & { image: string }): Promise<Container> {
    const name = `e${(serial += 1)}`;
    return unwrap(client.POST('/containers/', { body: { name, ...body } }));
  }
  const settled = (id: number) => containerWait(client, id, { pollMs: 50 });
  const get = (id: number) => unwrap(client.GET('/containers/{id}/', { params: { path: { id } } }));
  const patch = (id: number, body: object) =>
    unwrap(client.PATCH('/containers/{id}/', { params: { path: { id } }, body }));
  const remove = (id: number) =>
    unwrap(client.DELETE('/containers/{id}/', { params: { path: { id } } }));
  async function running(body: Partial<Container> & { image: string }): Promise<Container> {
    const container = await settled((await create(body)).id);
    assert.equal(container.status, 'running', container.status_message ?? '');
    return container;
  }

  it('runs an nginx that starts as root, answering on its own IPv6 address', async () => {
    const made = await create({ image: images.nginx });
    assert.equal(made.status, 'pending');
    const container = await settled(made.id);
    assert.equal(container.status, 'running', container.status_message ?? '');
    assert.equal(container.ipv6_address, made.ipv6_address);
    const answer = await until('an answer', () => read(container.ipv6_address, 80));
    assert.match(answer, /Welcome to nginx!/);
    await remove(container.id);
    await until('gone from the engine', async () => {
      return (await containersOf(server.installation, container.id)).length === 0;
    });
  });

  it('delivers env byte for byte', async () => {
    const env = {
      LINES: canaryOf('a\nb\r\n\tc'),
      QUOTES: canaryOf(`"'\`\\`),
      DOLLAR: canaryOf('$HOME ${X} $(Y) %s'),
      EMOJI: canaryOf('🚢 ünï'),
      EMPTY: '',
      EQUALS: canaryOf('a=b=c'),
    };
    const container = await running({ image: images.web, env });
    const raw = await until('an answer', () =>
      read(container.ipv6_address, 8080, '/cgi-bin/environ'),
    );
    const seen = Object.fromEntries(
      raw
        .split('\0')
        .filter((entry) => entry.includes('='))
        .map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
    );
    for (const [key, value] of Object.entries(env)) assert.equal(seen[key], value, key);
    assert.deepEqual((await get(container.id)).env, env);
    await remove(container.id);
  });

  it('replaces entrypoint and command', async () => {
    const command = [
      '/bin/sh',
      '-c',
      'echo "$0 $1" > /www/index.html; exec httpd -f -p 8080 -h /www',
      'one',
      'two words',
    ];
    const container = await running({ image: images.web, command });
    assert.match(
      await until('an answer', () => read(container.ipv6_address, 8080)),
      /one two words/,
    );
    await remove(container.id);
  });

  it('finds the other containers of its org by name', async () => {
    const web = await running({ image: images.web, env: { GREETING: canaryOf('hello') } });
    const script = `echo ready > /www/x; while :; do wget -q -O /www/index.html http://${web.name}:8080/ && break; sleep 0.2; done; exec httpd -f -p 8080 -h /www`;
    const asker = await running({ image: images.web, command: ['/bin/sh', '-c', script] });
    const answer = await until('an answer', () => read(asker.ipv6_address, 8080));
    assert.match(answer, /^web .* hello/);
    await remove(web.id);
    await remove(asker.id);
  });

  it('updates by recreating once the new image is there, on the same address', async () => {
    const container = await running({ image: images.web, env: { GREETING: canaryOf('one') } });
    await until('the first version', async () =>
      (await read(container.ipv6_address, 8080)).includes('one'),
    );
    const patched = await patch(container.id, { env: { GREETING: canaryOf('two') } });
    assert.equal(patched.status, 'running');
    assert.equal(patched.ipv6_address, container.ipv6_address);
    const after = await settled(container.id);
    assert.equal(after.observed_generation, 2);
    await until('the second version', async () =>
      (await read(container.ipv6_address, 8080)).includes('two'),
    );
    assert.equal((await containersOf(server.installation, container.id)).length, 1);
    await remove(container.id);
  });

  it('leaves the old version running when the new image is bad, and says why', async () => {
    const container = await running({ image: images.web });
    await patch(container.id, { image: `${scene.registry.host}/nothing:1` });
    const after = await settled(container.id);
    assert.deepEqual([after.status, after.status_reason], ['running', 'image_not_found']);
    assert.ok(after.observed_generation < after.generation);
    await until('the old version answers', () => read(container.ipv6_address, 8080));
    await remove(container.id);
  });

  it('reports an exit with its code and last lines, and a crash loop as such', async () => {
    const { id } = await create({ image: images.exit1 });
    const exited = await until('an exit', async () => {
      const container = await get(id);
      // The exit is reported at once; the last lines follow once they are read.
      const isReported = !/being read/.test(container.status_message ?? '');
      return container.status_reason === 'exited' && isReported && container;
    });
    assert.equal(exited.status, 'failed');
    assert.match(exited.status_message ?? '', /exited with code 1\. Last lines:\n\S/);
    const looping = await until('a crash loop', async () => {
      const container = await get(id);
      return container.status_reason === 'crash_loop' && container;
    });
    assert.equal(looping.status, 'failed');
    assert.ok(looping.restart_count >= 2);
    await remove(id);
  });

  it('reports that a process used too much memory', async () => {
    const { id } = await create({ image: images.hog });
    const killed = await until('the kill', async () => {
      const container = await get(id);
      return container.status_reason === 'out_of_memory' && container;
    });
    assert.match(killed.status_message ?? '', /1 GiB/);
    await remove(id);
  });

  it('ends a process that ignores its stop signal after ten seconds', async () => {
    const container = await running({ image: images.stubborn });
    const askedAt = performance.now();
    await remove(container.id);
    const successor = await create({ image: images.web, name: container.name });
    await until('its end', async () => {
      return (await containersOf(server.installation, container.id)).length === 0;
    });
    const tookMs = performance.now() - askedAt;
    assert.ok(tookMs >= 10_000, `it was killed after ${tookMs} ms`);
    assert.equal((await settled(successor.id)).status, 'running');
    await remove(successor.id);
  });

  for (const [what, action] of Object.entries({
    killed: (one: ReturnType<typeof docker.getContainer>) => one.kill(),
    stopped: (one: ReturnType<typeof docker.getContainer>) => one.stop({ t: 0 }),
    paused: (one: ReturnType<typeof docker.getContainer>) => one.pause(),
    removed: (one: ReturnType<typeof docker.getContainer>) => one.remove({ force: true }),
    disconnected: async (one: ReturnType<typeof docker.getContainer>) => {
      const { NetworkSettings } = await one.inspect();
      const [name = ''] = Object.keys(NetworkSettings.Networks);
      await docker.getNetwork(name).disconnect({ Container: one.id });
    },
  })) {
    it(`brings back a container that someone ${what}`, async () => {
      const container = await running({ image: images.web });
      await until('it answers', () => read(container.ipv6_address, 8080));
      const object = await containerOf(server.installation, container.id);
      const startedAt = (await object.inspect()).State.StartedAt;
      await action(object);
      await until('it answers again', async () => {
        const now = await (await containerOf(server.installation, container.id)).inspect();
        const isBack =
          ['paused', 'disconnected'].includes(what) || now.State.StartedAt !== startedAt;
        return (
          isBack && now.State.Running && !now.State.Paused && read(container.ipv6_address, 8080)
        );
      });
      await until(
        'it is reported as running',
        async () => (await get(container.id)).status === 'running',
      );
      await remove(container.id);
    });
  }

  it('distinguishes image errors', async () => {
    const missing = await settled((await create({ image: `${scene.registry.host}/web:nope` })).id);
    assert.equal(missing.status_reason, 'image_not_found');
    const refused = client.POST('/containers/', {
      body: { name: 'refused', image: '127.0.0.2:5000/x:1' },
    });
    assert.equal((await refused).response.status, 400);
    await remove(missing.id);
  });

  it('survives kill -9 and a clean restart: all still there, still running', async () => {
    const container = await running({ image: images.web });
    const object = await containerOf(server.installation, container.id);
    const startedAt = (await object.inspect()).State.StartedAt;
    const pending = await create({ image: images.web });
    await server.stop('SIGKILL');
    await server.restart();
    assert.equal((await settled(pending.id)).status, 'running');
    assert.equal(await server.stop('SIGTERM'), 0);
    await until('it answers without the server', () => read(container.ipv6_address, 8080));
    await server.restart();
    assert.doesNotMatch(server.output(), /dbx_/);
    assert.deepEqual((await get(container.id)).status, 'running');
    assert.equal((await object.inspect()).State.StartedAt, startedAt);
    await remove(container.id);
    await remove(pending.id);
  });

  it('leaves foreign containers and those of another installation alone', async () => {
    const foreign = await docker.createContainer({
      Image: (await docker.getImage(images.web).inspect()).Id,
      Labels: { 'dollarbox-test': 'foreign' },
      HostConfig: { NetworkMode: 'none' },
    });
    await foreign.start();
    const other = await serverStart({ ALLOWED_REGISTRIES: scene.registry.host });
    try {
      const mine = await running({ image: images.web });
      const theirs = dollarboxClientCreate({ baseUrl: other.url, token: other.token, retries: 0 });
      const made = await unwrap(
        theirs.POST('/containers/', { body: { name: 'web', image: images.web } }),
      );
      await containerWait(theirs, made.id, { pollMs: 50 });
      // A restart sweeps.
      await server.restart();
      await until('the sweep', async () => {
        const text = await (await fetch(server.metricsUrl)).text();
        return /dollarbox_sweep_duration_seconds_count [1-9]/.test(text);
      });
      assert.equal((await containersOf(other.installation)).length, 1);
      assert.equal((await foreign.inspect()).State.Running, true);
      await remove(mine.id);
    } finally {
      await other.remove();
      await foreign.remove({ force: true });
    }
  });

  it('removes its own orphans', async () => {
    const orphan = await docker.createContainer({
      name: `dbx-${server.installation}-c999999`,
      Image: (await docker.getImage(images.web).inspect()).Id,
      Labels: {
        'dollarbox.installation': server.installation,
        'dollarbox.container': '999999',
        'dollarbox.tenant': '1',
        'dollarbox.name': 'orphan',
        'dollarbox.spec': '0'.repeat(64),
      },
    });
    await server.restart();
    await until('its removal', async () => {
      const found = await containersOf(server.installation, 999_999);
      return found.length === 0;
    });
    await assert.rejects(orphan.inspect());
  });
});
