import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { systemRandom } from '../../src/base/system.ts';
import type { LogRow } from '../../src/logs/schema.ts';
import { tokenInsert } from '../../src/tokens/store.ts';
import { type Harness, type TestApp, harnessOpen } from '../support/harness.ts';
import { logStreamOpen } from '../support/log-stream.ts';
import { type ReconcileBench, reconcileBenchOpen } from '../support/reconcile-harness.ts';

let bench: ReconcileBench;
let harness: Harness;
/** Two server processes on one database, which keeps the lines of what is gone. */
let apps: [TestApp, TestApp];
let token: string;
before(async () => {
  bench = await reconcileBenchOpen();
  bench.world.publish('app:1', {});
  bench.world.publish('app:2', {});
  harness = await harnessOpen({}, {}, bench.engine.access);
  apps = [await harness.appOn(bench.databaseUrl), await harness.appOn(bench.databaseUrl)];
  const { user_id: userId } = await bench.db
    .selectFrom('memberships')
    .select('user_id')
    .where('org_id', '=', bench.orgId)
    .executeTakeFirstOrThrow();
  const input = { userId, name: 'test', scope: 'read' as const, orgId: null, expiresAt: null };
  const deps = { clock: harness.clock, random: systemRandom };
  ({ token } = await tokenInsert(bench.db, deps, input));
});
after(async () => {
  await harness?.close();
  await bench?.close();
});

let serial = 0;
let written = 0;

async function containerRun(): Promise<number> {
  const id = await bench.create({ name: `box-${(serial += 1)}`, image: 'app:1' });
  await bench.settle();
  written = 0;
  return id;
}

/** The process writes so many lines more, which are numbered over all instances. */
function write(id: number, count: number): void {
  const lines = Array.from({ length: count }, (_, index) => `line ${written + index}`);
  bench.tamper.linesWrite(id, lines);
  written += count;
}

async function replace(id: number): Promise<void> {
  const { image } = await bench.read(id);
  await bench.update(id, { image: image === 'app:1' ? 'app:2' : 'app:1' });
  await bench.settle();
}

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `line ${from + index}`);
const textsOf = (rows: readonly LogRow[]) => rows.map(({ text }) => text);

interface Page {
  next: string | null;
  previous: string | null;
  results: LogRow[];
}

async function pageRead(app: TestApp, path: string): Promise<Page> {
  const reply = await app.client(token).get(path);
  assert.equal(reply.status, 200, reply.text);
  return reply.body as unknown as Page;
}

const pathOf = (url: string) => url.replace(/^.*\/api\/v1/, '');

describe('the lines of former instances, read by two processes in turn', () => {
  it('have the same cursors, and pages in both directions leave out and repeat none', async () => {
    const id = await containerRun();
    for (let instance = 0; instance < 6; instance += 1) {
      write(id, 7);
      await replace(id);
    }
    write(id, 7);
    const [own, other] = await Promise.all(
      apps.map((app) => pageRead(app, `/containers/${id}/logs/?tail=1000`)),
    );
    assert.deepEqual(textsOf(own?.results ?? []), numbers(0, written));
    assert.deepEqual(own?.results, other?.results);

    const back: LogRow[][] = [];
    let at: string | null = `/containers/${id}/logs/?tail=4`;
    for (let turn = 0; at !== null; turn += 1) {
      const page: Page = await pageRead(apps[turn % 2] ?? apps[0], `${pathOf(at)}&limit=4`);
      back.unshift(page.results);
      at = page.previous === null ? null : page.previous.replace(/&limit=4/, '');
    }
    assert.deepEqual(back.flat(), own?.results);

    const forth: LogRow[] = [];
    at = `/containers/${id}/logs/?cursor=${own?.results[0]?.cursor}&limit=4`;
    for (let turn = 1; at !== null; turn += 1) {
      const page: Page = await pageRead(apps[turn % 2] ?? apps[0], pathOf(at));
      forth.push(...page.results);
      at = page.next;
    }
    assert.deepEqual(forth, own?.results.slice(1));
  });

  it('are followed on where the other process has left off, also into what is kept meanwhile', async () => {
    const id = await containerRun();
    const path = `/containers/${id}/logs/?tail=1000`;
    const seen: (string | null)[] = [];
    let lastId: string | undefined;
    for (let turn = 0; turn < 6; turn += 1) {
      write(id, 5);
      const stream = await logStreamOpen(apps[turn % 2] ?? apps[0], token, path, lastId);
      while (seen.length + stream.texts().length < written) {
        await stream.has(stream.rows.length + 1);
      }
      seen.push(...stream.texts());
      lastId = stream.rows.findLast(({ type }) => type === 'line')?.id ?? assert.fail();
      stream.close();
      await stream.ended;
      // What nobody has read yet goes with its object, and is read from what is kept.
      write(id, 5);
      await replace(id);
    }
    const stream = await logStreamOpen(apps[0], token, path, lastId);
    while (seen.length + stream.texts().length < written) {
      await stream.has(stream.rows.length + 1);
    }
    seen.push(...stream.texts());
    assert.deepEqual(seen, numbers(0, written));
    assert.deepEqual(
      stream.rows.filter(({ type }) => type !== 'line'),
      [],
    );
    stream.close();
  });
});
