import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  type DockerMachine,
  dockerMachineSkip,
  dockerMachineStart,
} from '@dollarbox/testbed/docker-machine';
import { imagesBuild } from '@dollarbox/testbed/images';
import Docker from 'dockerode';
import type { ContainerObservation, VolumeObservation } from '../../contract.ts';
import { containerDockerName } from '../base/names.ts';
import { installationIdCreate, testTenantCreate, waitFor } from '../test/setup.ts';
import {
  loopVolumesSkip,
  volumesFolderCreate,
  volumeSpecCreate,
  volumesFolderRemove,
  workInProcess,
} from '../test/volumes.ts';

const skip = dockerMachineSkip() || (await loopVolumesSkip());

let machine: DockerMachine;
let docker: Docker;
let volumesDir = '';
before(async () => {
  if (skip !== false) return;
  machine = await dockerMachineStart();
  docker = new Docker({ socketPath: machine.socketPath });
  volumesDir = await volumesFolderCreate();
});
after(async () => {
  if (skip !== false) return;
  await machine.close();
  await volumesFolderRemove(volumesDir);
});

test('volumes and their contents survive a daemon that is killed', { skip }, async () => {
  const { shell } = await imagesBuild(docker);
  const installationId = installationIdCreate();
  const tenant = testTenantCreate(1);
  const disk = volumeSpecCreate(1);
  const spec = {
    ...{ id: 2, tenantId: 1, name: 'box', image: shell, env: {}, ports: [] },
    imageId: (await docker.getImage(shell).inspect()).Id,
    command: ['sh', '-c', 'echo run >> /data/runs; sync; cat /data/runs; sleep 3600'],
    ipv6Address: tenant.ipv6Subnet.replace(/::\/64$/, '::102'),
    volumes: [{ volume: { id: disk.id, uid: disk.uid }, mountPath: '/data' }],
    init: false,
  };
  const options = { installationId, volumesDir, socketPath: machine.socketPath };
  const { launcher } = machine;
  const work = (...calls: [string, ...unknown[]][]) =>
    workInProcess({ options, launcher, calls }) as Promise<unknown>;
  const runs = async () => {
    const container = docker.getContainer(containerDockerName(installationId, spec.id));
    return (await container.logs({ stdout: true })).toString().match(/run\n/g)?.length ?? 0;
  };

  // A process that does not see the mounts of the daemon's machine creates none.
  const outside = await workInProcess({ options, calls: [['volumes.apply', volumeSpecCreate(3)]] });
  assert.equal((outside as VolumeObservation).storageClass, 'docker-local');

  const made = (await work(['volumes.apply', disk])) as VolumeObservation;
  assert.equal(made.storageClass, 'docker-loop');
  await work(['tenants.ensure', tenant], ['containers.apply', spec]);
  await waitFor('a run', async () => (await runs()) === 1);

  await machine.kill();
  await machine.start();
  const observed = await work(['volumes.observe', disk]);
  assert.deepEqual(observed, { ...made, heldBy: [spec.id] });
  const again = (await work(
    ['tenants.ensure', tenant],
    ['containers.apply', spec],
  )) as ContainerObservation;
  assert.equal(again.state, 'running');
  // What it wrote before, plus one line, after the one line of the first run.
  await waitFor('another run', async () => (await runs()) === 3);

  await work(['containers.end', again.ref, 0], ['volumes.remove', made.ref]);
  assert.equal(await work(['volumes.observe', disk]), null);
});
