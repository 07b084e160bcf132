import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { after, before, describe, it } from 'node:test';
import { containerWait, dollarboxClientCreate, unwrap } from '@dollarbox/client';
import { dockerSkip } from '@dollarbox/host/docker';
import { canaryOf } from '@dollarbox/testbed/canary';
import { type TestImages, imagesPush, imagesUntag } from '@dollarbox/testbed/images';
import { type Registry, registryStart } from '@dollarbox/testbed/registry';
import type Docker from 'dockerode';
import { containerOf, docker, read } from './docker-host.ts';
import { type ServerProcess, serverStart } from './server-process.ts';
import { until } from './wait.ts';

let registry: Registry;
let images: TestImages;
let server: ServerProcess;

const skip = await dockerSkip();

describe('two orgs on one engine', { skip }, () => {
  before(async () => {
    registry = await registryStart();
    images = await imagesPush(registry.host);
    // Listens on every address of the host, so that a container could reach it if nothing prevented that.
    server = await serverStart({ ALLOWED_REGISTRIES: registry.host, HOST: '::' });
    await until('the probe of isolation', async () => {
      const text = await (await fetch(server.metricsUrl)).text();
      return /dollarbox_isolation\{state="isolated"\} 1/.test(text);
    });
  });
  after(async () => {
    try {
      await server?.remove();
      await imagesUntag(docker, registry.host);
    } finally {
      await registry?.close();
    }
  });

  async function orgMake(slug: string) {
    const email = `${slug}@example.invalid`;
    await server.admin(
      'user-create',
      '--email',
      email,
      '--password',
      canaryOf('correct horse battery'),
    );
    await server.admin('org-create', '--slug', slug, '--name', slug, '--owner', email);
    const made = await server.admin(
      ...['token-create', '--user', email, '--name', 't', '--scope', 'write', '--org', slug],
    );
    return dollarboxClientCreate({ baseUrl: server.url, token: String(made['token']), retries: 0 });
  }

  async function containerMake(client: ReturnType<typeof dollarboxClientCreate>, name: string) {
    const made = await unwrap(client.POST('/containers/', { body: { name, image: images.web } }));
    const container = await containerWait(client, made.id, { pollMs: 50 });
    assert.equal(container.status, 'running', container.status_message ?? '');
    await until('it answers', () => read(container.ipv6_address, 8080));
    const object = await containerOf(server.installation, made.id);
    const { NetworkSettings } = await object.inspect();
    const [network] = Object.values(NetworkSettings.Networks);
    assert.ok(network);
    return { container, object, ipv4: network.IPAddress, network };
  }

  /** Whether a connection from inside succeeds within two seconds. */
  async function connects(from: Docker.Container, host: string, port: number): Promise<boolean> {
    const run = await from.exec({
      Cmd: ['/bin/sh', '-c', `timeout 2 nc ${host} ${port} </dev/null >/dev/null 2>&1`],
      AttachStdout: true,
    });
    const stream = await run.start({});
    stream.resume();
    await new Promise((resolve) => stream.once('end', resolve));
    return (await run.inspect()).ExitCode === 0;
  }

  it('can not reach each other, the host, or what is behind it', async () => {
    const [a, b] = [await orgMake('org-a'), await orgMake('org-b')];
    const one = await containerMake(a, 'one');
    const mate = await containerMake(a, 'mate');
    const two = await containerMake(b, 'two');
    const port = Number(new URL(server.url).port);

    // Control: permitted connections succeed, so that a refusal below means something.
    for (const host of ['mate', mate.ipv4, mate.container.ipv6_address ?? '']) {
      await until(`a connection to an org mate at ${host}`, () => connects(one.object, host, 8080));
    }
    assert.ok((await fetch(`http://localhost:${port}/healthz`)).ok);

    const hostAddresses = Object.values(networkInterfaces())
      .flat()
      .map((entry) => entry?.address ?? '')
      .filter((address) => address !== '' && !address.startsWith('fe80'));
    const forbidden: [string, number][] = [
      [two.ipv4, 8080],
      [two.container.ipv6_address ?? '', 8080],
      [one.network.Gateway, port],
      [one.network.IPv6Gateway, port],
      [two.network.Gateway, port],
      ...hostAddresses
        .filter((address) => address !== '127.0.0.1' && address !== '::1')
        .map((address): [string, number] => [address, port]),
      ['169.254.169.254', 80],
    ];
    // All at once, since each refusal takes until the attempt gives up.
    await Promise.all(
      forbidden.map(async ([host, at]) => {
        assert.equal(await connects(one.object, host, at), false, `${host} port ${at}`);
      }),
    );
    assert.equal(await connects(one.object, 'two', 8080), false, 'the name of a foreign container');
    // The API, too, hides objects of other orgs.
    const foreign = await a.GET('/containers/{id}/', {
      params: { path: { id: two.container.id } },
    });
    assert.equal(foreign.response.status, 404);
  });
});
