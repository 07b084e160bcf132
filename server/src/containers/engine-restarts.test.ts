import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { EngineError } from '@dollarbox/engines/contract';
import { type ReconcileBench, reconcileBenchOpen } from '../../test/support/reconcile-harness.ts';
import { exitsNew, runsUnseen } from './exits.ts';
import type { LinePlace } from '../logs/cursor.ts';
import type { LogItem } from '../logs/items.ts';
import { keptLinesCreate } from '../logs/kept.ts';
import { logSources } from '../logs/lines.ts';
import { linesAfter } from '../logs/read.ts';
import { containerLogsRead } from '../logs/store.ts';
import { containerSweep } from './sweep.ts';

let bench: ReconcileBench;
before(async () => {
  bench = await reconcileBenchOpen({ restarts: 'engine' });
  bench.world.publish('app:1', {});
  bench.world.publish('stubborn:1', { process: { ignoresStop: true } });
});
after(() => bench.close());

let serial = 0;
async function create(image = 'app:1'): Promise<number> {
  const id = await bench.create({ name: `n${(serial += 1)}`, image });
  await bench.settle();
  return id;
}

async function running(image = 'app:1'): Promise<number> {
  const id = await create(image);
  await bench.advance(100);
  assert.deepEqual(await shown(id), ['running', null, 0]);
  return id;
}

async function shown(id: number) {
  const { status, status_reason: reason, restart_count: restarts } = await bench.read(id);
  return [status, reason, restarts];
}

const objectOf = (id: number) =>
  [...bench.world.containers.values()].find(({ spec }) => spec.id === id);

describe('what an engine says that it can not run', () => {
  const message = 'No node of the cluster has what it needs: memory.';

  it('shows at once, and is a failure after half a minute, until it runs', async () => {
    const id = await create();
    const since = bench.clock.now();
    bench.tamper.obstruct(id, { reason: 'unschedulable', message, since });
    await bench.settle();
    assert.deepEqual(await shown(id), ['pending', null, 0]);
    assert.equal((await bench.read(id)).status_message, message);
    await bench.advance(30_000);
    assert.deepEqual(await shown(id), ['failed', 'unschedulable', 0]);
    bench.tamper.obstruct(id, null);
    await bench.settle();
    await bench.advance(100);
    assert.deepEqual(await shown(id), ['running', null, 0]);
    assert.equal((await bench.read(id)).status_message, null);
  });

  it('is no running process if its node is lost, and one again when the node is back', async () => {
    const id = await running();
    const since = bench.clock.now();
    bench.tamper.obstruct(id, { reason: 'node_lost', message: 'It is lost.', since });
    await bench.settle();
    await bench.advance(30_000);
    assert.deepEqual(await shown(id), ['failed', 'node_lost', 0]);
    bench.tamper.obstruct(id, null);
    await bench.settle();
    assert.deepEqual(await shown(id), ['running', null, 0]);
  });
});

describe('a process that the engine restarts', () => {
  it('is pending until the engine has started it, without being started twice', async () => {
    const id = await create();
    assert.deepEqual(await shown(id), ['pending', null, 0]);
    await bench.advance(100);
    assert.deepEqual(await shown(id), ['running', null, 0]);
    assert.equal(objectOf(id)?.run, 1);
  });

  it('counts each of its exits once, and is left to the engine', async () => {
    const id = await running();
    bench.tamper.kill(id);
    await bench.settle();
    assert.deepEqual(await shown(id), ['failed', 'exited', 0]);
    await bench.advance(500);
    assert.equal(objectOf(id)?.state, 'exited');
    await bench.advance(1000);
    assert.deepEqual(await shown(id), ['running', null, 1]);
    await bench.advance(600_000);
    assert.deepEqual(await shown(id), ['running', null, 1]);
  });

  it('is found by the sweep to have been restarted if no event reported it', async () => {
    const id = await running();
    for (let count = 0; count < 2; count += 1) {
      bench.tamper.kill(id);
      await bench.clock.advance(5000);
      await bench.dropHints();
    }
    assert.deepEqual(await shown(id), ['running', null, 0]);
    await containerSweep(bench.deps);
    await bench.settle();
    assert.deepEqual(await shown(id), ['running', null, 2]);
    await containerSweep(bench.deps);
    await bench.settle();
    assert.deepEqual(await shown(id), ['running', null, 2]);
  });

  it('is running, with the reason, if the engine then fails to repair it', async () => {
    const id = await running();
    // The engine restarts it, and no event of that arrives.
    bench.tamper.kill(id);
    await bench.clock.advance(5000);
    await bench.dropHints();
    bench.tamper.disconnect(id);
    const error = new EngineError('permanent', 'engine_error', 'no network can be made');
    const forget = bench.world.faults.add({ verb: 'containers.apply', times: Infinity, error });
    await containerSweep(bench.deps);
    await bench.settle();
    assert.deepEqual(await shown(id), ['running', 'engine_error', 1]);
    forget();
    await bench.advance(300_000);
    assert.deepEqual(await shown(id), ['running', null, 1]);
  });

  it('is in a crash loop from the third exit on, with its last lines, until a minute up', async () => {
    bench.world.publish('heals:1', {
      process: (_spec, run) =>
        run <= 3 ? { output: [`run ${run} fails`], exitAfterMs: 10, exitCode: 3 } : {},
    });
    const id = await create('heals:1');
    // It exits three times, after 1 s and 2 s.
    await bench.advance(4000);
    const { status, status_reason: reason, status_message: message } = await bench.read(id);
    assert.deepEqual([status, reason], ['failed', 'crash_loop']);
    assert.equal(message, 'The process exited with code 3. Last lines:\nrun 3 fails');
    await bench.advance(10_000);
    assert.equal(objectOf(id)?.state, 'running');
    assert.deepEqual(await shown(id), ['failed', 'crash_loop', 3]);
    await bench.advance(60_000);
    assert.deepEqual(await shown(id), ['running', null, 3]);
  });

  it('that can not be started is a start error, and runs once it can be', async () => {
    bench.world.publish('nostart:1', {
      process: (_spec, run) => (run <= 2 ? { startError: 'no such file' } : {}),
    });
    const id = await create('nostart:1');
    await bench.advance(100);
    const { status, status_reason: reason, status_message: message } = await bench.read(id);
    assert.deepEqual([status, reason, message], ['failed', 'start_error', 'no such file']);
    await bench.advance(10_000);
    assert.deepEqual(await shown(id), ['running', null, 2]);
  });

  it('fails after five minutes if the engine does not start it', async () => {
    const id = await create();
    objectOf(id)?.cancelStart?.();
    await bench.advance(299_000);
    assert.deepEqual(await shown(id), ['pending', null, 0]);
    await bench.advance(6000);
    assert.deepEqual(await shown(id), ['failed', 'timeout', 0]);
  });

  it('ends for a new version, and is removed though the engine would restart it', async () => {
    const id = await running('stubborn:1');
    await bench.update(id, { env: { VERSION: '2' } });
    await bench.settle();
    assert.deepEqual((await bench.read(id)).observed_generation, 1);
    await bench.advance(11_000);
    assert.deepEqual(await shown(id), ['running', null, 0]);
    assert.equal(objectOf(id)?.spec.env['VERSION'], '2');
    await bench.delete(id);
    await bench.advance(11_000);
    assert.equal(objectOf(id), undefined);
  });
});

describe('a process that the engine starts after the turn has looked', () => {
  it('has its lines kept all the same before the engine removes it', async () => {
    const id = await create('stubborn:1');
    const object = objectOf(id) ?? assert.fail('there is no object');
    assert.equal(object.state, 'created');
    const { images } = bench.engine;
    const { observe } = images;
    images.observe = async (request) => {
      object.cancelStart?.();
      if (object.state === 'created') bench.world.processes.start(object);
      return observe(request);
    };
    try {
      await bench.update(id, { env: { VERSION: '2' } });
      await bench.settle();
    } finally {
      images.observe = observe;
    }
    const [first, ...others] = await bench.db
      .selectFrom('container_instances')
      .selectAll()
      .where('container_id', '=', id)
      .execute();
    assert.ok(first?.kept_at instanceof Date);
    assert.deepEqual([first.is_cut_off, others], [true, []]);
    await bench.advance(11_000);
    assert.equal(objectOf(id)?.spec.env['VERSION'], '2');
  });
});

async function itemsBehind(id: number, place: LinePlace | null): Promise<LogItem[]> {
  const reading = {
    access: bench.engine.access,
    kept: keptLinesCreate(bench.db, bench.deps.secrets, id),
    signal: new AbortController().signal,
  };
  const logs = (await containerLogsRead(bench.db, [bench.orgId], id)) ?? assert.fail();
  return (await Array.fromAsync(linesAfter(reading, logSources(logs.instances), place))).flat();
}

/** The lines of a container behind a place, and the gaps in them, each with the number of its instance. */
async function linesShown(id: number, place: LinePlace | null = null): Promise<string[]> {
  return (await itemsBehind(id, place)).map((item) => {
    return `${item.instance} ${item.type === 'line' ? item.text : 'gap'}`;
  });
}

describe('the lines that a process writes after it was asked to end', () => {
  /** A process that takes two seconds to end, and has written a line before and one after it was asked to. */
  async function ending(): Promise<number> {
    bench.world.publish('slow:1', { process: { output: ['begin'], stopMs: 2000 } });
    const id = await running('slow:1');
    await bench.update(id, { image: 'app:1' });
    await bench.advance(1000);
    assert.deepEqual(await linesShown(id), ['1 begin', '1 gap']);
    bench.tamper.linesWrite(id, ['end']);
    return id;
  }

  it('are kept once it has ended, each once, behind a line that was read before, too', async () => {
    const id = await ending();
    const [begin] = await itemsBehind(id, null);
    assert.ok(begin?.type === 'line');
    assert.deepEqual(await linesShown(id, begin), ['1 gap']);
    await bench.advance(5000);
    assert.deepEqual(await shown(id), ['running', null, 0]);
    bench.tamper.linesWrite(id, ['next']);
    assert.deepEqual(await linesShown(id), ['1 begin', '1 end', '2 next']);
    assert.deepEqual(await linesShown(id, begin), ['1 end', '2 next']);
    const end = (await itemsBehind(id, begin))[0];
    assert.ok(end?.type === 'line');
    assert.deepEqual(await linesShown(id, end), ['2 next']);
  });

  it('are a gap behind those before if the engine has removed them by then', async () => {
    const id = await ending();
    await bench.clock.advance(5000);
    await bench.advance(1000);
    assert.deepEqual(await shown(id), ['running', null, 0]);
    bench.tamper.linesWrite(id, ['next']);
    assert.deepEqual(await linesShown(id), ['1 begin', '1 gap', '2 next']);
  });

  it('are kept up to when it is killed, and then there may be more', async () => {
    const id = await running('stubborn:1');
    bench.tamper.linesWrite(id, ['begin']);
    await bench.update(id, { image: 'app:1' });
    await bench.advance(5000);
    bench.tamper.linesWrite(id, ['busy']);
    await bench.advance(10_000);
    assert.deepEqual(await shown(id), ['running', null, 0]);
    assert.deepEqual(await linesShown(id), ['1 begin', '1 busy', '1 gap']);
  });
});

describe('the lines of a process that the engine restarts', () => {
  async function kept(id: number) {
    const rows = await bench.db
      .selectFrom('container_instances')
      .selectAll()
      .where('container_id', '=', id)
      .orderBy('number')
      .execute();
    return rows.map(({ object, kept_at, kept_lines, lost_lines }) => {
      return [object, kept_at !== null, kept_lines, lost_lines];
    });
  }

  it('are kept at each restart, since the engine has those of the last two runs only', async () => {
    bench.world.publish('loop:1', {
      process: (_spec, run) => ({ output: [`run ${run}`], exitAfterMs: 500, exitCode: 1 }),
    });
    const id = await create('loop:1');
    await bench.advance(60_000);
    const found = await kept(id);
    assert.ok(found.length >= 5);
    const wanted = found.slice(0, -1).map((_, index) => [index + 1, true, 1, 0]);
    assert.deepEqual(found.slice(0, -1), wanted);
    const runs = found.map((_, index) => `${index + 1} run ${index + 1}`);
    assert.deepEqual(await linesShown(id), runs);
  });

  /** What nobody has noticed since is found by the sweep. */
  async function foundLate(): Promise<void> {
    await bench.dropHints();
    await containerSweep(bench.deps);
    await bench.settle();
  }

  /** So many processes end one after the other, each of which has said which run it is, and nobody notices. */
  async function endUnnoticed(id: number, count: number): Promise<void> {
    const object = objectOf(id) ?? assert.fail();
    for (let ended = 0; ended < count; ended += 1) {
      bench.world.processes.end(object, 1);
      await bench.clock.advance(30_000);
      assert.equal(object.state, 'running');
    }
    await foundLate();
  }

  it('are kept of a process that has ended before anybody has looked', async () => {
    bench.world.publish('says:1', { process: (_spec, run) => ({ output: [`run ${run}`] }) });
    const id = await running('says:1');
    await endUnnoticed(id, 2);
    // The engine has those of the last two processes.
    assert.deepEqual(await linesShown(id), ['1 gap', '2 run 2', '3 run 3']);
    assert.deepEqual(await kept(id), [
      [1, true, 0, null],
      [2, true, 1, 0],
      [3, false, 0, null],
    ]);
    assert.deepEqual(await shown(id), ['running', null, 2]);
    await endUnnoticed(id, 1);
    assert.deepEqual(await linesShown(id), ['1 gap', '2 run 2', '3 run 3', '4 run 4']);
  });

  it('are a gap of processes that nobody has seen at all', async () => {
    const id = await running('says:1');
    await endUnnoticed(id, 4);
    assert.deepEqual(await linesShown(id), ['null gap', '4 run 4', '5 run 5']);
  });

  it('are a gap, too, of those that have ended before the first look', async () => {
    const name = `n${(serial += 1)}`;
    bench.world.publish('trips:1', {
      process: (_spec, run) => ({
        output: [`run ${run}`],
        ...(run < 4 && { exitAfterMs: 10, exitCode: 1 }),
      }),
    });
    const id = await bench.create({ name, image: 'trips:1' });
    await bench.settle();
    await bench.clock.advance(30_000);
    await foundLate();
    assert.deepEqual(await linesShown(id), ['null gap', '3 run 3', '4 run 4']);
  });

  it('are no gap where the engine could not start a process', async () => {
    bench.world.publish('late:1', {
      process: (_spec, run) =>
        run === 2 ? { startError: 'no such file' } : { output: [`run ${run}`] },
    });
    const id = await running('late:1');
    await endUnnoticed(id, 1);
    assert.deepEqual(await linesShown(id), ['1 gap', '2 run 3']);
    await endUnnoticed(id, 1);
    assert.deepEqual(await linesShown(id), ['1 gap', '2 run 3', '3 run 4']);
  });

  it('are read again in the next turn if the engine does not give them', async () => {
    const id = await running();
    bench.tamper.linesWrite(id, ['kept']);
    const error = new EngineError('retryable', 'engine_error', 'The log can not be read now.');
    bench.world.faults.add({ verb: 'access.lines', times: 1, error });
    bench.tamper.kill(id);
    await bench.advance(30_000);
    assert.deepEqual(await kept(id), [
      [1, true, 1, 0],
      [2, false, 0, null],
    ]);
    assert.deepEqual(await shown(id), ['running', null, 1]);
  });
});

describe('exits that were not counted yet', () => {
  const state = { exitRef: 'a', exitCount: 2, exitFinishedAt: new Date(2000) };
  const last = { code: 1, isOutOfMemory: false, startedAt: null, lastLines: null };
  const exits = (count: number, finishedAtMs: number) => ({
    count,
    last: { ...last, finishedAt: new Date(finishedAtMs) },
  });

  it('are those that the count of the same object has grown by', () => {
    assert.equal(exitsNew(state, { ref: 'a', exits: exits(2, 2000) }), 0);
    assert.equal(exitsNew(state, { ref: 'a', exits: exits(5, 3000) }), 3);
  });

  it('are all of another object', () => {
    assert.equal(exitsNew(state, { ref: 'b', exits: exits(3, 2000) }), 3);
    assert.equal(exitsNew(state, { ref: 'b', exits: { count: 0, last: null } }), 0);
  });

  it('are one if the engine remembers only the last, which ended at another time', () => {
    const counted = { ...state, exitCount: 1 };
    assert.equal(exitsNew(counted, { ref: 'a', exits: exits(1, 3000) }), 1);
    assert.equal(exitsNew(counted, { ref: 'a', exits: exits(1, 2000) }), 0);
  });
});

describe('runs that nobody has seen', () => {
  const recorded = { ref: 'a', startedAt: new Date(10_000) };
  /** When the recorded run was started, one exit of a run before it had been counted. */
  const counted = { exitRef: 'a', exitCount: 1, exitFinishedAt: new Date(9000) };
  /** The recorded run has ended, and that was counted. */
  const countedEnd = { exitRef: 'a', exitCount: 2, exitFinishedAt: new Date(11_000) };

  /** A run that started at 60 s, after so many exits, the last of them of a run that started at that time. */
  const observed = (count: number, formerMs: number | null, ref = 'a') => ({
    ref,
    startedAt: new Date(60_000),
    exits: {
      count,
      last: {
        ...{ code: 1, isOutOfMemory: false, lastLines: null, finishedAt: new Date(59_000) },
        startedAt: formerMs === null ? null : new Date(formerMs),
      },
    },
  });
  const none = { missed: 0, startedAt: null };
  const former = { missed: 0, startedAt: new Date(50_000) };

  it('are none if the recorded one has ended last', () => {
    assert.deepEqual(runsUnseen(counted, recorded, observed(2, 10_000)), none);
    assert.deepEqual(runsUnseen(countedEnd, recorded, observed(2, 10_000)), none);
    const first = { ref: 'b', startedAt: new Date(60_000), exits: { count: 0, last: null } };
    assert.deepEqual(runsUnseen(counted, recorded, first), none);
  });

  it('are the one that has ended last, and as many before it as have ended besides', () => {
    assert.deepEqual(runsUnseen(counted, recorded, observed(3, 50_000)), former);
    assert.deepEqual(runsUnseen(countedEnd, recorded, observed(3, 50_000)), former);
    const two = { ...former, missed: 2 };
    assert.deepEqual(runsUnseen(counted, recorded, observed(5, 50_000)), two);
    assert.deepEqual(runsUnseen(countedEnd, recorded, observed(5, 50_000)), two);
  });

  it('are all of another object, or if none was recorded', () => {
    assert.deepEqual(runsUnseen(counted, recorded, observed(1, 50_000, 'b')), former);
    const two = { ...former, missed: 2 };
    assert.deepEqual(runsUnseen(counted, recorded, observed(3, 50_000, 'b')), two);
    assert.deepEqual(runsUnseen({ ...counted, exitRef: null }, null, observed(3, 50_000)), two);
  });

  it('are neither the observed one, which has ended, nor a start that has failed', () => {
    assert.deepEqual(runsUnseen(counted, recorded, observed(3, 60_000)), none);
    assert.deepEqual(runsUnseen(counted, recorded, observed(3, null)), none);
    assert.deepEqual(runsUnseen(counted, recorded, observed(4, null)), { ...none, missed: 1 });
  });
});
