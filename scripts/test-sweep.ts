import { rmSync } from 'node:fs';
import { LABELS } from '../engines/src/docker/names.ts';
import {
  testInstallations,
  testRunFolder,
  testRunProcessesEnd,
  testRunsDead,
} from '@dollarbox/testbed/test-run';
import Docker from 'dockerode';

/** Removes what runs that were killed left on this machine: their processes, engine objects and folders; nothing else. */
export async function deadRunsSweep(say: (text: string) => void): Promise<void> {
  for (const id of testRunsDead()) {
    say(`Cleaning up after the killed run ${id}`);
    await testRunProcessesEnd(id);
    await installationsRemove(id);
    rmSync(testRunFolder(id), { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Removes the Docker objects of the installations that a run noted. Without an engine there is nothing to remove. */
export async function installationsRemove(runId: string): Promise<void> {
  const installations = testInstallations(runId);
  if (installations.length === 0) return;
  const docker = new Docker();
  for (const installation of installations) {
    const filters = { label: [`${LABELS.installation}=${installation}`] };
    for (const { Id } of await docker.listContainers({ all: true, filters })) {
      await docker.getContainer(Id).remove({ force: true, v: true });
    }
    for (const { Id } of await docker.listNetworks({ filters }))
      await docker.getNetwork(Id).remove();
    const { Volumes } = await docker.listVolumes({ filters: JSON.stringify(filters) as never });
    for (const { Name } of Volumes) await docker.getVolume(Name).remove();
  }
}
