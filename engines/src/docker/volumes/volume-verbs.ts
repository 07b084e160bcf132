/** Assembles everything that handles volumes on Docker. */
import { VERB_DEADLINE_MS } from '../../contract.ts';
import type { Engine } from '../../contract.ts';
import type { DockerApi } from '../daemon/api.ts';
import { containerFilesCreate } from '../daemon/container-files.ts';
import { verbRun } from '../daemon/errors.ts';
import { userShiftReader } from '../daemon/user-shift.ts';
import { loopModeCreate } from './loop-mode.ts';
import { loopFaultFind } from './loop-support.ts';
import type { DockerContext, DockerEngineOptions } from '../base/options.ts';
import { volumeAdoptCreate } from './volume-adoption.ts';
import { volumeJobsCreate } from './volume-jobs.ts';
import { volumeMountingCreate } from './volume-mounting.ts';
import type { VolumeMounting } from './volume-mounting.ts';
import { volumeOwnershipCreate } from './volume-owner.ts';
import type { VolumeOwnership } from './volume-owner.ts';
import { volumeStoreCreate } from './volume-store.ts';
import { volumeTransferCreate } from './volume-transfer.ts';
import { volumeUsageCreate } from './volume-usage.ts';
import { dockerVolumesCreate } from './volumes.ts';

/** To measure usage, Docker walks over all of its data. */
const USAGE_DEADLINE_MS = 600_000;
/** Much longer than a trial takes, since the machine may be busy. */
const START_DEADLINE_MS = 30_000;
/** An image may have to be created first. */
const TRANSFER_STEP_DEADLINE_MS = 120_000;

export interface VolumeVerbsParts {
  context: DockerContext;
  api: DockerApi;
  isLocal: boolean;
  /** Where volumes get their own file systems; null: nowhere. */
  volumesDir: string | null;
  /** Whether the space of a new one is allocated at once. */
  isReserved: boolean;
  storageFree(signal: AbortSignal): Promise<number | null>;
  storageReserveBytes: number;
  /** The name of an image that the engine has. */
  anyImage(signal: AbortSignal): Promise<string>;
  /** Deadline of every verb. If omitted, each verb has its own. */
  verbDeadlineMs: number | undefined;
  onStep: NonNullable<DockerEngineOptions['onStep']>;
}

export interface VolumeVerbs {
  verbs: Engine['volumes'];
  mounting: VolumeMounting;
  ownership: VolumeOwnership;
  /** Finds out how volumes can be stored here, and removes what dead processes left half done. Never fails. */
  start(): Promise<void>;
}

export function volumeVerbsCreate(parts: VolumeVerbsParts): VolumeVerbs {
  const { context, api, isLocal, volumesDir, isReserved, onStep } = parts;
  const { installationId, now, log } = context;
  const userShift = userShiftReader(api, now);
  const store = volumeStoreCreate({
    ...{ installationId, api, volumesDir, isReserved, userShift, onStep },
  });
  const mode = loopModeCreate(
    volumesDir,
    (signal) => loopFaultFind(api, volumesDir, isLocal, signal),
    log,
  );
  const jobs = volumeJobsCreate({ installationId, api, now, image: parts.anyImage });
  const files = containerFilesCreate(api);
  const volumes = dockerVolumesCreate({
    ...{ installationId, api, store, jobs },
    adopt: volumeAdoptCreate(installationId, api, store, isLocal),
    loopFolder: (signal) => mode.folder(signal),
    storageFree: parts.storageFree,
    storageReserveBytes: parts.storageReserveBytes,
    isReserved,
  });
  const transfer = volumeTransferCreate({
    ...{ api, store, jobs, files },
    stepDeadlineMs: parts.verbDeadlineMs ?? TRANSFER_STEP_DEADLINE_MS,
  });
  const usedBytes = volumeUsageCreate(api, store, now);
  const verb = <T>(act: (signal: AbortSignal) => Promise<T>) =>
    verbRun(parts.verbDeadlineMs ?? VERB_DEADLINE_MS, act);

  async function tidy(signal: AbortSignal): Promise<void> {
    if ((await mode.folder(signal)) !== null) await store.tidyFolders(now(), signal);
  }

  return {
    mounting: volumeMountingCreate(installationId, api, store, userShift),
    ownership: volumeOwnershipCreate(api, files),
    async start() {
      const act = async (signal: AbortSignal) => {
        await mode.decide(signal);
        if ((await mode.folder(signal)) !== null) await store.tidy(now(), signal);
      };
      try {
        await verbRun(START_DEADLINE_MS, act);
      } catch (error) {
        // If this remains undecided, it is decided with the first volume.
        log.warn({ err: error }, 'the folder for volumes could not be looked through');
      }
    },
    verbs: {
      storage: () => verb((signal) => volumes.storage(signal)),
      apply: (spec) => verb((signal) => volumes.apply(spec, signal)),
      observe: (key) => verb((signal) => volumes.observe(key, signal)),
      remove: (ref) => verb((signal) => volumes.remove(ref, signal)),
      list: () => verb((signal) => volumes.list(signal)),
      tidy: () => verb(tidy),
      usedBytes: (ref) =>
        verbRun(parts.verbDeadlineMs ?? USAGE_DEADLINE_MS, (signal) => usedBytes(ref, signal)),
      exportTar: (ref) => transfer.exportTar(ref),
      importTar: (ref, tar) => transfer.importTar(ref, tar),
    },
  };
}
