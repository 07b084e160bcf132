import { join } from 'node:path';
import { type Engine, EngineError } from '@dollarbox/engines/contract';
import type { DockerStep, EngineLog } from '@dollarbox/engines/docker/options';
import type { Logger } from 'pino';
import type { Config } from './config.ts';
import type { Db } from './db/database.ts';
import type { Clock } from './deps.ts';
import { OperatorError } from './errors.ts';
import { type FailpointName, failpoint } from './failpoints.ts';
import type { Ipv6Prefix } from './installation/ipv6-prefix.ts';
import { pulledImageStoreCreate } from './installation/pulled-images.ts';

interface EngineDeps {
  db: Db;
  clock: Clock;
  log: Logger;
  /** Whom others reach; left out: nobody. */
  ipv6Prefix?: Ipv6Prefix;
}

/**
 * The engine that the configuration names, reached and ready.
 * @throws OperatorError with what to do when it can't be.
 */
export async function engineOpen(
  config: Config,
  installationId: string,
  deps: EngineDeps,
  progress: (text: string) => void,
): Promise<Engine> {
  const engine =
    config.engine === 'fake'
      ? await fakeOpen(installationId)
      : await dockerOpen(config, installationId, deps, progress);
  try {
    await engine.start();
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    throw new OperatorError(error.message, { cause: error });
  }
  return engine;
}

/**
 * The engine for a command, as it is: nothing is installed, started or set up. null where the configuration names one
 * that another process can't see into.
 */
export async function engineReach(
  config: Config,
  installationId: string,
  deps: { db: Db; clock: Clock },
): Promise<Engine | null> {
  if (config.engine === 'fake') return null;
  const { createDockerEngine } = await import('@dollarbox/engines/docker');
  return createDockerEngine({
    ...(config.dockerHost === null ? {} : { host: config.dockerHost }),
    installationId,
    allowedRegistries: config.allowedRegistries,
    volumesDir: volumesFolder(config),
    reservesVolumes: config.volumeSpace === 'reserved',
    pulledImages: pulledImageStoreCreate(deps.db, deps.clock),
    log: QUIET,
    now: () => deps.clock.now(),
  });
}

/** Where volumes have file systems of their own, if the engine can give them any. */
function volumesFolder({ dataDir }: Config): string {
  return join(dataDir, 'volumes');
}

const QUIET: EngineLog = { info() {}, warn() {}, error() {} };

/** For benches and demonstrations: any image can be had, nothing runs, and all is forgotten when the process ends. */
async function fakeOpen(installationId: string): Promise<Engine> {
  const { createFakeEngine } = await import('@dollarbox/engines/fake');
  const { systemFakeClock } = await import('@dollarbox/engines/fake/clock');
  const { createFakeWorld } = await import('@dollarbox/engines/fake/world');
  return createFakeEngine(
    createFakeWorld({ clock: systemFakeClock(), seed: 1, unknownImage: {} }),
    {
      installationId,
    },
  );
}

/** Where an engine's verb is half done, a test may end the process. */
const STEP_FAILPOINTS: Record<DockerStep, FailpointName> = {
  'container-created': 'apply.between',
  'image-loaded': 'pull.loaded',
  'volume-filled': 'volume.filled',
  'volume-placed': 'volume.placed',
  'volume-mounted': 'volume.mounted',
  'volume-released': 'volume.released',
  'volume-unmounted': 'volume.unmounted',
  'volume-trashed': 'volume.trashed',
};

async function dockerOpen(
  config: Config,
  installationId: string,
  deps: EngineDeps,
  progress: (text: string) => void,
): Promise<Engine> {
  // Only the chosen engine's code is loaded.
  const { createDockerEngine } = await import('@dollarbox/engines/docker');
  const { dockerEnsure } = await import('@dollarbox/testbed/docker');
  let found: Awaited<ReturnType<typeof dockerEnsure>>;
  try {
    found = await dockerEnsure({ log: progress, allowInstall: true, host: config.dockerHost });
  } catch (error) {
    throw new OperatorError(error instanceof Error ? error.message : String(error), {
      cause: error,
    });
  }
  return createDockerEngine({
    ...('socketPath' in found ? { socketPath: found.socketPath } : { host: found.host }),
    installationId,
    allowedRegistries: config.allowedRegistries,
    volumesDir: volumesFolder(config),
    reservesVolumes: config.volumeSpace === 'reserved',
    pulledImages: pulledImageStoreCreate(deps.db, deps.clock),
    log: deps.log,
    now: () => deps.clock.now(),
    ...(deps.ipv6Prefix && { closedIpv6: deps.ipv6Prefix.closed }),
    onStep: (step) => failpoint(STEP_FAILPOINTS[step]),
  });
}
