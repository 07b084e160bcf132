import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import {
  type DockerMachine,
  dockerMachineSkip,
  dockerMachineStart,
} from '@dollarbox/testbed/docker-machine';
import { imagesBuild } from '@dollarbox/testbed/images';
import Docker from 'dockerode';
import { EngineError } from '../../contract.ts';
import { startErrorSentence } from './start-error.ts';
import { startFailure } from './start.ts';

const run = promisify(execFile);
const skip = dockerMachineSkip();

let machine: DockerMachine;
before(async () => {
  if (skip === false) machine = await dockerMachineStart();
});
after(async () => {
  if (skip === false) await machine.close();
});

test('a machine without docker-init is reported with what to install', { skip }, async () => {
  const docker = new Docker({ socketPath: machine.socketPath });
  const { shell } = await imagesBuild(docker);
  const hide =
    'file=$(readlink -f "$(command -v docker-init)") && mount --bind /dev/null "$file" || true';
  await run(machine.launcher[0] ?? '', [...machine.launcher.slice(1), 'sh', '-c', hide]);
  const container = await docker.createContainer({
    Image: shell,
    HostConfig: { Init: true, NetworkMode: 'none' },
  });
  const failure = await container.start().then(
    () => assert.fail('it started'),
    (error: unknown) => startFailure(error, { volumes: [] }),
  );
  assert.ok(failure instanceof EngineError, String(failure));
  assert.equal(failure.reason, 'start_error');
  assert.match(failure.message, /no docker-init.*`init: true`.*install it/);
  const { State } = await container.inspect();
  assert.equal(startErrorSentence(State.Error), failure.message);
});
