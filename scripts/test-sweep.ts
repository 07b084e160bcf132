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
import { dockerBridge } from './host-network-check.ts';
import { hostTables } from '../engines/src/docker/base/names.ts';
import { reachClose } from '../engines/src/docker/network/reach.ts';

const run = promisify(execFile);

/** How long the removal of one rule may take. */
const DEADLINE_MS = 60_000;

type Say = (text: string) => void;

/**
 * Removes what this user's killed runs left on this machine: their processes, engine objects and folders; nothing else.
 * A run whose engine can't be reached at the moment is left for the next time.
 */
export async function deadRunsSweep(say: Say): Promise<void> {
  for (const id of testRunsDead()) {
    say(`Cleaning up after the killed run ${id}`);
    await testRunProcessesEnd(id);
    if ((await installationsRemove(id, say)) === null) continue;
    try {
      testRunFolderRemove(id);
    } catch (error) {
      say(`Its folder could not be removed: ${String(error)}`);
    }
  }
}

/**
 * Removes the engine objects and firewall tables of the installations that a run recorded, and reports how many objects
 * there were.
 * @returns the interfaces of networks that Docker keeps although nothing is on them; null if anything else could not be
 *   removed.
 */
export async function installationsRemove(runId: string, say: Say): Promise<string[] | null> {
  const docker = new Docker();
  const stuck: string[] = [];
  let removed = 0;
  let isClean = true;
  for (const installation of testInstallations(runId)) {
    try {
      const { count, stuckNetworks } = await installationObjectsRemove(docker, installation);
      removed += count;
      for (const id of stuckNetworks) stuck.push(await bridgeOf(docker, id));
    } catch (error) {
      say(`Docker objects of installation ${installation} could not be removed: ${String(error)}`);
      isClean = false;
    }
    for (const table of hostTables(installation)) {
      await run('nft', ['delete', 'table', 'inet', table]).catch(() => {});
    }
    await reachClose(installation, AbortSignal.timeout(DEADLINE_MS)).catch(() => {});
  }
  if (removed > 0) say(`Removed ${removed} Docker objects that tests left behind`);
  for (const bridge of stuck) {
    say(
      `Docker counts endpoints on ${bridge}, which has none. Restart Docker to remove its network.`,
    );
  }
  return isClean ? stuck : null;
}

async function bridgeOf(docker: Docker, networkId: string): Promise<string> {
  const network = (await docker.getNetwork(networkId).inspect()) as Docker.NetworkInspectInfo;
  return dockerBridge(network);
}
