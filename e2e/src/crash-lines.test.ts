import { after, before, describe, it } from 'node:test';
import { type LogRow, logsFollow, unwrap } from '@dollarbox/client';
import { dockerSkip } from '@dollarbox/host/docker';
import { canaryOf } from '@dollarbox/testbed/canary';
import { type CrashScene, crashSceneOpen } from './crash-scene.ts';
import { COUNTER, requireWhole, startsOf } from './numbered-lines.ts';
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
      const body = {
        ...{ name: 'counter', image: scene.images.shell, stop_grace_seconds: 60 },
        command: ['/bin/sh', '-c', COUNTER],
      };
      const { id } = await unwrap(client.POST('/containers/', { body }));
      const params = { path: { id } };
      const followed: LogRow[] = [];
      const following = (async () => {
        for await (const row of logsFollow(client, id, { tail: 1000 })) followed.push(row);
      })();
      following.catch(() => undefined);
      const starts = (count: number) =>
        until(`${count} starts`, async () => {
          const seen = startsOf(followed);
          return seen.length > count || (seen.length === count && (seen.at(-1)?.length ?? 0) > 5);
        });
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
      await unwrap(client.POST('/containers/{id}/stop/', { params }));
      await until('its end', async () => {
        const { status } = await unwrap(client.GET('/containers/{id}/', { params }));
        return status === 'stopped' && startsOf(followed).at(-1)?.at(-1) === 'end';
      });
      requireWhole(followed);
      await unwrap(client.DELETE('/containers/{id}/', { params }));
      await following;
    });
  },
);
