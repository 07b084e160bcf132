import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { after, test } from 'node:test';
import { dockerSkip } from '@dollarbox/host/docker';
import { TEST_RUN_VARIABLE, testRunFolder } from '@dollarbox/testbed/test-run';
import Docker from 'dockerode';
import { LABELS } from '../engines/src/docker/base/names.ts';
import { deadRunsSweep } from './test-sweep.ts';

const docker = new Docker();
const made: string[] = [];
after(async () => {
  for (const name of made) {
    if (await volumeExists(name)) await docker.getVolume(name).remove();
  }
});

async function volumeCreate(installation: string): Promise<string> {
  const name = `dollarbox-sweep-test-${installation}`;
  await docker.createVolume({ Name: name, Labels: { [LABELS.installation]: installation } });
  made.push(name);
  return name;
}

async function volumeExists(name: string): Promise<boolean> {
  return docker
    .getVolume(name)
    .inspect()
    .then(
      () => true,
      () => false,
    );
}

test(
  "a killed run's engine objects are removed, another installation's are not",
  { skip: await dockerSkip() },
  async () => {
    const [noted, foreign] = [randomBytes(6).toString('hex'), randomBytes(6).toString('hex')];
    const script = `
    import { testInstallationNote, testRunBegin } from '@dollarbox/testbed/test-run';
    const run = testRunBegin();
    testInstallationNote(${JSON.stringify(noted)});
    console.log(run.id);
    setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      cwd: import.meta.dirname,
      env: { ...process.env, [TEST_RUN_VARIABLE]: undefined },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const id = String(await once(child.stdout, 'data')).trim();
    const [mine, theirs] = [await volumeCreate(noted), await volumeCreate(foreign)];

    await deadRunsSweep(() => {});
    assert.equal(await volumeExists(mine), true, 'swept under a live run');

    child.kill('SIGKILL');
    await once(child, 'exit');
    const said: string[] = [];
    await deadRunsSweep((text) => said.push(text));
    assert.equal(await volumeExists(mine), false, said.join('\n'));
    assert.equal(await volumeExists(theirs), true);
    assert.equal(existsSync(testRunFolder(id)), false);
  },
);
