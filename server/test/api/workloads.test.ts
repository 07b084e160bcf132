import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { EngineError } from '@dollarbox/engines/contract';
import type { Workload } from '@dollarbox/engines/workloads';
import { type Harness, type TestCaller, harnessOpen } from '../support/harness.ts';
import { assertError, assertFaults } from '../support/http-client.ts';

const GIB = 2 ** 30;
const MADE_AT = Date.UTC(2026, 10, 2, 9);

let harness: Harness;
let caller: TestCaller;
let path: string;
before(async () => {
  harness = await harnessOpen();
});
after(() => harness.close());
beforeEach(async () => {
  caller = await harness.callerAdd();
  path = `/orgs/${caller.org.slug}/workloads/`;
});

/** @param second how long after the first one it was created. */
function workload(name: string, second: number, more: Partial<Workload> = {}): Workload {
  return {
    ...{ kind: 'Pod', name, uid: `uid of ${name}`, owner: null },
    createdAt: new Date(MADE_AT + second * 1000),
    uses: { containers: 1, memoryBytes: GIB / 4, volumeBytes: 0, addresses: 0 },
    ...more,
  };
}

const workloadsSet = (...workloads: Workload[]) =>
  harness.world.workloads.set(caller.org.id, workloads);

async function namesOf(query: string): Promise<{ names: string[]; links: (string | null)[] }> {
  const { status, body, text } = await caller.api.get(query);
  assert.equal(status, 200, text);
  const { next = null, previous = null, results = [] } = body;
  const names = (results as unknown as { name: string }[]).map(({ name }) => name);
  return { names, links: [next, previous] };
}

describe('the workloads of an org', () => {
  it('are shown with what keeps them and what they use, the newest first', async () => {
    workloadsSet(
      workload('web-1', 0, { owner: { kind: 'Deployment', name: 'web' } }),
      workload('data', 1, {
        kind: 'PersistentVolumeClaim',
        uses: { containers: 0, memoryBytes: 0, volumeBytes: 1.5 * GIB, addresses: 0 },
      }),
    );
    const { body } = await caller.api.get(path);
    assert.deepEqual(body, {
      ...{ next: null, previous: null },
      results: [
        {
          ...{ kind: 'PersistentVolumeClaim', name: 'data', owner: null },
          uses: { containers: 0, memory_bytes: 0, volume_gb: 1.5, addresses: 0 },
          created_at: '2026-11-02T09:00:01.000Z',
        },
        {
          ...{ kind: 'Pod', name: 'web-1', owner: { kind: 'Deployment', name: 'web' } },
          uses: { containers: 1, memory_bytes: GIB / 4, volume_gb: 0, addresses: 0 },
          created_at: '2026-11-02T09:00:00.000Z',
        },
      ],
    });
  });

  it('of other orgs are not among them', async () => {
    workloadsSet(workload('mine', 0));
    const other = await harness.callerAdd();
    const reply = await other.api.get(`/orgs/${other.org.slug}/workloads/`);
    assert.deepEqual(reply.body.results, []);
    assertError(await other.api.get(path), 404, 'not_found');
  });

  it('are found by name', async () => {
    workloadsSet(workload('web', 0), workload('db', 1), workload('web', 2, { kind: 'Service' }));
    assert.deepEqual((await namesOf(`${path}?name=web`)).names, ['web', 'web']);
    assert.deepEqual((await namesOf(`${path}?name=w`)).names, []);
    assertFaults(await caller.api.get(`${path}?kind=Pod`), ['kind']);
  });

  it('come in pages that stay right while some come and go', async () => {
    // Two of the same second.
    const [a, b, c, d] = [0, 1, 1, 2].map((second, index) => workload(`w${index}`, second));
    assert.ok(a && b && c && d);
    workloadsSet(a, b, c, d);
    const { names: all } = await namesOf(path);
    assert.deepEqual(all.toSorted(), ['w0', 'w1', 'w2', 'w3']);
    const first = await namesOf(`${path}?limit=2`);
    assert.deepEqual(first.names, all.slice(0, 2));
    const [next, previous] = first.links;
    assert.equal(previous, null);
    workloadsSet(a, b, c, workload('newer', 9));
    const relative = (link: string | null | undefined) =>
      (link ?? assert.fail('there is no link')).replace(/^.*\/api\/v1/, '');
    const second = await namesOf(relative(next));
    assert.deepEqual(second.names, all.slice(2));
    assert.equal(second.links[0], null);
    const back = await namesOf(relative(second.links[1]));
    assert.deepEqual(back.names, ['newer', all[1]]);
    assertFaults(await caller.api.get(`${path}?cursor=eA`), ['cursor']);
  });

  it('can not be had while the cluster is silent', async () => {
    const error = new EngineError('retryable', 'engine_unreachable', 'It can not be reached.');
    harness.world.faults.add({ verb: 'workloads.list', error });
    const reply = await caller.api.get(path);
    assertError(reply, 503, 'service_unavailable');
    assert.ok(reply.headers['retry-after']);
  });
});
