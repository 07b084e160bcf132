import assert from 'node:assert/strict';
import { once } from 'node:events';
import { it } from 'node:test';
import type { Engine } from '@dollarbox/engines/contract';
import { reconcileBenchOpen } from '../../test/support/reconcile-harness.ts';
import { kindsCreate } from '../kinds.ts';
import { engineWatch } from './engine-watch.ts';

it('what no hint told of, for they could not be heard, is found as soon as they are again', async (t) => {
  const bench = await reconcileBenchOpen();
  t.after(() => bench.close());
  bench.world.publish('app:1', {});
  const id = await bench.create({ name: 'web', image: 'app:1' });
  await bench.settle();

  let hear = (): void => assert.fail('nobody listens');
  const changes: Engine['changes'] = async function* (signal, onGap = hear) {
    hear = onGap;
    await once(signal, 'abort');
    yield* [];
  };
  let sweepCount = 0;
  const list = async () => {
    const listed = await bench.engine.containers.list();
    sweepCount += 1;
    return listed;
  };
  const engine = { ...bench.engine, changes, containers: { ...bench.engine.containers, list } };
  const stop = new AbortController();
  // No periodic task comes again.
  const timers = { after: () => () => {} };
  const deps = { ...bench.deps, engine };
  const watch = engineWatch(deps, kindsCreate(deps), stop.signal, timers);
  while (sweepCount === 0) await new Promise(setImmediate);

  bench.tamper.kill(id);
  await bench.dropHints();
  assert.equal((await bench.read(id)).status, 'running');
  hear();
  stop.abort();
  await watch;
  await bench.advance(1100);
  assert.equal((await bench.engine.containers.observe(id))?.state, 'running');
});
