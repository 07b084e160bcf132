import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { EngineError } from '@dollarbox/engines/contract';
import { type ReconcileBench, reconcileBenchOpen } from '../../test/support/reconcile-harness.ts';

let bench: ReconcileBench;
before(async () => {
  bench = await reconcileBenchOpen();
});
after(() => bench.close());

let serial = 0;
const nextName = (): string => `c${(serial += 1)}`;

const RUNS = { image: 'app:1' };
beforeEach(() => {
  bench.world.faults.clear();
  bench.world.publish('app:1', {});
  bench.world.publish('app:2', {});
  bench.world.publish('crash:1', { process: { exitAfterMs: 100, exitCode: 3 } });
});

/** A running container of an image. */
async function running(image = 'app:1'): Promise<number> {
  const id = await bench.create({ name: nextName(), image });
  await bench.settle();
  return id;
}

async function shown(id: number) {
  const row = await bench.read(id);
  return { status: row.status, reason: row.status_reason };
}

describe('creating', () => {
  it('runs the container and comes to rest', async () => {
    const id = await bench.create({ name: nextName(), ...RUNS, env: { A: '1' } });
    assert.deepEqual(await shown(id), { status: 'pending', reason: null });
    await bench.settle();
    const row = await bench.read(id);
    assert.deepEqual(await shown(id), { status: 'running', reason: null });
    assert.equal(row.observed_generation, 1);
    const observed = await bench.engine.containers.observe(id);
    assert.equal(observed?.state, 'running');
    const spec = [...bench.world.containers.values()].find((one) => one.spec.id === id)?.spec;
    assert.equal(spec?.ipv6Address, row.ipv6_address);
    assert.deepEqual(spec?.env, { A: '1' });
  });

  it('writes nothing at rest', async () => {
    await running();
    await bench.advance(120_000);
    const turns = bench.turns();
    await bench.advance(600_000);
    assert.equal(bench.turns(), turns);
  });

  it('reports a missing image, and runs when the image exists', async () => {
    const id = await bench.create({ name: nextName(), image: 'late:1' });
    await bench.settle();
    assert.deepEqual(await shown(id), { status: 'failed', reason: 'image_not_found' });
    bench.world.publish('late:1', {});
    await bench.advance(300_000);
    assert.deepEqual(await shown(id), { status: 'running', reason: null });
  });

  it('tries a registry that does not answer until the deadline, then says so', async () => {
    bench.world.publish('flaky:1', {
      failure: { reason: 'image_pull_error', message: 'The registry answered with HTTP 502.' },
    });
    const id = await bench.create({ name: nextName(), image: 'flaky:1' });
    await bench.settle();
    assert.deepEqual(await shown(id), { status: 'pending', reason: null });
    assert.match((await bench.read(id)).status_message ?? '', /502.*Trying again/);
    await bench.advance(300_000);
    assert.deepEqual(await shown(id), { status: 'failed', reason: 'image_pull_error' });
  });

  it('reports a pull that never ends, even if the engine failed at the deadline', async () => {
    bench.world.publish('stuck:2', { pullMs: Infinity });
    const id = await bench.create({ name: nextName(), image: 'stuck:2' });
    await bench.advance(299_000);
    assert.deepEqual(await shown(id), { status: 'pending', reason: null });
    const error = new EngineError('retryable', 'timeout', 'No reply in time.');
    const heal = bench.world.faults.add({ verb: 'containers.observe', times: Infinity, error });
    await bench.advance(20_000);
    assert.deepEqual(await shown(id), { status: 'failed', reason: 'timeout' });
    heal();
    await bench.advance(60_000);
    assert.deepEqual(await shown(id), { status: 'failed', reason: 'image_pull_error' });
    await bench.delete(id);
    await bench.settle();
  });

  it('settles a pull that never ends, while others continue', async () => {
    bench.world.publish('stuck:1', { pullMs: Infinity });
    const stuck = await bench.create({ name: nextName(), image: 'stuck:1' });
    const other = await running();
    assert.deepEqual(await shown(stuck), { status: 'pending', reason: null });
    assert.deepEqual(await shown(other), { status: 'running', reason: null });
    await bench.advance(300_000);
    assert.deepEqual(await shown(stuck), { status: 'failed', reason: 'image_pull_error' });
    await bench.delete(stuck);
    await bench.settle();
  });
});

describe('a process that ends', () => {
  it('is restarted after 1, 2, 4 … seconds, and reported as a crash loop from the third exit', async () => {
    const id = await running('crash:1');
    await bench.advance(150);
    assert.deepEqual(await shown(id), { status: 'failed', reason: 'exited' });
    const message = (await bench.read(id)).status_message ?? '';
    assert.match(message, /exited with code 3/);
    const starts: number[] = [];
    let count = (await bench.read(id)).restart_count;
    for (let tenths = 0; tenths < 400; tenths += 1) {
      await bench.advance(100);
      const now = (await bench.read(id)).restart_count;
      if (now > count) starts.push(bench.clock.now().getTime());
      count = now;
    }
    const gaps = starts
      .slice(1)
      .map((time, index) => Math.round((time - (starts[index] ?? 0)) / 1000));
    assert.deepEqual(gaps.slice(0, 4), [2, 4, 8, 16]);
    assert.deepEqual(await shown(id), { status: 'failed', reason: 'crash_loop' });
    await bench.delete(id);
    await bench.settle();
  });

  it('is trusted again after a minute up', async () => {
    bench.world.publish('heals:1', {
      process: (_spec, run) => (run <= 3 ? { exitAfterMs: 10, exitCode: 1 } : {}),
    });
    const id = await running('heals:1');
    await bench.advance(10_000);
    assert.deepEqual(await shown(id), { status: 'failed', reason: 'crash_loop' });
    await bench.advance(60_000);
    assert.deepEqual(await shown(id), { status: 'running', reason: null });
    bench.tamper.kill(id);
    await bench.settle();
    assert.deepEqual(await shown(id), { status: 'failed', reason: 'exited' });
  });

  it('for lack of memory is reported as such', async () => {
    bench.world.publish('hog:1', { process: { exitAfterMs: 10, outOfMemory: true } });
    const id = await running('hog:1');
    await bench.advance(500);
    assert.deepEqual(await shown(id), { status: 'failed', reason: 'out_of_memory' });
    await bench.delete(id);
    await bench.settle();
  });

  it('that can not be started is a start error, and is retried', async () => {
    bench.world.publish('nostart:1', { process: { startError: 'no such file' } });
    const id = await running('nostart:1');
    assert.deepEqual(await shown(id), { status: 'failed', reason: 'start_error' });
    assert.equal((await bench.read(id)).observed_generation, 1);
    bench.world.publish('nostart:1', {});
    await bench.update(id, { image: 'app:1' });
    await bench.settle();
    assert.deepEqual(await shown(id), { status: 'running', reason: null });
  });
});

describe('updating', () => {
  it('keeps the old version running until the new image is there', async () => {
    const id = await running();
    bench.world.publish('slow:1', { pullMs: 30_000 });
    const old = await bench.engine.containers.observe(id);
    const patched = await bench.update(id, { image: 'slow:1' });
    assert.equal(patched.status, 'running');
    await bench.advance(20_000);
    assert.equal((await bench.engine.containers.observe(id))?.ref, old?.ref);
    assert.deepEqual(await shown(id), { status: 'running', reason: null });
    assert.equal((await bench.read(id)).observed_generation, 1);
    await bench.advance(15_000);
    assert.notEqual((await bench.engine.containers.observe(id))?.ref, old?.ref);
    assert.equal((await bench.read(id)).observed_generation, 2);
    assert.deepEqual(await shown(id), { status: 'running', reason: null });
  });

  it('leaves the old version running, and repaired, when the image is bad, and says why', async () => {
    const id = await running();
    await bench.update(id, { image: 'bad:1' });
    await bench.settle();
    const row = await bench.read(id);
    assert.deepEqual(await shown(id), { status: 'running', reason: 'image_not_found' });
    assert.ok(row.observed_generation < row.generation);
    bench.tamper.kill(id);
    await bench.advance(1500);
    assert.equal((await bench.engine.containers.observe(id))?.state, 'running');
    assert.deepEqual(await shown(id), { status: 'running', reason: 'image_not_found' });
    bench.tamper.remove(id);
    await bench.settle();
    assert.equal((await bench.engine.containers.observe(id))?.state, 'running');
    await bench.update(id, { image: 'app:2' });
    assert.equal((await bench.read(id)).status_reason, null);
    await bench.settle();
    assert.deepEqual(await shown(id), { status: 'running', reason: null });
    assert.equal((await bench.read(id)).observed_generation, 3);
  });

  it('restores the old version even if its image is gone and the new one is bad', async () => {
    const id = await running();
    await bench.update(id, { image: 'bad:1' });
    await bench.settle();
    bench.tamper.remove(id);
    bench.tamper.imageRemove('app:1');
    await bench.settle();
    assert.equal((await bench.engine.containers.observe(id))?.state, 'running');
    assert.deepEqual(await shown(id), { status: 'running', reason: 'image_not_found' });
    const turns = bench.turns();
    await bench.advance(200_000);
    assert.ok(bench.turns() - turns < 5, `${bench.turns() - turns} turns`);
  });

  it('to a bad image leaves nothing of a version that was never recorded', async () => {
    const error = new EngineError('retryable', 'timeout', 'No reply in time.');
    bench.world.faults.add({ verb: 'containers.apply', times: 2, error, when: 'after' });
    const id = await bench.create({ name: nextName(), image: 'app:1' });
    await bench.settle();
    assert.equal((await bench.engine.containers.observe(id))?.state, 'running');
    await bench.update(id, { image: 'bad:1' });
    await bench.settle();
    assert.equal(await bench.engine.containers.observe(id), null);
    assert.deepEqual(await shown(id), { status: 'failed', reason: 'image_not_found' });
  });

  it('after a clock was wrong does not pull again and again', async () => {
    bench.world.publish('flaky:1', {
      pullMs: 10,
      failure: { reason: 'image_pull_error', message: 'The registry answered with HTTP 502.' },
    });
    const id = await bench.create({ name: nextName(), image: 'flaky:1' });
    const future = new Date(bench.clock.now().getTime() + 60_000);
    await bench.db
      .updateTable('containers')
      .set({ attempt_at: future })
      .where('id', '=', id)
      .execute();
    const turns = bench.turns();
    await bench.advance(10_000);
    assert.ok(bench.turns() - turns < 15, `${bench.turns() - turns} turns`);
    await bench.delete(id);
    await bench.settle();
  });

  it('that is reverted restarts nothing', async () => {
    const id = await running();
    const before = await bench.engine.containers.observe(id);
    await bench.update(id, { env: { A: '1' } });
    await bench.update(id, { env: {} });
    await bench.settle();
    assert.equal((await bench.engine.containers.observe(id))?.ref, before?.ref);
    assert.equal((await bench.read(id)).observed_generation, 3);
  });

  it('of init recreates the container', async () => {
    const id = await running();
    const before = await bench.engine.containers.observe(id);
    await bench.update(id, { init: true });
    await bench.settle();
    const after = await bench.engine.containers.observe(id);
    assert.notEqual(after?.ref, before?.ref);
    assert.equal((await bench.read(id)).observed_generation, 2);
  });

  it('of a version that was recorded before init existed recreates nothing', async () => {
    const id = await running();
    const before = await bench.engine.containers.observe(id);
    const purpose = 'containers.applied';
    const { applied_sealed: sealed } = await bench.db
      .selectFrom('containers')
      .select('applied_sealed')
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    const applied = JSON.parse(bench.deps.secrets.open(purpose, sealed ?? Buffer.alloc(0)));
    delete applied.version.init;
    await bench.db
      .updateTable('containers')
      .set({ applied_sealed: bench.deps.secrets.seal(purpose, JSON.stringify(applied)) })
      .where('id', '=', id)
      .execute();
    await bench.deps.store.workHint('container', id, bench.clock.now());
    await bench.settle();
    assert.equal((await bench.engine.containers.observe(id))?.ref, before?.ref);
  });

  it('gives a process ten seconds to end', async () => {
    bench.world.publish('stubborn:1', { process: { ignoresStop: true } });
    const id = await running('stubborn:1');
    const old = await bench.engine.containers.observe(id);
    await bench.update(id, { image: 'app:1' });
    await bench.advance(9000);
    assert.equal((await bench.engine.containers.observe(id))?.ref, old?.ref);
    await bench.advance(1500);
    assert.notEqual((await bench.engine.containers.observe(id))?.ref, old?.ref);
    assert.deepEqual(await shown(id), { status: 'running', reason: null });
  });

  it('out of a crash loop starts the new version at once', async () => {
    const id = await running('crash:1');
    await bench.advance(20_000);
    assert.deepEqual(await shown(id), { status: 'failed', reason: 'crash_loop' });
    await bench.update(id, { image: 'app:1' });
    await bench.settle();
    assert.deepEqual(await shown(id), { status: 'running', reason: null });
    assert.equal((await bench.read(id)).restart_count, 0);
  });
});

describe('deleting', () => {
  it('removes the object and the row, gently first', async () => {
    bench.world.publish('stubborn:1', { process: { ignoresStop: true } });
    const id = await running('stubborn:1');
    await bench.delete(id);
    await bench.advance(9000);
    assert.equal((await bench.engine.containers.observe(id))?.state, 'running');
    await bench.advance(1500);
    assert.equal(await bench.engine.containers.observe(id), null);
    const row = await bench.db.selectFrom('containers').select('id').where('id', '=', id).execute();
    assert.deepEqual(row, []);
    const work = await bench.db
      .selectFrom('work')
      .selectAll()
      .where('object_id', '=', id)
      .execute();
    assert.deepEqual(work, []);
  });

  it('gives a process the time that its container asks for, from the first signal', async () => {
    bench.world.publish('stubborn:1', { process: { ignoresStop: true } });
    const id = await running('stubborn:1');
    const started = await bench.engine.containers.observe(id);
    await bench.update(id, { stop_grace_seconds: 30 });
    await bench.settle();
    // Only how it ends has changed.
    assert.equal((await bench.engine.containers.observe(id))?.ref, started?.ref);
    assert.equal((await bench.read(id)).observed_generation, 2);
    await bench.delete(id);
    await bench.advance(20_000);
    // A turn in between does not count from anew.
    await bench.deps.store.workHint('container', id, bench.clock.now());
    await bench.advance(9000);
    assert.equal((await bench.engine.containers.observe(id))?.state, 'running');
    await bench.advance(1500);
    assert.equal(await bench.engine.containers.observe(id), null);
  });

  it('follows a change of the time to end while the process is ending', async () => {
    bench.world.publish('stubborn:1', { process: { ignoresStop: true } });
    const id = await running('stubborn:1');
    await bench.update(id, { image: 'app:1', stop_grace_seconds: 120 });
    await bench.advance(3000);
    assert.equal((await bench.engine.containers.observe(id))?.state, 'running');
    await bench.update(id, { stop_grace_seconds: 4 });
    await bench.advance(1500);
    assert.equal((await bench.read(id)).observed_generation, 3);
  });

  it('passes the name on only when the old process is gone', async () => {
    bench.world.publish('stubborn:1', { process: { ignoresStop: true } });
    const name = nextName();
    const old = await bench.create({ name, image: 'stubborn:1' });
    await bench.settle();
    await bench.delete(old);
    const successor = await bench.create({ name, image: 'app:1' });
    await bench.advance(5000);
    assert.equal(await bench.engine.containers.observe(successor), null);
    assert.deepEqual(await shown(successor), { status: 'pending', reason: null });
    await bench.advance(6000);
    assert.equal(await bench.engine.containers.observe(old), null);
    assert.deepEqual(await shown(successor), { status: 'running', reason: null });
  });

  it('of a container that was never created leaves nothing', async () => {
    const id = await bench.create({ name: nextName(), image: 'app:1' });
    await bench.delete(id);
    await bench.settle();
    assert.equal(await bench.engine.containers.observe(id), null);
    const row = await bench.db.selectFrom('containers').select('id').where('id', '=', id).execute();
    assert.deepEqual(row, []);
  });
});
