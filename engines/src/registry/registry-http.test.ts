import assert from 'node:assert/strict';
import type { LookupFunction } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { PullError } from './pull-error.ts';
import { replyRead, registrySend } from './registry-http.ts';
import { playRegistry } from '../docker/test/registry.ts';
import type { PlayedRegistry } from '../docker/test/registry.ts';

const never = new AbortController().signal;

/** A resolver that returns these addresses in turn. */
function resolving(...answers: string[][]): LookupFunction {
  let turn = 0;
  return (_, options, callback) => {
    const found = answers[Math.min(turn, answers.length - 1)] ?? [];
    turn += 1;
    const entries = found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    if (options.all) callback(null, entries);
    else callback(null, entries[0]?.address ?? '', entries[0]?.family);
  };
}

describe('requests to registries', () => {
  let listener: PlayedRegistry;
  before(async () => {
    listener = await playRegistry(new Map());
    listener.rule((path, reply) => {
      reply.end(`you asked for ${path}`);
      return true;
    });
  });
  after(() => listener.close());

  function get(host: string, lookup: LookupFunction, trusted: string[] = []) {
    const port = listener.host.split(':')[1];
    const access = { trusted, isInsecure: () => true, lookup };
    return registrySend(
      new URL(`http://${host}:${port}/v2/`),
      { headersFor: () => ({}) },
      access,
      never,
    );
  }

  test('a name is refused by the address that the connection itself resolves', async () => {
    const isRefused = (error: unknown) =>
      error instanceof PullError && error.reason === 'image_rejected';
    for (const addresses of [
      ['127.0.0.1'],
      ['8.8.8.8', '127.0.0.1'],
      ['::1'],
      ['::ffff:127.0.0.1'],
      [],
    ]) {
      const beside = get('name.example', resolving(addresses));
      // As if there were no such name.
      await assert.rejects(beside, { code: 'ENOTFOUND' }, addresses.join());
    }
    await assert.rejects(get('127.0.0.1', resolving([])), isRefused);
    await assert.rejects(get('[::ffff:127.0.0.1]', resolving([])), isRefused);
    assert.deepEqual(listener.asked, []);
  });

  test('a host that the operator allowed is requested at any address', async () => {
    const port = listener.host.split(':')[1];
    const reply = await get('name.example', resolving(['127.0.0.1']), [`name.example:${port}`]);
    assert.equal(reply.status, 200);
    assert.equal((await replyRead(reply, 1000)).toString(), 'you asked for /v2/');
  });

  test('a request that is abandoned does not wait for a name server that says nothing', async () => {
    for (const proxyEnvironment of [{}, { HTTP_PROXY: `http://${listener.host}` }]) {
      const abandoned = new AbortController();
      const lookup = () => abandoned.abort();
      const access = { trusted: [], isInsecure: () => true, lookup, proxyEnvironment };
      const sent = registrySend(
        new URL('http://name.example/v2/'),
        { headersFor: () => ({}) },
        access,
        abandoned.signal,
      );
      await assert.rejects(sent, { name: 'AbortError' });
    }
  });

  test('a reply that is too long is not read on', async () => {
    const port = listener.host.split(':')[1];
    const reply = await get('name.example', resolving(['127.0.0.1']), [`name.example:${port}`]);
    await assert.rejects(replyRead(reply, 3), PullError);
  });
});
