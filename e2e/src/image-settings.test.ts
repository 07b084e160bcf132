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
import { imageAssemble, layerAssemble } from '@dollarbox/testbed/image-assemble';
import { imageRecipes } from '@dollarbox/testbed/image-recipes';
import { imagesBuild } from '@dollarbox/testbed/images';
import { type Registry, registryStart } from '@dollarbox/testbed/registry';
import { registryPut } from '@dollarbox/testbed/registry-put';
import { docker } from './docker-host.ts';
import { type ServerProcess, serverStart } from './server-process.ts';

/** Settings with which Docker starts nothing, and what the message says of each. */
const SETTINGS = {
  WorkingDir: [{ WorkingDir: 'app' }, /WorkingDir "app"/],
  User: [{ User: '-1' }, /User "-1"/],
} as const;

describe("an image's settings that Docker refuses", { skip: await dockerSkip() }, () => {
  let registry: Registry;
  let server: ServerProcess;
  let client: DollarboxClient;
  /** On the engine, pulled by nobody. */
  let local = '';

  before(async () => {
    registry = await registryStart();
    server = await serverStart({ ALLOWED_REGISTRIES: registry.host });
    client = dollarboxClientCreate({ baseUrl: server.url, token: server.token, retries: 0 });
    const { shell } = await imagesBuild(docker);
    const made = await docker.createContainer({ Image: shell });
    const repo = `dollarbox-e2e-user-${server.installation}`;
    await made.commit({ repo, tag: '1', changes: 'USER -1' });
    await made.remove();
    local = `${repo}:1`;
  });
  after(async () => {
    await server?.remove();
    await registry?.close();
    await docker.getImage(local).remove();
  });

  async function create(name: string, image: string): Promise<Container> {
    return unwrap(client.POST('/containers/', { body: { name, image } }));
  }

  /** How often a verb of the engine was called. */
  async function calls(verb: string): Promise<number> {
    const text = await (await fetch(server.metricsUrl)).text();
    const counts = text.matchAll(/^dollarbox_engine_call_duration_seconds_count\{(.*)\} (\d+)$/gm);
    return [...counts]
      .filter(([, labels = '']) => labels.includes(`verb="${verb}"`))
      .reduce((sum, [, , count]) => sum + Number(count), 0);
  }

  for (const [name, [config, message]] of Object.entries(SETTINGS)) {
    it(`${name} is named at once, and nothing is started`, async () => {
      const layer = await layerAssemble([{ kind: 'file', path: 'hello', content: name }]);
      const image = imageAssemble([layer], { Cmd: ['/hello'], ...config } as never);
      await registryPut(registry.host, `bad/${name.toLowerCase()}`, ['1'], image);
      const before = await calls('containers.apply');
      const made = await create(name.toLowerCase(), `${registry.host}/bad/${name.toLowerCase()}:1`);
      const settled = await containerWait(client, made.id, { pollMs: 50 });
      assert.deepEqual([settled.status, settled.status_reason], ['failed', 'image_rejected']);
      assert.match(settled.status_message ?? '', message);
      assert.equal(await calls('containers.apply'), before);
    });
  }

  it('of an image that nobody pulled is named too', async () => {
    const before = await calls('containers.apply');
    const made = await create('local', local);
    const settled = await containerWait(client, made.id, { pollMs: 50 });
    assert.deepEqual([settled.status, settled.status_reason], ['failed', 'image_rejected']);
    assert.match(settled.status_message ?? '', /User "-1"/);
    assert.equal(await calls('containers.apply'), before);
  });

  it('are not those that it ignores: an Env entry without a value runs', async () => {
    const { shell } = await imageRecipes();
    const layers = await Promise.all(shell.layers.map((layer) => layerAssemble(layer)));
    const config = { ...shell.config, Env: ['PATH=/bin', 'NOEQUALS'] };
    await registryPut(registry.host, 'odd/env', ['1'], imageAssemble(layers, config));
    const made = await create('env', `${registry.host}/odd/env:1`);
    const settled = await containerWait(client, made.id, { pollMs: 50 });
    assert.deepEqual([settled.status, settled.status_reason], ['running', null]);
  });
});
