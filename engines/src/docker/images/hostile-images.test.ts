import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { dockerSkip } from '@dollarbox/host/docker';
import { imagesBuild } from '@dollarbox/testbed/images';
import type { TestImages } from '@dollarbox/testbed/images';
import type { Engine, VolumeMount, VolumeObservation } from '../../contract.ts';
import {
  docker,
  testEngineCreate,
  installationIdCreate,
  testTenantCreate,
  testInstallationRemove,
  insideRun,
  specOf,
  waitFor,
} from '../test/setup.ts';
import { volumeSpecCreate } from '../test/volumes.ts';
import {
  type PlayedImage,
  type PlayedRegistry,
  playRegistry,
  tinyImage,
} from '../test/registry.ts';

describe('a malicious image', { skip: await dockerSkip() }, () => {
  const installationId = installationIdCreate();
  const tenant = testTenantCreate(1);
  const played = new Map<string, PlayedImage>();
  let registry: PlayedRegistry;
  let images: TestImages;
  let engine: Engine;
  let lastId = 0;

  before(async () => {
    images = await imagesBuild(docker);
    registry = await playRegistry(played);
    engine = testEngineCreate({ installationId, allowedRegistries: [registry.host] });
    await engine.host?.start();
    await engine.tenants.ensure(tenant);
  });
  after(async () => {
    await engine.close();
    await testInstallationRemove(installationId);
    await registry.close();
  });

  test('is refused when it has our labels, an invalid setting or an oversized configuration', async () => {
    played.set(
      'ours:1',
      tinyImage({ config: { config: { Labels: { 'dollarbox.volumes': '1,2' } } } }),
    );
    played.set('large:1', tinyImage({ config: { config: { Env: [`A=${'x'.repeat(300_000)}`] } } }));
    played.set('signal:1', tinyImage({ config: { config: { StopSignal: 'X' } } }));
    played.set('folder:1', tinyImage({ config: { config: { WorkingDir: 'app' } } }));
    played.set('user:1', tinyImage({ config: { config: { User: '4294967295' } } }));
    for (const [name, why] of [
      ['folder', /WorkingDir "app"/],
      ['user', /User "4294967295"/],
      ['signal', /its StopSignal "X" is not a signal/],
      ['ours', /its label "dollarbox\.volumes"/],
      ['large', /larger than 256 KiB/],
    ] as const) {
      const ref = `${registry.host}/${name}:1`;
      const request = { ref, tenantId: 1, containerId: 1, since: new Date(0) };
      await engine.images.ensure(request);
      const state = await waitFor('the end of the pull', async () => {
        const found = await engine.images.observe(request);
        return (found.state === 'failed' || found.state === 'present') && found;
      });
      assert.ok(state.state === 'failed');
      assert.equal(state.reason, 'image_rejected');
      assert.match(state.message, why);
    }
  });

  test('is refused even if the engine already has it', async (t) => {
    const spec = await specOf(images.shell, tenant, (lastId += 1));
    const { ref } = await engine.containers.apply(spec);
    // As an operator might do to save a container's current state: the image then has our labels.
    const repo = `dollarbox-test/committed-${installationId}`;
    await docker.getContainer(ref).commit({ repo, tag: '1' });
    t.after(() => docker.getImage(`${repo}:1`).remove());
    const request = { ref: `${repo}:1`, tenantId: 1, containerId: 1, since: new Date(0) };
    const state = await engine.images.observe(request);
    assert.ok(state.state === 'failed', JSON.stringify(state));
    assert.match(state.message, /its label "dollarbox\./);
  });

  test('and a volume in place of its /etc cannot decide the owner of another volume', async () => {
    const make = () => engine.volumes.apply(volumeSpecCreate((lastId += 1)));
    const mountOf = ({ id, uid }: VolumeObservation, mountPath: string): VolumeMount => ({
      volume: { id, uid },
      mountPath,
    });
    const idle = ['sh', '-c', 'while :; do sleep 3600 & wait $!; done'];
    async function run(image: string, mounts: VolumeMount[]): Promise<string> {
      const options = { volumes: mounts, command: idle };
      const spec = await specOf(image, tenant, (lastId += 1), options);
      return (await engine.containers.apply(spec)).ref;
    }
    const [users, theirs, ours] = [await make(), await make(), await make()];
    const writer = await run(images.shell, [mountOf(users, '/v')]);
    await insideRun(
      writer,
      'echo "app:x:4242:4242::/:/bin/sh" > /v/passwd && echo "team:x:4242:" > /v/group',
    );
    await docker.getContainer(writer).remove({ force: true });

    await run(images.named, [mountOf(users, '/etc'), mountOf(theirs, '/data')]);
    const ref = await run(images.named, [mountOf(ours, '/data')]);
    assert.equal(await insideRun(ref, 'stat -c %u:%g /data'), '1500:1700\n');
  });
});
