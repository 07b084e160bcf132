import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { containerShow } from './store.ts';
import { type ReconcileBench, reconcileBenchOpen } from '../../test/support/reconcile-harness.ts';

const WARNING = { code: 'ipv4_only_listener', message: 'Bind to [::].' };

let bench: ReconcileBench;
before(async () => {
  bench = await reconcileBenchOpen();
  bench.world.publish('app:1', { process: { warnings: [] } });
  bench.world.publish('plain:1', {});
});
after(() => bench.close());

const objectOf = (id: number) =>
  bench.world.containerFind(bench.installationId, id) ?? assert.fail('no object');

async function shown(id: number) {
  const { status, warnings } = containerShow(await bench.read(id), 'org', bench.deps.secrets);
  return { status, warnings };
}

it('what the engine notices is shown while the process runs, and changes nothing else', async () => {
  const id = await bench.create({ name: 'web', image: 'app:1' });
  await bench.settle();
  assert.deepEqual(await shown(id), { status: 'running', warnings: [] });
  objectOf(id).warnings = [WARNING];
  await bench.advance(6000);
  assert.deepEqual(await shown(id), { status: 'running', warnings: [WARNING] });
  const { revision, generation } = await bench.read(id);
  await bench.advance(200_000);
  const rested = await bench.read(id);
  assert.deepEqual([rested.revision, rested.generation], [revision, generation]);
  // At rest nobody looks any more.
  const turns = bench.turns();
  await bench.advance(3_600_000);
  assert.equal(bench.turns(), turns);

  bench.world.faults.add({
    verb: 'containers.apply',
    times: Infinity,
    error: new Error('down') as never,
  });
  bench.tamper.kill(id);
  await bench.settle();
  assert.deepEqual(await shown(id), { status: 'failed', warnings: [] });
  bench.world.faults.clear();
  await bench.advance(60_000);
  assert.deepEqual(await shown(id), { status: 'running', warnings: [] });
});

it('a warning goes when its cause is gone', async () => {
  const id = await bench.create({ name: 'late', image: 'app:1' });
  await bench.settle();
  objectOf(id).warnings = [WARNING];
  await bench.advance(6000);
  objectOf(id).warnings = [];
  await bench.advance(30_000);
  assert.deepEqual(await shown(id), { status: 'running', warnings: [] });
});

it('where the engine can not tell, nobody looks again', async () => {
  const id = await bench.create({ name: 'plain', image: 'plain:1' });
  await bench.settle();
  await bench.advance(1);
  const turns = bench.turns();
  await bench.advance(20_000);
  assert.equal(bench.turns(), turns);
  assert.deepEqual(await shown(id), { status: 'running', warnings: [] });
});
