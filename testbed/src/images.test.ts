import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aptSkip } from '@dollarbox/host/apt';
import { imageAssemble, layerAssemble, sha256Digest } from './image-assemble.ts';
import { imagePush, imagesPush } from './images.ts';
import { registryStart } from './registry.ts';

const TYPE = 'application/vnd.docker.distribution.manifest.v2+json';

interface Manifest {
  config: { digest: string };
  layers: { digest: string; size: number }[];
}

async function manifestOf(host: string, repository: string, tag: string): Promise<Manifest> {
  const headers = { Accept: TYPE };
  const response = await fetch(`http://${host}/v2/${repository}/manifests/${tag}`, { headers });
  assert.equal(response.status, 200, `${repository}:${tag}`);
  return (await response.json()) as Manifest;
}

async function blobOf(host: string, repository: string, digest: string): Promise<Buffer> {
  const response = await fetch(`http://${host}/v2/${repository}/blobs/${digest}`);
  return Buffer.from(await response.arrayBuffer());
}

test('the same entries make the same image, whatever their order', async () => {
  const file = { kind: 'file', path: 'a', content: 'x' } as const;
  const dir = { kind: 'dir', path: 'b' } as const;
  const [one, two] = await Promise.all([layerAssemble([file, dir]), layerAssemble([dir, file])]);
  assert.equal(one.digest, two.digest);
  const image = imageAssemble([one], { Cmd: ['/a'] });
  assert.equal(imageAssemble([two], { Cmd: ['/a'] }).imageId, image.imageId);
  assert.notEqual(imageAssemble([two], { Cmd: ['/b'] }).imageId, image.imageId);
});

test('a registry gives back what was put into it', { skip: aptSkip() }, async () => {
  const registry = await registryStart();
  const { host } = registry;
  try {
    const images = await imagesPush(host);
    for (const [name, reference] of Object.entries(images)) {
      assert.equal(reference, `${host}/${name}:1`);
      const manifest = await manifestOf(host, name, '1');
      assert.deepEqual(await manifestOf(host, name, 'latest'), manifest);
      for (const { digest, size } of manifest.layers) {
        const blob = await blobOf(host, name, digest);
        assert.equal(sha256Digest(blob), digest);
        assert.equal(blob.length, size);
      }
      const config = await blobOf(host, name, manifest.config.digest);
      assert.equal(sha256Digest(config), manifest.config.digest);
      assert.match(config.toString(), new RegExp(`"dollarbox-test":"${name}"`));
    }
    const before = (await manifestOf(host, 'web', '1')).config.digest;
    const byDigest = await imagePush('web', `${host}/web:1`, { version: '2' });
    const moved = await manifestOf(host, 'web', '1');
    assert.notEqual(moved.config.digest, before);
    const [, digest = ''] = byDigest.split('@');
    assert.deepEqual(await manifestOf(host, 'web', digest), moved);
  } finally {
    await registry.close();
  }
});
