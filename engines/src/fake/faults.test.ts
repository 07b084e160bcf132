import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineError, VERB_DEADLINE_MS } from '../contract.ts';
import type { ContainerSpec, Engine, EngineChange } from '../contract.ts';
import { rejectsWith } from '../suite/context.ts';
import { virtualClock } from './clock.ts';
import { fakeEngineCreate } from './engine.ts';
import { tamperCreate } from './tamper.ts';
import { fakeWorldCreate, imageHold } from './world.ts';

const SPEC: ContainerSpec = {
  id: 1,
  tenantId: 1,
  name: 'web',
  image: 'web:1',
  imageId: 'sha256:web',
  env: {},
  command: [],
  ports: [],
  ipv6Address: 'fd00:1::1',
  volumes: [],
  init: false,
};
const FAILURE = new EngineError('retryable', 'engine_error', 'The engine failed.');

function createScene(seed = 1) {
  const clock = virtualClock(0);
  const world = fakeWorldCreate({ clock, seed });
  imageHold(world, SPEC.image, { imageId: SPEC.imageId }, 'ours');
  const engine = fakeEngineCreate(world, { installationId: 'ours' });
  return { clock, world, engine, tamper: tamperCreate(world, 'ours') };
}

/** How a verb ended, and when. */
function outcome(work: Promise<unknown>, now: () => Date): Promise<string> {
  return work.then(
    () => `done at ${now().getTime()}`,
    (error: unknown) =>
      `${error instanceof EngineError ? error.reason : 'bug'} at ${now().getTime()}`,
  );
}

function collect(engine: Engine): EngineChange[] {
  const seen: EngineChange[] = [];
  const changes = engine.changes(new AbortController().signal);
  void (async () => {
    for await (const change of changes) seen.push(change);
  })();
  return seen;
}

test('a given number of calls of a verb fail, before any effect', async () => {
  const { engine, world } = createScene();
  world.faults.add({ verb: 'containers.apply', times: 2, error: FAILURE });
  await rejectsWith(engine.containers.apply(SPEC), 'retryable', 'engine_error');
  await engine.containers.observe(1);
  await rejectsWith(engine.containers.apply(SPEC), 'retryable', 'engine_error');
  assert.equal(world.containers.size, 0);
  assert.equal((await engine.containers.apply(SPEC)).state, 'running');
});

test('a call can fail after its effect', async () => {
  const { engine, world } = createScene();
  world.faults.add({ verb: 'containers.apply', error: FAILURE, when: 'after' });
  await rejectsWith(engine.containers.apply(SPEC), 'retryable');
  assert.equal((await engine.containers.observe(1))?.state, 'running');
});

test('a call can die between making an object and starting it', async () => {
  const { engine, world } = createScene();
  world.faults.add({ verb: 'containers.apply', error: FAILURE, when: 'halfway' });
  await rejectsWith(engine.containers.apply(SPEC), 'retryable');
  const half = await engine.containers.observe(1);
  assert.equal(half?.state, 'created');
  assert.equal((await engine.containers.apply(SPEC)).ref, half.ref);
});

test('a fault can be about one subject, and be taken away', async () => {
  const { engine, world } = createScene();
  const forget = world.faults.add({ verb: '*', times: Infinity, subject: 2, error: FAILURE });
  await engine.containers.observe(1);
  await rejectsWith(engine.containers.observe(2), 'retryable');
  forget();
  await engine.containers.observe(2);
});

test('a delayed call acts and answers later', async () => {
  const { clock, engine, world } = createScene();
  world.faults.add({ verb: 'containers.apply', delayMs: 100, replyDelayMs: 50 });
  const ended = outcome(engine.containers.apply(SPEC), clock.now);
  await clock.advance(99);
  assert.equal(world.containers.size, 0);
  await clock.advance(1);
  assert.equal(world.containers.size, 1);
  await clock.advance(1000);
  assert.equal(await ended, 'done at 150');
});

test('a late reply reports the earlier state', async () => {
  const { clock, engine, world, tamper } = createScene();
  await engine.containers.apply(SPEC);
  world.faults.add({ verb: 'containers.observe', replyDelayMs: 10 });
  const observed = engine.containers.observe(1);
  tamper.kill(1);
  await clock.advance(10);
  assert.equal((await observed)?.state, 'running');
});

test('a call that hangs ends at the deadline, and can take effect afterwards', async () => {
  const { clock, engine, world } = createScene();
  world.faults.add({ verb: 'containers.apply', delayMs: Infinity });
  const never = outcome(engine.containers.apply(SPEC), clock.now);
  await clock.advance(VERB_DEADLINE_MS);
  assert.equal(await never, `engine_timeout at ${VERB_DEADLINE_MS}`);
  await clock.advance(10 * VERB_DEADLINE_MS);
  assert.equal(world.containers.size, 0);

  const startMs = clock.now().getTime();
  world.faults.add({ verb: 'containers.apply', delayMs: VERB_DEADLINE_MS + 5 });
  const late = outcome(engine.containers.apply(SPEC), clock.now);
  await clock.advance(VERB_DEADLINE_MS + 4);
  assert.equal(await late, `engine_timeout at ${startMs + VERB_DEADLINE_MS}`);
  assert.equal(world.containers.size, 0);
  await clock.advance(1);
  assert.equal(world.containers.size, 1);
});

test('chance comes from the seed', async () => {
  async function row(seed: number): Promise<string> {
    const { engine, world } = createScene(seed);
    world.faults.add({ verb: 'ping', times: Infinity, chance: 0.5, error: FAILURE });
    let text = '';
    for (let call = 0; call < 64; call += 1) {
      text += await engine.ping().then(
        () => '.',
        () => 'x',
      );
    }
    return text;
  }
  assert.equal(await row(3), await row(3));
  assert.notEqual(await row(3), await row(4));
  const failures = (await row(3)).replaceAll('.', '').length;
  assert.ok(failures > 16 && failures < 48, String(failures));
});

test('hints can be lost, doubled and delayed', async () => {
  const { clock, engine, world, tamper } = createScene();
  const seen = collect(engine);
  world.hints.script({ loseChance: 1 });
  const { ref } = await engine.containers.apply(SPEC);
  const change = { kind: 'container', id: 1, ended: { ref, exitCode: 137 } };
  await clock.advance(0);
  assert.deepEqual(seen, []);
  world.hints.script({ loseChance: 0, doubleChance: 1, delayMs: 30 });
  tamper.kill(1);
  await clock.advance(29);
  assert.deepEqual(seen, []);
  await clock.advance(1);
  assert.deepEqual(seen, [change, change]);
});

test('an engine that was killed comes back with everything exited', async () => {
  const { clock, engine, world, tamper } = createScene();
  world.publish('slow:1', { pullMs: 1000 });
  const request = { ref: 'slow:1', tenantId: 1, since: new Date(0), containerId: 2 };
  await engine.images.ensure(request);
  const made = await engine.containers.apply(SPEC);
  await clock.advance(5);
  tamper.engineStop();
  await rejectsWith(engine.containers.observe(1), 'retryable', 'engine_unreachable');
  await rejectsWith(engine.host?.start() ?? Promise.resolve(), 'retryable', 'engine_unreachable');
  tamper.engineStart();
  const found = await engine.containers.observe(1);
  assert.equal(found?.ref, made.ref);
  assert.equal(found.state, 'exited');
  assert.equal(found.exits.last?.code, 137);
  const pull = await engine.images.observe(request);
  assert.equal(pull.state === 'failed' && pull.reason, 'image_pull_error');
});

test('an image that somebody removed from the engine is missing', async () => {
  const { engine, tamper } = createScene();
  tamper.imageRemove(SPEC.image);
  await rejectsWith(engine.containers.apply(SPEC), 'not_found', 'image_missing');
});

test('a tag that moved gives another image, and what runs keeps the old one', async () => {
  const { clock, engine, world } = createScene();
  const request = { ref: 'app:latest', tenantId: 1, containerId: 1 };
  async function pull(): Promise<string> {
    const since = clock.now();
    await engine.images.ensure({ ...request, since });
    await clock.advance(1);
    const state = await engine.images.observe({ ...request, since });
    return state.state === 'present' ? state.imageId : assert.fail(state.state);
  }
  world.publish('app:latest', { imageId: 'sha256:old' });
  assert.equal(await pull(), 'sha256:old');
  await engine.containers.apply({ ...SPEC, imageId: 'sha256:old' });
  world.publish('app:latest', { imageId: 'sha256:new' });
  assert.equal(await pull(), 'sha256:new');
  assert.deepEqual([...world.images.keys()].toSorted(), ['sha256:new', 'sha256:old', 'sha256:web']);
  await engine.images.collect(async () => new Set(['app:latest']));
  assert.deepEqual([...world.images.keys()].toSorted(), ['sha256:new', 'sha256:old']);
});

test('a process behaves by its run, and a paused one ends when it is unpaused', async () => {
  const { clock, engine, world, tamper } = createScene();
  imageHold(
    world,
    SPEC.image,
    {
      imageId: SPEC.imageId,
      process: (_, run) => (run < 3 ? { exitAfterMs: 10, exitCode: run } : { exitAfterMs: 20 }),
    },
    'ours',
  );
  for (const run of [1, 2]) {
    await engine.containers.apply(SPEC);
    await clock.advance(10);
    assert.equal((await engine.containers.observe(1))?.exits.last?.code, run);
  }
  await engine.containers.apply(SPEC);
  tamper.pause(1);
  await clock.advance(100);
  assert.equal((await engine.containers.observe(1))?.state, 'paused');
  assert.equal((await engine.containers.apply(SPEC)).state, 'running');
  await clock.advance(0);
  const found = await engine.containers.observe(1);
  assert.equal(found?.state, 'exited');
  assert.equal(found.exits.last?.code, 0);
});

test('a volume that vanished returns with its data, like a disk that was detached', async () => {
  const { clock, engine, tamper } = createScene();
  const seen = collect(engine);
  const key = { id: 7, uid: 'aaaabbbbccccdddd' };
  await engine.volumes.apply({ ...key, tenantId: 1, name: 'disk', sizeGb: 1 });
  const volumes = [{ volume: key, mountPath: '/data' }];
  await engine.containers.apply({ ...SPEC, volumes });
  tamper.volumeWrite(SPEC.id, '/data', 'kept');
  await clock.advance(0);
  seen.length = 0;
  const gone = tamper.volumeVanish(key.id);
  assert.equal(await engine.volumes.observe(key), null);
  assert.throws(() => tamper.volumeRead(SPEC.id, '/data'), /vanished/);
  tamper.volumeReturn(gone);
  assert.deepEqual((await engine.volumes.observe(key))?.heldBy, [SPEC.id]);
  assert.equal(tamper.volumeRead(SPEC.id, '/data'), 'kept');
  await clock.advance(0);
  assert.deepEqual(seen, [
    { kind: 'volume', id: key.id },
    { kind: 'volume', id: key.id },
  ]);
});

test('volumes fail as scripted, and if there is no room', async () => {
  const { engine, world } = createScene();
  const spec = { id: 7, uid: 'aaaabbbbccccdddd', tenantId: 1, name: 'disk', sizeGb: 10 };
  world.faults.add({ verb: 'volumes.apply', subject: 7, error: FAILURE, when: 'after' });
  await rejectsWith(engine.volumes.apply(spec), 'retryable');
  const { ref } = await engine.volumes.apply(spec);
  world.faults.add({ verb: 'volumes.remove', subject: ref, error: FAILURE });
  await rejectsWith(engine.volumes.remove(ref), 'retryable');
  assert.notEqual(await engine.volumes.observe(spec), null);
  world.volumeMaxGb = 5;
  const large = { ...spec, id: 8, uid: 'bbbbbbbbccccdddd' };
  await rejectsWith(engine.volumes.apply(large), 'permanent', 'unschedulable');
  assert.deepEqual(
    (await engine.volumes.list()).map(({ id }) => id),
    [7],
  );
});
