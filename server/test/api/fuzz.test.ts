import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ERROR_STATUS } from '../../src/base/errors.ts';
import { type Harness, type TestCaller, harnessOpen } from '../support/harness.ts';
import { type Reply, assertContainer, assertVolume } from '../support/http-client.ts';

/**
 * Random requests, from a seed that a failure reports. For any request, the answer is one of the contract's, an
 * accepted body is read back as it was sent, and nothing is a fault of the server.
 */
const SEEDS = 30;
const REQUESTS = 40;
const VOLUMES = 4;

let harness: Harness;
let caller: TestCaller;
const volumeIds: number[] = [];
before(async () => {
  harness = await harnessOpen();
  caller = await harness.callerAdd({ containerLimit: 1_000_000 });
  await harness.db.updateTable('orgs').set({ volume_gb_limit: 1_000_000 }).execute();
  for (let index = 0; index < VOLUMES; index += 1) {
    const body = { name: `v${index}`, size_gb: 1 };
    volumeIds.push(assertVolume(await caller.api.post('/volumes/', body), 201).id);
  }
});
after(async () => {
  assert.ok(!harness.logText().includes('"level":50'), 'an error of ours was logged');
  await harness.close();
});

/** Values that are likely to be mistaken for something else somewhere. */
const CHARACTERS = [...'aZ0-_./:@ \n\t"\\$%\0é\u0301🦊\u2028<{', '\ud800', '\udc00'];

const PATHS = ['/data', '/srv', '/a/b', '/a', '/', '/proc/1', '/x/../y', 'data', '/ä b', '/n\nl'];

/** A random number generator in [0, 1): mulberry32. */
function chanceOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Creates parts of requests. */
function makerOf(seed: number) {
  const chance = chanceOf(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(chance() * items.length)] as T;
  const list = <T>(max: number, make: () => T): T[] =>
    Array.from({ length: Math.floor(chance() * (max + 1)) }, make);
  const text = (): string => list(12, () => pick(CHARACTERS)).join('');

  function value(depth = 0): unknown {
    const kind = Math.floor(chance() * (depth > 2 ? 6 : 8));
    if (kind === 6) return list(4, () => value(depth + 1));
    if (kind === 7) return object(depth + 1);
    return [null, true, text(), pick([0, -1, 1.5, 80, 2 ** 53, 1e308]), '', 'web'][kind];
  }

  function object(depth = 0): Record<string, unknown> {
    return Object.fromEntries(list(4, () => [text(), value(depth)] as const));
  }

  const good: Record<string, () => unknown> = {
    name: () => `c${Math.floor(chance() * 1e9)}`,
    image: () => pick(['nginx', 'nginx:1.27', 'ghcr.io/a/b:c', 'a/b', 'x:y']),
    env: () => Object.fromEntries(list(3, () => [pick(['A', 'B', '_c', 'D1']), text()])),
    command: () => list(3, text),
    ports: () => list(3, () => Math.floor(chance() * 65_536)),
    volumes: () => {
      const mounts = list(2, () => ({ volume: pick(volumeIds), mount_path: pick(PATHS) }));
      // Sometimes other containers have these volumes, or one is named twice; the request is then refused.
      return chance() < 0.5 ? [] : mounts;
    },
  };
  const goodVolume: Record<string, () => unknown> = {
    name: () => `v${Math.floor(chance() * 1e9)}`,
    size_gb: () => Math.floor(chance() * 3),
  };

  return {
    chance,
    pick,
    /** A body in which most fields are valid. */
    body(ofVolume = false): Record<string, unknown> {
      const needed = new Set(['name', 'image', 'size_gb']);
      const fields = Object.entries(ofVolume ? goodVolume : good)
        .filter(([name]) => needed.has(name) || chance() < 0.6)
        .map(([name, make]) => [name, chance() < 0.93 ? make() : value()]);
      return { ...Object.fromEntries(fields), ...(chance() < 0.05 ? object() : {}) };
    },
    query(): string {
      const names = ['limit', 'cursor', 'name', 'status', 'org', 'x', '__proto__'];
      const values = [
        '',
        '1',
        '200',
        '-1',
        'cD0y',
        'pending',
        caller.org.slug,
        '%00',
        '%zz',
        text(),
      ];
      const pairs = list(3, () => `${pick(names)}=${encodeLoosely(pick(values))}`);
      return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
    },
  };
}

/** Characters that can't be in a request line are escaped, all others are sent unchanged. */
function encodeLoosely(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[^!-~]|[#&]/gu, (character) => encodeURIComponent(character));
}

function assertContract(reply: Reply, told: string): void {
  const { error } = reply.body;
  assert.ok(reply.status < 500, told);
  assert.ok(reply.headers['x-request-id'] && reply.headers['ratelimit'], told);
  if (reply.status < 400) return assert.equal(error, undefined, told);
  assert.ok(error !== undefined && ERROR_STATUS[error.code] === reply.status, told);
  assert.ok(error.message.length > 0 && typeof error.detail === 'object', told);
}

/** A field that was sent must be read back unchanged. A lone surrogate can't be. */
function assertEcho(reply: Reply, sent: Record<string, unknown>, told: string): void {
  const shown = reply.body as unknown as Record<string, unknown>;
  for (const [field, value] of Object.entries(sent)) assert.deepEqual(shown[field], value, told);
}

describe('random requests', () => {
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    it(`are answered by the contract: seed ${seed}`, async () => {
      const maker = makerOf(seed);
      const { api } = caller;
      const made = await api.post('/containers/', { name: `seed-${seed}`, image: 'x' });
      const path = `/containers/${assertContainer(made, 201).id}/`;
      let accepted = 0;
      for (let count = 0; count < REQUESTS; count += 1) {
        const isVolume = maker.chance() < 0.2;
        const body = maker.body(isVolume);
        const method = isVolume
          ? maker.pick(['POST', 'GET'] as const)
          : maker.pick(['POST', 'PATCH', 'GET'] as const);
        const list = isVolume ? '/volumes/' : '/containers/';
        const query = maker.chance() < 0.2 || method === 'GET' ? maker.query() : '';
        if (method === 'PATCH') delete body['name'];
        const target = `${method === 'PATCH' ? path : list}${query}`;
        const sent = method === 'GET' ? undefined : body;
        const reply = await api.send(method, target, sent);
        const told = `${method} ${target} ${JSON.stringify(sent)} → ${reply.status} ${reply.text.slice(0, 500)}`;
        assertContract(reply, told);
        if (sent === undefined || reply.status >= 400) continue;
        accepted += 1;
        assertEcho(reply, body, told);
        const read = await api.get(`${list}${reply.body.id}/`);
        assert.equal(read.text, reply.text, told);
      }
      assert.ok(accepted > 0, 'nothing was ever accepted');
    });
  }
});
