import { engineSuite } from '../suite.ts';
import type { SuiteSetup } from '../suite/setup.ts';
import { virtualClock } from './clock.ts';
import { createFakeEngine } from './engine.ts';
import type { FakeImage, ProcessScript } from './image.ts';
import { fakeRead } from './read.ts';
import { createTamper } from './tamper.ts';
import { createFakeWorld } from './world.ts';

const PULL_MS = 300;

/** As a real engine has it: a command that is no program can't be started. */
function startable(script: ProcessScript): NonNullable<FakeImage['process']> {
  return ({ command: [program] }) =>
    program?.startsWith('/no/') === true
      ? { startError: `${program}: no such file or directory` }
      : script;
}

async function setup(): Promise<SuiteSetup> {
  const clock = virtualClock();
  const world = createFakeWorld({ clock, seed: 1 });
  const installationId = 'ours';
  const engine = createFakeEngine(world, { installationId });
  const tamper = createTamper(world, installationId);
  const web: FakeImage = {
    imageId: 'sha256:web',
    exposedPorts: [8080],
    pullMs: PULL_MS,
    process: startable({}),
  };
  world.publish('web:1', web);
  world.publish('web:latest', web);
  world.publish(`web@sha256:${'1'.repeat(64)}`, web);
  const output = ['oops', 'one', 'two', 'three'];
  world.publish('exit1:1', { process: { exitAfterMs: 20, exitCode: 1, output }, pullMs: PULL_MS });
  world.publish('shell:1', { process: { stopMs: 5, stopExitCode: 7, output: ['ready'] } });
  world.publish('stubborn:1', { process: { ignoresStop: true, output: ['ready'] } });
  for (const name of ['numbered', 'named', 'seeded']) world.publish(`${name}:1`, {});
  world.publish('hog:1', { process: { exitAfterMs: 100, outOfMemory: true } });
  world.publish('denied:1', {
    failure: {
      reason: 'image_pull_denied',
      message: 'The registry refused this image (HTTP 403).',
    },
  });
  world.publish('broken:1', {
    pullMs: PULL_MS,
    failure: { reason: 'image_pull_error', message: 'The registry failed (HTTP 500).' },
  });
  const taken = { ipv4Subnet: '10.9.0.0/26', ipv6Subnet: 'fd00:9::/64' };
  tamper.networkAdd(taken.ipv4Subnet, taken.ipv6Subnet);
  let slowImages = 0;
  let versions = 0;
  return {
    engine,
    images: {
      web: 'web:1',
      webDigest: `web@sha256:${'1'.repeat(64)}`,
      webLatest: 'web:latest',
      exit1: 'exit1:1',
      shell: 'shell:1',
      stubborn: 'stubborn:1',
      numbered: 'numbered:1',
      named: 'named:1',
      seeded: 'seeded:1',
      hog: 'hog:1',
      missing: 'missing:1',
      denied: 'denied:1',
      broken: 'broken:1',
    },
    tamper: {
      kill: async (id) => tamper.kill(id),
      pause: async (id) => tamper.pause(id),
      disconnect: async (id) => tamper.disconnect(id),
      remove: async (id) => tamper.remove(id),
      async volumeVanish({ id }) {
        tamper.volumeVanish(id);
        return true;
      },
      makeHalf: async (spec) => void world.containerAdd(installationId, spec),
    },
    tenants: [
      { id: 1, ipv4Subnet: '10.1.0.0/26', ipv6Subnet: 'fd00:1::/64' },
      { id: 2, ipv4Subnet: '10.1.0.64/26', ipv6Subnet: 'fd00:2::/64' },
    ],
    takenSubnets: taken,
    worker: async () => createFakeEngine(world, { installationId }),
    stranger: async () => createFakeEngine(world, { installationId: 'theirs' }),
    read: async (address, port, path) => fakeRead(world, address, port, path),
    volumeWrite: async (id, mountPath, text) => tamper.volumeWrite(id, mountPath, text),
    volumeRead: async (id, mountPath) => tamper.volumeRead(id, mountPath),
    async republish(ref) {
      world.publish(ref, { ...web, imageId: `sha256:web-${(versions += 1)}` });
    },
    slowImage() {
      const ref = `slow-${(slowImages += 1)}:1`;
      let release = () => {};
      const released = new Promise<void>((resolve) => (release = resolve));
      world.publish(ref, { ...web, pullHold: released });
      return { ref, release };
    },
    now: () => clock.now(),
    tick: () => clock.advance(10),
    close: async () => {},
  };
}

engineSuite('fake', setup, { runsCommands: false });
