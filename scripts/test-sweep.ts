import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { installationObjectsRemove } from '@dollarbox/testbed/installation-objects';
import {
  testInstallations,
  testRunFolderRemove,
  testRunProcessesEnd,
  testRunsDead,
} from '@dollarbox/testbed/test-run';
import Docker from 'dockerode';
import { firewallTable } from '../engines/src/docker/names.ts';
import { closeReach } from '../engines/src/docker/reach.ts';

const run = promisify(execFile);

/** How long the removal of one rule may take. */
const DEADLINE_MS = 10_000;

type Say = (text: string) => void;

/**
 * Removes what this user's killed runs left on this machine: their processes, engine objects and folders; nothing else.
 * A run whose engine can't be reached just now is left for the next time.
 */
export async function deadRunsSweep(say: Say): Promise<void> {
  for (const id of testRunsDead()) {
    say(`Cleaning up after the killed run ${id}`);
    await testRunProcessesEnd(id);
    if (!(await installationsRemove(id, say))) continue;
    try {
      testRunFolderRemove(id);
    } catch (error) {
      say(`Its folder could not be removed: ${String(error)}`);
    }
  }
}

/** Removes the engine objects of the installations that a run noted, and says how many there were. False: not all could be. */
export async function installationsRemove(runId: string, say: Say): Promise<boolean> {
  try {
    const docker = new Docker();
    let removed = 0;
    for (const installation of testInstallations(runId)) {
      removed += await installationObjectsRemove(docker, installation);
      await run('nft', ['delete', 'table', 'inet', firewallTable(installation)]).catch(() => {});
      await closeReach(installation, AbortSignal.timeout(DEADLINE_MS)).catch(() => {});
    }
    if (removed > 0) say(`Removed ${removed} Docker objects that tests left behind`);
    return true;
  } catch (error) {
    say(`Docker objects of run ${runId} could not be removed: ${String(error)}`);
    return false;
  }
}
