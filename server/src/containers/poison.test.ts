import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { sql } from 'kysely';
import { type ReconcileBench, reconcileBenchOpen } from '../../test/support/reconcile-harness.ts';

let bench: ReconcileBench;
before(async () => {
  bench = await reconcileBenchOpen();
});
after(() => bench.close());

let serial = 0;
const nextName = (): string => `p${(serial += 1)}`;

beforeEach(() => {
  bench.world.publish('app:1', {});
  bench.world.publish('crash:1', { process: { exitAfterMs: 100, exitCode: 3 } });
});

const create = (image = 'app:1'): Promise<number> =>
  bench.create({ name: nextName(), image, env: { A: '1' } });

/** Damages a row as a failing disk or a manual edit would. */
async function damage(id: number, column: 'env_sealed' | 'applied_sealed'): Promise<void> {
  await bench.db
    .updateTable('containers')
    .set({
      [column]: sql`set_byte(${sql.ref(column)}, 20, get_byte(${sql.ref(column)}, 20) # 255)`,
    })
    .where('id', '=', id)
    .execute();
}

async function shown(id: number) {
  const row = await bench.read(id);
  return [row.status, row.status_reason];
}

describe('a row that can not be read', () => {
  it('is reported as failed, delays no other, and is rarely checked', async () => {
    const poisoned = await create();
    await damage(poisoned, 'env_sealed');
    const healthy = await create();
    await bench.settle();
    assert.deepEqual(await shown(poisoned), ['failed', 'data_lost']);
    assert.deepEqual(await shown(healthy), ['running', null]);
    const turns = bench.turns();
    await bench.advance(600_000);
    assert.ok(bench.turns() - turns <= 3);
  });

  it('reports whether its process still runs', async () => {
    const id = await create();
    await bench.settle();
    await damage(id, 'env_sealed');
    bench.tamper.pause(id);
    bench.tamper.kill(id);
    await bench.settle();
    assert.deepEqual(await shown(id), ['failed', 'data_lost']);
  });

  it('is deleted like any other', async () => {
    const id = await create();
    await bench.settle();
    await damage(id, 'env_sealed');
    await bench.delete(id);
    await bench.advance(20_000);
    assert.equal(await bench.engine.containers.observe(id), null);
    const rows = await bench.db.selectFrom('containers').where('id', '=', id).execute();
    assert.equal(rows.length, 0);
  });

  it('runs once its env was sent again', async () => {
    const id = await create();
    await damage(id, 'env_sealed');
    await bench.settle();
    await bench.update(id, { env: { A: '2' } });
    await bench.settle();
    assert.deepEqual(await shown(id), ['running', null]);
  });

  it('determines again what was applied', async () => {
    const id = await create();
    await bench.settle();
    const ref = (await bench.engine.containers.observe(id))?.ref;
    await damage(id, 'applied_sealed');
    bench.tamper.kill(id);
    await bench.advance(2000);
    assert.deepEqual(await shown(id), ['running', null]);
    const observed = await bench.engine.containers.observe(id);
    assert.deepEqual([observed?.ref, observed?.state], [ref, 'running']);
    await bench.deps.store.containerImages();
  });
});

describe('a process that writes what the database can not hold', () => {
  it('is reported and restarted all the same', async () => {
    bench.world.publish('nul:1', {
      process: { exitAfterMs: 100, exitCode: 3, output: ['before\0after'] },
    });
    const id = await create('nul:1');
    await bench.advance(5000);
    const row = await bench.read(id);
    assert.match(row.status_message ?? '', /before\uFFFDafter/);
    assert.ok(row.restart_count > 0);
  });
});

describe('a bug in a turn', () => {
  it('is reported at the deadline, and retried with growing delays', async () => {
    const id = await create();
    const { containers } = bench.engine;
    const { apply } = containers;
    let tries = 0;
    containers.apply = (spec) => {
      if (spec.id !== id) return apply(spec);
      tries += 1;
      return Promise.reject(new TypeError('a bug'));
    };
    try {
      await bench.advance(300_000);
      assert.deepEqual(await shown(id), ['failed', 'engine_error']);
      assert.ok(tries < 25, `${tries} tries`);
    } finally {
      containers.apply = apply;
    }
    await bench.advance(60_000);
    assert.deepEqual(await shown(id), ['running', null]);
  });
});
