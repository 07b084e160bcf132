import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { EngineError } from '@dollarbox/engines/contract';
import { sql } from 'kysely';
import { type ReconcileBench, reconcileBenchOpen } from '../../test/support/reconcile-harness.ts';
import { OPERATOR } from '../changes/actor.ts';
import { containerRestart, containerStart, containerStop } from '../containers/operations.ts';
import { orgLinesTrim } from '../containers/instances.ts';
import { orgLock } from '../orgs/store.ts';
import { keptLinesCreate } from './kept.ts';
import type { LogItem } from './items.ts';
import { type LogReadDeps, logSources } from './lines.ts';
import { linesAfter, logPageRead } from './read.ts';
import { containerLogsRead } from './store.ts';

let bench: ReconcileBench;
before(async () => {
  bench = await reconcileBenchOpen();
});
after(() => bench.close());
beforeEach(() => {
  bench.world.faults.clear();
  bench.world.publish('app:1', {});
  bench.world.publish('app:2', {});
  bench.world.publish('stubborn:1', { process: { ignoresStop: true } });
});

let serial = 0;
async function run(image: string): Promise<number> {
  const id = await bench.create({ name: `f${(serial += 1)}`, image, stop_grace_seconds: 1 });
  await bench.settle();
  return id;
}

const OPERATIONS = { stop: containerStop, start: containerStart, restart: containerRestart };

async function ask(id: number, what: keyof typeof OPERATIONS): Promise<void> {
  await bench.db.transaction().execute(async (trx) => {
    const actor = { ...OPERATOR, org: await orgLock(trx, bench.orgId), role: null };
    await OPERATIONS[what](trx, actor, { id, pull: false }, bench.deps);
  });
  await bench.settle();
}

async function update(id: number, image: string): Promise<void> {
  await bench.update(id, { image });
  await bench.settle();
}

async function readerOf(id: number) {
  const { db, deps, orgId, engine } = bench;
  const logs = await containerLogsRead(db, [orgId], id);
  const reading: LogReadDeps = {
    access: engine.access,
    kept: keptLinesCreate(db, deps.secrets, id),
    signal: new AbortController().signal,
  };
  return { reading, sources: logSources(logs?.instances ?? assert.fail('no container')) };
}

async function itemsAfter(id: number, place: Parameters<typeof linesAfter>[2]) {
  const { reading, sources } = await readerOf(id);
  return (await Array.fromAsync(linesAfter(reading, sources, place))).flat();
}

const shown = (items: readonly LogItem[]) =>
  items.map((item) =>
    item.type === 'line' ? `${item.instance} ${item.text}` : `gap ${item.lostLines}`,
  );

describe('the lines of former instances', () => {
  it('stay through updates, stops, restarts and exits, each once, from every place', async () => {
    const id = await run('app:1');
    bench.tamper.linesWrite(id, ['a', 'b']);
    await update(id, 'app:2');
    bench.tamper.linesWrite(id, ['c']);
    bench.tamper.kill(id, 1);
    await bench.advance(2000);
    bench.tamper.linesWrite(id, ['d'], 'stderr');
    await ask(id, 'stop');
    const stopped = ['1 a', '1 b', '2 c', '3 d'];
    assert.deepEqual(shown(await itemsAfter(id, null)), stopped);
    await ask(id, 'start');
    bench.tamper.linesWrite(id, ['e']);
    await ask(id, 'restart');
    bench.tamper.linesWrite(id, ['f']);
    const all = await itemsAfter(id, null);
    assert.deepEqual(shown(all), [...stopped, '4 e', '5 f']);
    for (const [index, item] of all.entries()) {
      assert.equal(item.type, 'line');
      const behind = await itemsAfter(id, item);
      assert.deepEqual(shown(behind), shown(all.slice(index + 1)));
      const { reading, sources } = await readerOf(id);
      const page = { cursor: { ...item, backwards: true }, limit: 2, filter: null };
      const before = await logPageRead(reading, sources, page);
      assert.deepEqual(shown(before.items), shown(all.slice(Math.max(0, index - 2), index)));
    }
  });

  it('hold what a process wrote until it was killed', async () => {
    const id = await run('stubborn:1');
    bench.tamper.linesWrite(id, ['a']);
    await update(id, 'app:1');
    bench.tamper.linesWrite(id, ['asked to end']);
    await bench.advance(3000);
    bench.tamper.linesWrite(id, ['b']);
    assert.deepEqual(shown(await itemsAfter(id, null)), ['1 a', '1 asked to end', '2 b']);
  });

  it('are read on from what is kept if the object goes while it is read', async () => {
    const id = await run('app:1');
    bench.tamper.linesWrite(id, ['a', 'b', 'c']);
    const { reading, sources } = await readerOf(id);
    const [first] = await itemsAfter(id, null);
    assert.equal(first?.type, 'line');
    await ask(id, 'stop');
    const behind = (await Array.fromAsync(linesAfter(reading, sources, first))).flat();
    assert.deepEqual(shown(behind), ['1 b', '1 c']);
  });

  it('are tried twice, and then a gap: no removal waits for ever', async () => {
    const id = await run('app:1');
    bench.tamper.linesWrite(id, ['a']);
    bench.world.faults.add({ verb: 'access.lines', times: Infinity, delayMs: Infinity });
    await bench.update(id, { image: 'app:2' });
    await bench.advance(60_000);
    bench.world.faults.clear();
    bench.tamper.linesWrite(id, ['b']);
    assert.deepEqual(shown(await itemsAfter(id, null)), ['gap null', '2 b']);
    const error = new EngineError('retryable', 'engine_error', 'Broken.');
    bench.world.faults.add({ verb: 'access.lines', times: 1, error });
    await bench.update(id, { image: 'app:1' });
    await bench.advance(60_000);
    assert.deepEqual(shown(await itemsAfter(id, null)), ['gap null', '2 b']);
  });

  it('go with the oldest instances, and a gap says how many lines', async () => {
    const id = await run('app:1');
    for (let count = 1; count <= 13; count += 1) {
      bench.tamper.linesWrite(id, [`line ${count}`, 'end']);
      await ask(id, 'restart');
    }
    const items = shown(await itemsAfter(id, null));
    assert.equal(items[0], 'gap 6');
    assert.deepEqual(items.slice(1, 3), ['4 line 4', '4 end']);
    assert.equal(items.length, 21);
  });

  it('go with the oldest of an org beyond its limit', async () => {
    const ids = [await run('app:1'), await run('app:1')];
    for (const id of ids) {
      bench.tamper.linesWrite(id, ['a']);
      await ask(id, 'stop');
      await bench.advance(1000);
    }
    const [oldest = 0, newest = 0] = ids;
    const { rows } = await sql<{ bytes: number }>`
      select octet_length(lines_sealed) as bytes from container_instances where container_id = ${newest}`.execute(
      bench.db,
    );
    await orgLinesTrim(bench.db, oldest, rows[0]?.bytes);
    assert.deepEqual(shown(await itemsAfter(oldest, null)), ['gap 1']);
    assert.deepEqual(shown(await itemsAfter(newest, null)), ['1 a']);
  });

  it('go with the container', async () => {
    const id = await run('app:1');
    bench.tamper.linesWrite(id, ['a']);
    await ask(id, 'stop');
    await bench.delete(id);
    await bench.settle();
    const rows = bench.db.selectFrom('container_instances').selectAll();
    assert.deepEqual(await rows.where('container_id', '=', id).execute(), []);
  });
});
