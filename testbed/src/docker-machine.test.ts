import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';
import Docker from 'dockerode';
import { dockerMachineSkip, dockerMachineStart } from './docker-machine.ts';
import { imagesBuild } from './images.ts';

/** Of processes on this machine whose command line names the folder. */
function processesOf(folder: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder);
    } catch {
      return false;
    }
  });
}

test(
  'a killed daemon comes back with its containers, and nothing is left in the end',
  { skip: dockerMachineSkip() },
  async () => {
    const machine = await dockerMachineStart();
    const folder = dirname(machine.socketPath);
    try {
      const docker = new Docker({ socketPath: machine.socketPath });
      const { shell } = await imagesBuild(docker);
      const made = await docker.createContainer({
        Image: shell,
        HostConfig: { NetworkMode: 'none' },
      });
      await made.start();
      assert.ok(processesOf(folder).length > 0);
      await machine.kill();
      await assert.rejects(docker.ping());
      await machine.start();
      const { State } = await made.inspect();
      assert.equal(State.Running, false);
      await made.start();
      assert.equal((await made.inspect()).State.Running, true);
    } finally {
      await machine.close();
    }
    assert.deepEqual(processesOf(folder), []);
    assert.equal(existsSync(folder), false);
    assert.ok(!readFileSync('/proc/self/mounts', 'utf8').includes(folder));
  },
);
