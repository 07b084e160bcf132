import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { EngineError } from '@dollarbox/engines/contract';
import { type ReconcileBench, reconcileBenchOpen } from '../../test/support/reconcile-harness.ts';
import { GB_BYTES, usageTell } from './plan.ts';
import { volumeMeasurer } from './usage.ts';

let bench: ReconcileBench;
let volume: number;
let container: number;
const ending = new AbortController();
let measure: () => Promise<void>;
before(async () => {
  bench = await reconcileBenchOpen();
  bench.world.publish('app:1', {});
  volume = await bench.volumeCreate('data');
  const volumes = [{ volume, mount_path: '/data' }];
  container = await bench.create({ name: 'app', image: 'app:1', volumes });
  await bench.settle();
  measure = volumeMeasurer(bench.deps, ending.signal);
});
after(() => bench.close());

const write = (bytes: number): void =>
  bench.tamper.volumeWrite(container, '/data', 'x'.repeat(bytes));

async function used(): Promise<[number | null, number]> {
  const { used_bytes: bytes, revision } = await bench.volumeRead(volume);
  return [bytes, revision];
}

it('records how much data is in a volume, and ignores small changes', async () => {
  const [none, first] = await used();
  assert.equal(none, null);
  await measure();
  assert.deepEqual(await used(), [0, first + 1]);
  write(1000);
  await measure();
  assert.deepEqual(await used(), [1000, first + 2]);
  write(9);
  await measure();
  assert.deepEqual(await used(), [1000, first + 2]);
  write(1);
  await measure();
  assert.deepEqual(await used(), [1010, first + 3]);
});

it('reports each existing volume to the metrics', async () => {
  await measure();
  const { values } = await bench.deps.metrics.volumeUsedBytes.get();
  assert.deepEqual(
    values.map((one) => [one.labels.volume, one.labels.org, one.value]),
    [[volume, 'org-1', 1010]],
  );
  const sizes = (await bench.deps.metrics.volumeSizeBytes.get()).values;
  assert.deepEqual(
    sizes.map((one) => one.value),
    [GB_BYTES],
  );
});

it('continues with the others if one can not be measured', async () => {
  const second = await bench.volumeCreate('more');
  await bench.settle();
  const error = new EngineError('retryable', 'engine_error', 'The engine failed.');
  bench.world.faults.add({ verb: 'volumes.usedBytes', error });
  await measure();
  assert.equal((await bench.volumeRead(second)).used_bytes, 0);
  await bench.volumeDelete(second);
  await bench.settle();
});

it('reports a volume that has outgrown its size on a host that does not enforce it', async () => {
  const size = { sizeGb: 1, isSizeEnforced: false };
  assert.equal(usageTell({ ...size, usedBytes: null }), null);
  assert.equal(usageTell({ ...size, usedBytes: GB_BYTES }), null);
  assert.match(
    usageTell({ ...size, usedBytes: 1.26 * GB_BYTES }) ?? '',
    /1\.3 GB, more than its 1 GB/,
  );
  assert.equal(usageTell({ ...size, usedBytes: 2 * GB_BYTES, isSizeEnforced: true }), null);
});

it('is cancelled when the process stops, whatever the engine does', async () => {
  bench.world.faults.add({ verb: 'volumes.usedBytes', delayMs: Infinity });
  const measuring = measure();
  ending.abort();
  await measuring;
});
