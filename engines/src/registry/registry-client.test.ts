import assert from 'node:assert/strict';
import type { LookupFunction } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { imageReferenceParse } from './image-reference.ts';
import { PullError } from './pull-error.ts';
import { remoteImageOpen } from './registry-client.ts';
import { playRegistry, tinyImage } from '../docker/test/registry.ts';
import type { PlayedRegistry } from '../docker/test/registry.ts';

const never = new AbortController().signal;
const architecture = process.arch === 'x64' ? 'amd64' : process.arch;

describe('images of Docker Hub', () => {
  const image = tinyImage();
  let hub: PlayedRegistry;
  let mirror: PlayedRegistry;
  before(async () => {
    hub = await playRegistry(new Map([['library/nginx:1.27', image]]));
    mirror = await playRegistry(new Map([['library/mirrored:1', image]]));
    hub.rule((path, reply) => {
      if (!path.startsWith('/v2/who/knows/')) return false;
      reply.writeHead(401).end();
      return true;
    });
  });
  after(async () => {
    await hub.close();
    await mirror.close();
  });

  async function open(ref: string) {
    const reference = imageReferenceParse(ref) ?? assert.fail(ref);
    const options = {
      platform: { os: 'linux', architecture },
      hubEndpoints: [`http://${mirror.host}`, `http://${hub.host}/`],
      trusted: [hub.host, mirror.host],
      isInsecure: () => false,
    };
    return remoteImageOpen(reference, options, never);
  }

  test('a short name is one of its official images; mirrors are asked first', async () => {
    assert.equal((await open('nginx:1.27')).layers.length, 1);
    assert.ok(mirror.asked.includes('/v2/library/nginx/manifests/1.27'));
    const asked = hub.asked.length;
    assert.equal((await open('docker.io/mirrored:1')).layers.length, 1);
    assert.equal(hub.asked.length, asked);
  });

  test('an image that it denies is reported as missing, the likeliest cause', async () => {
    await assert.rejects(open('who/knows'), (error: unknown) => {
      assert.ok(error instanceof PullError);
      assert.equal(error.reason, 'image_not_found');
      assert.match(error.message, /no public image.*check its name.*\(HTTP 401\)/);
      return true;
    });
  });
});

test('a name of the private network is reported like one that does not exist', async () => {
  const reference = imageReferenceParse('db.internal.example/a:1') ?? assert.fail();
  const failures: object[] = [];
  const private4: LookupFunction = (_name, _options, done) =>
    done(null, [{ address: '10.0.0.7', family: 4 }]);
  const missing: LookupFunction = (_name, _options, done) =>
    done(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }), '');
  for (const lookup of [private4, missing]) {
    const options = {
      platform: { os: 'linux', architecture },
      ...{ hubEndpoints: [], trusted: [], isInsecure: () => false, lookup },
    };
    await assert.rejects(remoteImageOpen(reference, options, never), (error: unknown) => {
      assert.ok(error instanceof PullError);
      const { reason, message, isUnreachable } = error;
      return Boolean(failures.push({ reason, message, isUnreachable }));
    });
  }
  assert.deepEqual(failures[0], failures[1]);
  assert.match(JSON.stringify(failures[0]), /"reason":"image_pull_error".*"isUnreachable":true/);
});
