/**
 * The engine on a daemon that runs containers in a user namespace (`userns-remap`): those of its tests that depend on the
 * users of files and processes. They run in processes beside a private daemon.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { after, before, describe, test } from 'node:test';
import { TEST_DOCKER_UNAVAILABLE_VARIABLE } from '@dollarbox/host/docker';
import { dockerMachineStart, remappedMachineSkip } from '@dollarbox/testbed/docker-machine';
import type { DockerMachine } from '@dollarbox/testbed/docker-machine';
import { imagesBuild } from '@dollarbox/testbed/images';
import Docker from 'dockerode';
import { loopVolumesSkip } from './test/volumes.ts';

const SAID_MAX = 20_000;

interface Part {
  name: string;
  file: string;
  /** Of tests, as for Node's `--test-name-pattern`. */
  tests: readonly string[];
  /** Why this machine can't run it; false if it can. */
  skip?: string | false;
}

const PARTS: readonly Part[] = [
  {
    name: 'volumes have file systems of their own',
    file: './volumes/loop-volumes.test.ts',
    skip: await loopVolumesSkip(),
    tests: [
      'it reports that its size is enforced',
      'when it is full, only its own process gets an error',
      'while it is not mounted nothing starts on an empty folder',
      'a volume that was made for a daemon with other users',
    ],
  },
  {
    name: "a container's root has its few rights",
    file: './containers/limits.test.ts',
    tests: [
      'the shared memory is more than 64 MB',
      'only the listed capabilities',
      'actions that the capabilities allow work',
      'an image like nginx runs as it is',
      'an unprivileged user of an image has no capabilities',
    ],
  },
  {
    name: 'containers run, and images that are not root write to volumes, whose archives keep owners',
    file: './engine.test.ts',
    tests: [
      'owners of volumes',
      'an archive keeps owners',
      'apply creates and starts, and reports the result',
      'logs are the last lines of both streams',
      'usage is what runs now',
      "init passes the image's stop signal on",
      'containers of a tenant reach each other by name',
    ],
  },
];

/** Of ids that a user namespace does not have. */
const SKIPPED = 'an archive keeps ids above 65,535';

describe('a daemon with user namespaces', { skip: remappedMachineSkip() }, () => {
  let machine: DockerMachine;
  let docker: Docker;
  before(async () => {
    machine = await dockerMachineStart({ remapsUsers: true });
    docker = new Docker({ socketPath: machine.socketPath });
    // The registry of the suite listens on it.
    await inside('ip', 'link', 'set', 'lo', 'up');
  });
  after(() => machine.close());

  /** Runs a program beside the daemon. @returns its output. @throws if it fails. */
  async function inside(...words: string[]): Promise<string> {
    const [program = '', ...args] = [...machine.launcher, ...words];
    const env: NodeJS.ProcessEnv = {
      ...process.env,
      DOCKER_HOST: `unix://${machine.socketPath}`,
      [TEST_DOCKER_UNAVAILABLE_VARIABLE]: '',
    };
    // If it were set, the tests would report in the format of this process.
    delete env['NODE_TEST_CONTEXT'];
    const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said = (said + text).slice(-SAID_MAX);
      });
    }
    const [code] = await once(child, 'close');
    assert.equal(code, 0, said);
    return said;
  }

  async function testsPass({ file, tests }: Part): Promise<void> {
    const path = fileURLToPath(new URL(file, import.meta.url));
    const chosen = tests.map((name) => `--test-name-pattern=${name}`);
    const flags = ['--test-reporter=tap', ...chosen, `--test-skip-pattern=${SKIPPED}`];
    const said = await inside(process.execPath, ...flags, path);
    const count = (word: string) => Number(new RegExp(`^# ${word} (\\d+)$`, 'm').exec(said)?.[1]);
    assert.ok(count('pass') >= tests.length, said);
    assert.equal(count('skipped'), 0, said);
  }

  test('root of a container is an unprivileged user of the machine', async () => {
    const { shell } = await imagesBuild(docker);
    const container = await docker.createContainer({
      Image: shell,
      HostConfig: { NetworkMode: 'none' },
    });
    await container.start();
    const { State } = await container.inspect();
    assert.match(await inside('cat', `/proc/${State.Pid}/uid_map`), /^\s*0\s+200000\s+65536\s*$/);
    assert.match(await inside('cat', `/proc/${State.Pid}/status`), /^Uid:\s+200000\s/m);
    await container.remove({ force: true });
  });

  for (const part of PARTS) test(part.name, { skip: part.skip ?? false }, () => testsPass(part));
});
