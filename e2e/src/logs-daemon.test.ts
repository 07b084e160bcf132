import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type DollarboxClient, type Event, eventsFollow, listAll, unwrap } from '@dollarbox/client';
import { canaryOf } from '@dollarbox/testbed/canary';
import {
  type DockerMachine,
  dockerMachineSkip,
  dockerMachineStart,
} from '@dollarbox/testbed/docker-machine';
import { type CrashScene, crashSceneOpen } from './crash-scene.ts';
import { counterFollow, requireWhole, startsOf } from './numbered-lines.ts';
import { metricRead } from './observe.ts';
import type { ServerProcess } from './server-process.ts';
import { until } from './wait.ts';

describe(
  'who follows a container, on a Docker daemon and a server that are restarted',
  { skip: dockerMachineSkip() },
  () => {
    let machine: DockerMachine;
    let scene: CrashScene;
    let server: ServerProcess;
    before(async () => {
      machine = await dockerMachineStart();
      scene = await crashSceneOpen();
      server = await scene.start({ DOCKER_HOST: `unix://${machine.socketPath}` });
    });
    after(async () => {
      await scene?.close();
      await machine?.close();
    });

    /**
     * Each start of the server probes isolation. A daemon that ends while it removes the networks of that may not be able
     * to start again (moby/moby#45057).
     */
    const probeEnded = () =>
      until(
        'the probe to end',
        async () => (await metricRead(server, 'dollarbox_isolation')) === 1,
      );

    it('has every line and every event once', async (t) => {
      const client = scene.client(server);
      const events = await eventsCollect(client);
      t.after(events.close);
      const counter = await counterFollow(client, scene.images.shell);
      t.after(counter.close);
      const { starts, lines, id } = counter;
      const params = { path: { id } };

      async function daemonRestart(): Promise<void> {
        await probeEnded();
        const seen = startsOf(lines).length;
        await machine.stop();
        await machine.start();
        await starts(seen + 1);
      }

      async function update(env: Record<string, string>): Promise<void> {
        const { generation } = await unwrap(
          client.PATCH('/containers/{id}/', { params, body: { env } }),
        );
        await until(`generation ${generation}`, async () => {
          const found = await unwrap(client.GET('/containers/{id}/', { params }));
          return found.observed_generation === generation;
        });
      }

      await starts(1);
      await update({ VERSION: canaryOf('2') });
      await starts(2);
      await daemonRestart();
      // Each start writes 300 lines and ends.
      await update({ LINES: '300' });
      await starts(startsOf(lines).length + 3);
      await server.stop('SIGTERM');
      await server.restart();
      await daemonRestart();
      await server.stop('SIGKILL');
      await server.restart();
      await update({ VERSION: canaryOf('3') });
      await daemonRestart();
      await counter.stop();
      requireWhole(lines);
      await counter.delete();

      await until('the last event', async () =>
        events.seen.some(({ type, object }) => type === 'container.deleted' && object['id'] === id),
      );
      const seen = events.seen.map((event) => event.id);
      const all = (await Array.fromAsync(listAll(client, '/events/'))).map((event) => event.id);
      const from = all.indexOf(seen[0] ?? '');
      assert.notEqual(from, -1);
      assert.deepEqual(seen, all.slice(from, from + seen.length));
      assert.ok(events.seen.some(({ type }) => type === 'container.created'));
    });
  },
);

/** Follows the events of the client's org from now on. */
async function eventsCollect(
  client: DollarboxClient,
): Promise<{ seen: readonly Event[]; close(): void }> {
  const seen: Event[] = [];
  const giveUp = new AbortController();
  const opened = Promise.withResolvers<void>();
  const options = { signal: giveUp.signal, onConnect: opened.resolve };
  const following = (async () => {
    for await (const event of eventsFollow(client, options)) seen.push(event);
  })();
  following.catch(opened.reject);
  await opened.promise;
  return { seen, close: () => giveUp.abort() };
}
