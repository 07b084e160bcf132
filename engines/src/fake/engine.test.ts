import type { ContainerSpec, Engine } from '../contract.ts';
import { engineSuite } from '../suite/suite.ts';
import type { SuiteSetup } from '../suite/setup.ts';
import { virtualClock } from './clock.ts';
import { fakeEngineCreate } from './engine.ts';
import type { FakeImage, ProcessScript } from './image.ts';
import { fakeRead } from './read.ts';
import { tamperCreate } from './tamper.ts';
import type { VolumeBinding } from './volume.ts';
import { fakeWorldCreate } from './world.ts';

const PULL_MS = 300;

/** As on a real engine, a command that is not a program can't be started. */
function startable(script: ProcessScript): NonNullable<FakeImage['process']> {
  return ({ command: [program] }) =>
    program?.startsWith('/no/') === true
      ? { startError: `${program}: no such file or directory` }
      : script;
}

async function setup(
  options: {
    volumeBinding?: VolumeBinding;
    restarts?: Engine['restarts'];
    addressing?: Engine['addressing'];
  } = {},
): Promise<SuiteSetup> {
  const clock = virtualClock();
  const { volumeBinding, restarts, addressing } = options;
  const world = fakeWorldCreate({
    clock,
    seed: 1,
    ...(restarts && { restarts }),
    ...(addressing && { addressing }),
  });
  if (volumeBinding !== undefined) world.volumeBinding = volumeBinding;
  const installationId = 'ours';
  const engine = fakeEngineCreate(world, { installationId });
  const tamper = tamperCreate(world, installationId);
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
  world.publish('keeper:1', { volumePaths: ['/data', '/data/inner'] });
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
      keeper: 'keeper:1',
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
      makeOld: async (spec) => tamper.makeOld(spec),
      ...(restarts !== 'engine' && {
        makeHalf: async (spec: ContainerSpec) => void world.containerAdd(installationId, spec),
      }),
    },
    tenants: [{ id: 1 }, { id: 2 }],
    addressIn: (tenant, id) => `fd00:${tenant.id}::${(0x100 + id).toString(16)}`,
    worker: async () => fakeEngineCreate(world, { installationId }),
    stranger: async () => fakeEngineCreate(world, { installationId: 'theirs' }),
    read: async (address, port, path) => fakeRead(world, address, port, path),
    volumeWrite: async (id, mountPath, text) => tamper.volumeWrite(id, mountPath, text),
    volumeRead: async (id, mountPath) => tamper.volumeRead(id, mountPath),
    linesWrite: async (id, lines) => tamper.linesWrite(id, lines),
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
engineSuite('fake, assigning addresses,', () => setup({ addressing: 'assigned' }), {
  runsCommands: false,
});
engineSuite('fake, restarting by itself,', () => setup({ restarts: 'engine' }), {
  runsCommands: false,
});
for (const volumeBinding of [
  { mode: 'immediate', takesMs: 700 },
  { mode: 'first-consumer' },
] as const) {
  engineSuite(`fake, ${volumeBinding.mode} binding of volumes`, () => setup({ volumeBinding }), {
    runsCommands: false,
    volumesOnly: true,
  });
}
