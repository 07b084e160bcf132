import { join } from 'node:path';
import { type Engine, EngineError } from '@dollarbox/engines/contract';
import type { DockerStep, EngineLog } from '@dollarbox/engines/docker/options';
import type { Logger } from 'pino';
import type { Config } from '../base/config.ts';
import type { Db } from '../db/database.ts';
import type { SecretBox } from '../base/secrets.ts';
import { type Clock, systemRandom } from '../base/system.ts';
import { OperatorError } from '../base/errors.ts';
import { type FailpointName, failpoint } from '../base/failpoints.ts';
import type { Ipv6Prefix } from '../installation/ipv6-prefix.ts';
import { imageRightStoreCreate } from '../installation/image-rights.ts';
import { localImagesPolicy } from '../installation/local-images.ts';
import { pulledImageStoreCreate } from '../installation/pulled-images.ts';
import { registryCredentialSource } from '../registries/credentials.ts';
import { orgLimitSource } from '../orgs/limit-source.ts';
import { orgSubnetStoreCreate, subnetStartIndex } from '../orgs/subnet-store.ts';

interface EngineDeps {
  db: Db;
  clock: Clock;
  /** Opens the orgs' credentials for registries; omitted: nothing is pulled. */
  secrets?: SecretBox;
  log: Logger;
  /** Which containers other machines can reach over IPv6; omitted: none. */
  ipv6Prefix?: Ipv6Prefix;
}

/**
 * Opens the engine that the configuration names and waits until it is ready.
 * @throws OperatorError that says what to do if the engine is not available.
 */
export async function engineOpen(
  config: Config,
  installationId: string,
  deps: EngineDeps,
  progress: (text: string) => void,
): Promise<Engine> {
  const engine = await ENGINES[config.engine](config, installationId, deps, progress);
  try {
    await engine.host?.start();
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    throw new OperatorError(error.message, { cause: error });
  }
  return engine;
}

/**
 * Opens the engine for a command, as it is: nothing is installed, started or set up. Returns null if the configuration
 * names an engine whose state other processes can't see.
 */
export async function engineReach(
  config: Config,
  installationId: string,
  deps: { db: Db; clock: Clock },
): Promise<Engine | null> {
  if (config.engine === 'fake') return null;
  if (config.engine === 'kubernetes') {
    return kubernetesOpen(config, installationId, { ...deps, log: QUIET });
  }
  const { dockerEngineCreate } = await import('@dollarbox/engines/docker');
  return dockerEngineCreate({
    ...(config.dockerHost === null ? {} : { host: config.dockerHost }),
    installationId,
    allowedRegistries: config.allowedRegistries,
    isLocalImageAllowed: localImagesPolicy(deps.db, config.allowedLocalImages),
    proxyEnvironment: config.proxyEnvironment,
    volumesDir: volumesFolder(config),
    reservesVolumes: config.volumeSpace === 'reserved',
    pulledImages: pulledImageStoreCreate(deps.db, deps.clock),
    imageRights: imageRightStoreCreate(deps.db, deps.clock),
    layersDir: join(config.dataDir, 'layers'),
    subnets: orgSubnetStoreCreate(deps.db, subnetStartIndex(installationId)),
    log: QUIET,
    now: () => deps.clock.now(),
  });
}

/** Where volumes have their own file systems, if the engine supports it. */
function volumesFolder({ dataDir }: Config): string {
  return join(dataDir, 'volumes');
}

const QUIET: EngineLog = { info() {}, warn() {}, error() {} };

/**
 * For benchmarks and demonstrations: every image exists, nothing runs, and everything is lost when the process ends. A
 * container writes the arguments of the command `echo` when it starts, a line each; `sleep` ignores its stop signal, as it
 * does as PID 1.
 */
async function fakeOpen(_config: Config, installationId: string): Promise<Engine> {
  const { fakeEngineCreate } = await import('@dollarbox/engines/fake');
  const { systemFakeClock } = await import('@dollarbox/engines/fake/clock');
  const { fakeWorldCreate } = await import('@dollarbox/engines/fake/world');
  const world = fakeWorldCreate({
    clock: systemFakeClock(),
    seed: 1,
    // What a former process had is gone, and must not be taken for what this one has.
    name: systemRandom.uuid(),
    tokenCreate: () => systemRandom.base62(40),
    unknownImage: {
      process: ({ command: [program, ...output] }) =>
        program === 'echo' ? { output } : { ignoresStop: program === 'sleep' },
    },
  });
  return fakeEngineCreate(world, { installationId });
}

async function kubernetesOpen(
  config: Config,
  installationId: string,
  deps: Pick<EngineDeps, 'db' | 'clock' | 'secrets'> & { log: EngineLog },
): Promise<Engine> {
  // Load only the chosen engine's code.
  const { kubernetesEngineCreate } = await import('@dollarbox/engines/kubernetes');
  try {
    return kubernetesEngineCreate({
      kubeconfig: config.kubeconfig,
      installationId,
      allowedRegistries: config.allowedRegistries,
      proxyEnvironment: config.proxyEnvironment,
      ...(config.kubernetesPublicUrl !== null && { publicUrl: config.kubernetesPublicUrl }),
      ...(config.storageClass !== null && { storageClass: config.storageClass }),
      ...(config.probeImage !== null && { probeImage: config.probeImage }),
      tenantLimits: orgLimitSource(deps.db),
      ...(deps.secrets && { registryCredential: registryCredentialSource(deps.db, deps.secrets) }),
      log: deps.log,
      now: () => deps.clock.now(),
      random: () => systemRandom.fraction(),
    });
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new OperatorError(
      `There is no Kubernetes cluster to use: ${said} Set KUBECONFIG to the path of a kubeconfig.`,
      { cause: error },
    );
  }
}

/** A test may end the process halfway through a verb of the engine. */
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
  // Load only the chosen engine's code.
  const { dockerEngineCreate } = await import('@dollarbox/engines/docker');
  const { dockerEnsure } = await import('@dollarbox/host/docker');
  let found: Awaited<ReturnType<typeof dockerEnsure>>;
  try {
    found = await dockerEnsure({ log: progress, allowInstall: true, host: config.dockerHost });
  } catch (error) {
    throw new OperatorError(error instanceof Error ? error.message : String(error), {
      cause: error,
    });
  }
  if ('socketPath' in found) {
    const { kernelLimitsAdvice, kernelLimitsLow } = await import('@dollarbox/host/kernel-limits');
    const advice = kernelLimitsAdvice(kernelLimitsLow());
    if (advice !== null) progress(advice);
  }
  return dockerEngineCreate({
    ...('socketPath' in found ? { socketPath: found.socketPath } : { host: found.host }),
    installationId,
    allowedRegistries: config.allowedRegistries,
    isLocalImageAllowed: localImagesPolicy(deps.db, config.allowedLocalImages),
    proxyEnvironment: config.proxyEnvironment,
    volumesDir: volumesFolder(config),
    reservesVolumes: config.volumeSpace === 'reserved',
    pulledImages: pulledImageStoreCreate(deps.db, deps.clock),
    imageRights: imageRightStoreCreate(deps.db, deps.clock),
    ...(deps.secrets && { registryCredential: registryCredentialSource(deps.db, deps.secrets) }),
    layersDir: join(config.dataDir, 'layers'),
    subnets: orgSubnetStoreCreate(deps.db, subnetStartIndex(installationId)),
    log: deps.log,
    now: () => deps.clock.now(),
    ...(deps.ipv6Prefix && { closedIpv6: deps.ipv6Prefix.closed }),
    onStep: (step) => failpoint(STEP_FAILPOINTS[step]),
  });
}

const ENGINES: Record<
  Config['engine'],
  (
    config: Config,
    installationId: string,
    deps: EngineDeps,
    progress: (text: string) => void,
  ) => Promise<Engine>
> = { docker: dockerOpen, kubernetes: kubernetesOpen, fake: fakeOpen };
