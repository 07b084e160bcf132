import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { containerWait, dollarboxClientCreate, unwrap } from '@dollarbox/client';
import { dockerSkip } from '@dollarbox/host/docker';
import { type Elsewhere, elsewhereOpen } from '@dollarbox/testbed/elsewhere';
import { type TestImages, imagesPush, imagesUntag } from '@dollarbox/testbed/images';
import { type Registry, registryStart } from '@dollarbox/testbed/registry';
import { docker, forwardRulesRemove, read } from './docker-host.ts';
import { type ServerProcess, serverStart } from './server-process.ts';
import { until } from './wait.ts';

const isRoot = process.getuid?.() === 0;
const skip = (await dockerSkip()) || (isRoot ? false : 'the rules on the host need root');

describe("a server with the operator's own IPv6 prefix", { skip }, () => {
  /** From a documentation range (RFC 9637). */
  const network = `3fff:${randomInt(0x1000).toString(16)}:${randomInt(0x10000).toString(16)}`;
  const IPV6_PREFIX = `${network}:100::/56`;
  let elsewhere: Elsewhere;
  let registry: Registry;
  let images: TestImages;
  let server: ServerProcess;
  let address = '';

  before(async () => {
    elsewhere = await elsewhereOpen([80]);
    await elsewhere.routeAdd(IPV6_PREFIX);
    registry = await registryStart();
    images = await imagesPush(registry.host);
    server = await serverStart({ ALLOWED_REGISTRIES: registry.host, IPV6_PREFIX });
  });
  after(async () => {
    try {
      await server?.remove();
      await imagesUntag(docker, registry.host);
    } finally {
      await registry?.close();
      await elsewhere?.close();
    }
  });

  const readElsewhere = () => elsewhere.read(`http://[${address}]:8080/`);
  const client = () =>
    dollarboxClientCreate({ baseUrl: server.url, token: server.token, retries: 0 });

  it('gives a container an address out of it, which answers other machines', async () => {
    const body = { name: 'web', image: images.web };
    const made = await unwrap(client().POST('/containers/', { body }));
    const settled = await containerWait(client(), made.id, { pollMs: 50 });
    assert.equal(settled.status, 'running', settled.status_message ?? '');
    address = settled.ipv6_address ?? '';
    assert.match(address, new RegExp(`^${network}:1[0-9a-f]{2}:`));
    await until('an answer', async () => (await readElsewhere()).startsWith('web '));
  });

  it('restores a route that somebody removed', async () => {
    assert.equal(await forwardRulesRemove(server.installation), 1);
    await until('an answer', async () => (await readElsewhere()).startsWith('web '));
  });

  it('removes the route when it is started without a prefix; the address stays', async () => {
    await server.restart({ IPV6_PREFIX: '' });
    assert.match(server.output(), /IPV6_PREFIX is not set any more/);
    const { results } = await unwrap(client().GET('/containers/'));
    assert.deepEqual(
      results.map(({ ipv6_address: kept, status }) => [kept, status]),
      [[address, 'running']],
    );
    assert.match(await read(address, 8080), /^web /);
    assert.equal(await readElsewhere(), '');
    assert.equal(await forwardRulesRemove(server.installation), 0);
  });
});
