import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { containerWait, dollarboxClientCreate, unwrap } from '@dollarbox/client';
import { dockerSkip } from '@dollarbox/host/docker';
import { canaryOf } from '@dollarbox/testbed/canary';
import { type TestImages, imagesPush, imagesUntag } from '@dollarbox/testbed/images';
import { databaseCreate } from '@dollarbox/testbed/postgres';
import { type Registry, registryStart } from '@dollarbox/testbed/registry';
import { containersOf, docker } from './docker-host.ts';
import { type ServerProcess, serverStart } from './server-process.ts';
import { until } from './wait.ts';

const COUNT = 5;

let registry: Registry;
let images: TestImages;
let servers: ServerProcess[] = [];

const skip = await dockerSkip();

describe('two processes on one database', { skip }, () => {
  before(async () => {
    registry = await registryStart();
    images = await imagesPush(registry.host);
    const database = await databaseCreate();
    const environment = {
      DATABASE_URL: database.url,
      SECRET_KEY: canaryOf('the same on every copy, 32 characters or more'),
      ALLOWED_REGISTRIES: registry.host,
    };
    // Started at the same time: they take turns at the migrations and at the first account.
    servers = await Promise.all([serverStart(environment), serverStart(environment)]);
  });
  after(async () => {
    try {
      await Promise.all(servers.map((server) => server.stop()));
      for (const server of servers) await server.remove();
      await imagesUntag(docker, registry.host);
    } finally {
      await registry?.close();
    }
  });

  it('create one first account, and each sees at once what the other wrote', async () => {
    const tokens = servers.map((server) => server.token).filter((token) => token !== '');
    assert.equal(tokens.length, 1);
    const [token = ''] = tokens;
    const [a, b] = servers.map((server) =>
      dollarboxClientCreate({ baseUrl: server.url, token, retries: 0 }),
    );
    assert.ok(a && b);
    const made = await unwrap(
      a.POST('/containers/', { body: { name: 'seen', image: images.web } }),
    );
    const seen = await unwrap(b.GET('/containers/{id}/', { params: { path: { id: made.id } } }));
    assert.deepEqual([seen.id, seen.name], [made.id, 'seen']);
    await unwrap(b.DELETE('/containers/{id}/', { params: { path: { id: made.id } } }));
    const gone = await a.GET('/containers/{id}/', { params: { path: { id: made.id } } });
    assert.equal(gone.response.status, 404);
  });

  it('continue what a killed process had begun', async () => {
    const token = servers.map((server) => server.token).join('');
    const [a, b] = servers;
    assert.ok(a && b);
    const [dying, living] = [a, b].map((server) =>
      dollarboxClientCreate({ baseUrl: server.url, token, retries: 0 }),
    );
    assert.ok(dying && living);
    const made = await Promise.all(
      Array.from({ length: COUNT }, (_, index) =>
        unwrap(dying.POST('/containers/', { body: { name: `k${index}`, image: images.web } })),
      ),
    );
    await a.stop('SIGKILL');
    for (const { id } of made) {
      const container = await containerWait(living, id, { pollMs: 50 });
      assert.equal(container.status, 'running', container.status_message ?? '');
    }
    const objects = await until('one object each', async () => {
      const found = await containersOf(b.installation);
      return found.length === COUNT && found;
    });
    assert.deepEqual(
      objects
        .map((object) => Number(object.Labels['dollarbox.container']))
        .toSorted((x, y) => x - y),
      made.map((container) => container.id).toSorted((x, y) => x - y),
    );
  });
});
