import { after, before, describe, it } from 'node:test';
import { unwrap } from '@dollarbox/client';
import { dockerSkip } from '@dollarbox/host/docker';
import { canaryOf } from '@dollarbox/testbed/canary';
import { type CrashScene, crashSceneOpen } from './crash-scene.ts';
import { counterFollow, requireWhole, startsOf } from './numbered-lines.ts';
import type { ServerProcess } from './server-process.ts';
import assert from 'node:assert/strict';
import { until } from './wait.ts';

/** From the signal to the new object: `keep.after` is when lines are kept and the object is not removed yet. */
const POINTS = [
  'stop.before',
  'stop.after',
  'remove.before',
  'keep.after',
  'remove.after',
  'apply.between',
  'record.before',
] as const;

const skip = await dockerSkip();

describe(
  'the lines of a container whose reconciler is killed while it replaces it',
  { skip },
  () => {
    let scene: CrashScene;
    /** Serves throughout the test. */
    let api: ServerProcess;
    /** Is stopped while another server is killed, then continues. */
    let survivor: ServerProcess;
    before(async () => {
      scene = await crashSceneOpen();
      api = await scene.start({ ROLE: 'api' });
      survivor = await scene.start({ ROLE: 'reconciler' });
    });
    after(() => scene?.close());

    it('are there once each, whichever step it was killed at', async (t) => {
      const client = scene.client(api);
      const counter = await counterFollow(client, scene.images.shell);
      t.after(counter.close);
      const { starts, lines: followed } = counter;
      const params = { path: { id: counter.id } };
      await starts(1);
      for (const point of POINTS) {
        await t.test(point, async () => {
          const before = startsOf(followed).length;
          const victim = await scene.start({ ROLE: 'reconciler', FAILPOINTS: `${point}=kill` });
          survivor.signal('SIGSTOP');
          try {
            const change = { env: { POINT: canaryOf(point) } };
            await unwrap(client.PATCH('/containers/{id}/', { params, body: change }));
            assert.equal(await victim.ended(), null);
          } finally {
            survivor.signal('SIGCONT');
          }
          await starts(before + 1);
          await until('the change', async () => {
            const found = await unwrap(client.GET('/containers/{id}/', { params }));
            return found.status === 'running' && found.observed_generation === found.generation;
          });
          requireWhole(followed);
        });
      }
      await counter.stop();
      requireWhole(followed);
      await counter.delete();
    });
  },
);
