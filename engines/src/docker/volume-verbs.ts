/** All that has to do with volumes on Docker, put together. */
import { VERB_DEADLINE_MS } from '../contract.ts';
import type { Engine } from '../contract.ts';
import type { DockerApi } from './api.ts';
import { createContainerFiles } from './container-files.ts';
import { runVerb } from './errors.ts';
import { createLoopMode } from './loop-mode.ts';
import { findLoopFault } from './loop-support.ts';
import type { DockerContext, DockerEngineOptions } from './options.ts';
import { createVolumeJobs } from './volume-jobs.ts';
import { createVolumeMounting } from './volume-mounting.ts';
import type { VolumeMounting } from './volume-mounting.ts';
import { createVolumeOwnership } from './volume-owner.ts';
import type { VolumeOwnership } from './volume-owner.ts';
import { createVolumeStore } from './volume-store.ts';
import { createVolumeTransfer } from './volume-transfer.ts';
import { createVolumeUsage } from './volume-usage.ts';
import { createVolumes } from './volumes.ts';

/** Where Docker measures, it walks over all that it has. */
const USAGE_DEADLINE_MS = 600_000;
/** Much longer than a trial takes: the machine may be busy. */
const START_DEADLINE_MS = 30_000;
/** An image may have to be made first. */
const TRANSFER_STEP_DEADLINE_MS = 120_000;

export interface VolumeVerbsParts {
  context: DockerContext;
  api: DockerApi;
  isLocal: boolean;
  /** Where volumes get file systems of their own; null: nowhere. */
  volumesDir: string | null;
  /** Whether a new one's room is taken at once. */
  isReserved: boolean;
  storageFree(signal: AbortSignal): Promise<number | null>;
  storageReserveBytes: number;
  /** The name of an image that the engine holds. */
  anyImage(signal: AbortSignal): Promise<string>;
  /** Of every verb; left out: each its own. */
  verbDeadlineMs: number | undefined;
  onStep: NonNullable<DockerEngineOptions['onStep']>;
}

export interface VolumeVerbs {
  verbs: Engine['volumes'];
  mounting: VolumeMounting;
  ownership: VolumeOwnership;
  /** Finds out how volumes can be kept here, and removes what dead processes left half done. Never fails. */
  start(): Promise<void>;
}

export function createVolumeVerbs(parts: VolumeVerbsParts): VolumeVerbs {
  const { context, api, isLocal, volumesDir, isReserved, onStep } = parts;
  const { installationId, now, log } = context;
  const store = createVolumeStore({ installationId, api, volumesDir, isReserved, onStep });
  const mode = createLoopMode(
    volumesDir,
    (signal) => findLoopFault(api, volumesDir, isLocal, signal),
    log,
  );
  const jobs = createVolumeJobs({ installationId, api, now, image: parts.anyImage });
  const files = createContainerFiles(api);
  const volumes = createVolumes({
    ...{ installationId, api, store, jobs },
    loopFolder: (signal) => mode.folder(signal),
    storageFree: parts.storageFree,
    storageReserveBytes: parts.storageReserveBytes,
    isReserved,
  });
  const transfer = createVolumeTransfer({
    ...{ api, store, jobs, files },
    stepDeadlineMs: parts.verbDeadlineMs ?? TRANSFER_STEP_DEADLINE_MS,
  });
  const usedBytes = createVolumeUsage(api, store, now);
  const verb = <T>(act: (signal: AbortSignal) => Promise<T>) =>
    runVerb(parts.verbDeadlineMs ?? VERB_DEADLINE_MS, act);

  return {
    mounting: createVolumeMounting(installationId, api, store),
    ownership: createVolumeOwnership(api, files),
    async start() {
      const act = async (signal: AbortSignal) => {
        await mode.decide(signal);
        if ((await mode.folder(signal)) !== null) await store.tidy(now(), signal);
      };
      try {
        await runVerb(START_DEADLINE_MS, act);
      } catch (error) {
        // What is undecided is decided with the first volume.
        log.warn({ err: error }, 'the folder for volumes could not be looked through');
      }
    },
    verbs: {
      apply: (spec) => verb((signal) => volumes.apply(spec, signal)),
      observe: (key) => verb((signal) => volumes.observe(key, signal)),
      remove: (ref) => verb((signal) => volumes.remove(ref, signal)),
      list: () => verb((signal) => volumes.list(signal)),
      usedBytes: (ref) =>
        runVerb(parts.verbDeadlineMs ?? USAGE_DEADLINE_MS, (signal) => usedBytes(ref, signal)),
      exportTar: (ref) => transfer.exportTar(ref),
      importTar: (ref, tar) => transfer.importTar(ref, tar),
    },
  };
}
