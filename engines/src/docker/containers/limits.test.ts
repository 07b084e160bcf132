import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import { dockerSkip } from '@dollarbox/host/docker';
import { imagesBuild } from '@dollarbox/testbed/images';
import type { TestImages } from '@dollarbox/testbed/images';
import { DOLLARBOX_LIMITS } from '../../contract.ts';
import type { ContainerObservation, Engine } from '../../contract.ts';
import { hostMtuRead } from '../network/host-mtu.ts';
import { tarFileOf, tarWrite } from '../images/tar.ts';
import {
  docker,
  httpGet,
  testEngineCreate,
  installationIdCreate,
  testTenantCreate,
  testInstallationRemove,
  insideRun,
  specOf,
  waitFor,
} from '../test/setup.ts';

/** CHOWN, DAC_OVERRIDE, FOWNER, KILL, SETGID, SETUID, NET_BIND_SERVICE: bits of linux/capability.h. */
const CAPABILITY_BITS = [0, 1, 3, 5, 6, 7, 10];
const NOBODY = '65534:65534';

describe("a container's limits on Docker, from inside", { skip: await dockerSkip() }, () => {
  const installationId = installationIdCreate();
  const tenant = testTenantCreate(1);
  const probed = `dollarbox-test-${installationId}:1`;
  let engine: Engine;
  let images: TestImages;
  let shell: ContainerObservation;

  before(async () => {
    images = await imagesBuild(docker);
    engine = testEngineCreate({ installationId });
    await engine.host?.start();
    await engine.tenants.ensure(tenant);
    shell = await engine.containers.apply(await specOf(images.shell, tenant, 1));
  });
  after(async () => {
    await engine.close();
    await testInstallationRemove(installationId);
    await docker
      .getImage(probed)
      .remove()
      .catch(() => undefined);
  });

  const inside = (command: string) => insideRun(shell.ref, command);
  /** The first of these files that exists: names differ between cgroup versions. */
  const limit = async (...paths: string[]) =>
    (
      await inside(`cat ${paths.map((path) => `/sys/fs/cgroup/${path}`).join(' ')} 2>/dev/null`)
    ).trim();

  async function exited(id: number): Promise<ContainerObservation> {
    return waitFor('the exit', async () => {
      const found = await engine.containers.observe(id);
      return found?.state === 'exited' && found;
    });
  }

  test('the shared memory is more than 64 MB, and counts as memory', async () => {
    const fill = 'dd if=/dev/zero of=/dev/shm/full bs=1M count=200 2>/dev/null && echo full';
    assert.equal(await inside(`${fill}; rm /dev/shm/full`), 'full\n');
    const { HostConfig } = await docker.getContainer(shell.ref).inspect();
    assert.ok((HostConfig.ShmSize ?? 0) < (HostConfig.Memory ?? 0));
  });

  test("the network's MTU is the host's", async () => {
    assert.equal(Number(await inside('cat /sys/class/net/eth0/mtu')), await hostMtuRead());
  });

  test('only the listed capabilities, none to be gained, system calls filtered', async () => {
    const status = await inside('cat /proc/1/status');
    const listed = CAPABILITY_BITS.reduce((sum, bit) => sum + 2 ** bit, 0);
    for (const set of ['CapPrm', 'CapEff', 'CapBnd']) {
      const hex = new RegExp(`${set}:\\s+([0-9a-f]+)`).exec(status)?.[1] ?? '';
      assert.equal(Number.parseInt(hex, 16), listed, set);
    }
    assert.match(status, /CapAmb:\s+0+\n/);
    assert.match(status, /NoNewPrivs:\s+1/);
    assert.match(status, /Seccomp:\s+2/);
  });

  test('actions that the capabilities allow work, and others do not', async () => {
    const { Id } = await docker.getContainer(shell.ref).inspect();
    assert.equal(Id, shell.ref);
    assert.equal(await inside('touch /tmp/a && ls -l /tmp/a >/dev/null && echo yes'), 'yes\n');
    assert.equal(await inside('mount -t tmpfs none /tmp && echo yes'), '');
    assert.equal(await inside('hostname other && echo yes'), '');
    assert.equal(await inside('ip link set lo down && echo yes'), '');
    assert.equal(await inside('ls /var/run/docker.sock /run/docker.sock /dev/mem /dev/kmsg'), '');
  });

  test('memory without swap, a share of CPU', async () => {
    const memoryBytes = String(DOLLARBOX_LIMITS.memoryMib * 1024 * 1024);
    assert.equal(await limit('memory/memory.limit_in_bytes', 'memory.max'), memoryBytes);
    const swap = await limit('memory/memory.memsw.limit_in_bytes', 'memory.swap.max');
    // Version 1 counts both together; version 2 counts swap alone. A kernel may have no swap accounting at all.
    assert.ok([memoryBytes, '0', ''].includes(swap), swap);
    const shares = await limit('cpu/cpu.shares', 'cpu.weight');
    assert.ok([String(DOLLARBOX_LIMITS.cpuShares), '39', '100'].includes(shares), shares);
  });

  test('no more processes than allowed', async () => {
    const { pids } = DOLLARBOX_LIMITS;
    const start = (count: number) =>
      `i=0; while [ $i -lt ${count} ]; do sleep 60 & i=$((i+1)); done; echo all`;
    // A shell exits if it can't fork, so the forking is done in subshells.
    const command = ['sh', '-c', `(${start(pids - 10)}); (${start(20)}); echo done; wait`];
    const spec = await specOf(images.shell, tenant, 2, { command });
    const { ref } = await engine.containers.apply(spec);
    // Docker reads the two outputs separately: a line on one can arrive after a later line on the other.
    const said = await waitFor('the end', async () => {
      const text = await engine.access.logs(ref, { tailLines: 10, maxBytes: 1000 });
      return text.includes('done') && text.includes("can't fork") && text;
    });
    assert.equal(said.match(/^all$/gm)?.length, 1, said);
    await engine.containers.end(ref, 0);
  });

  test('an image like nginx runs as it is', async () => {
    const spec = await specOf(images.nginx, tenant, 3);
    const { ref } = await engine.containers.apply(spec);
    const page = await waitFor('a page', () =>
      httpGet(spec.ipv6Address, 80, '/').catch(() => null),
    );
    assert.match(page, /nginx/);
    await engine.containers.end(ref, 0);
  });

  test("an image's entrypoint is replaced, and its check does not run", async () => {
    const dockerfile = [
      `FROM ${images.shell}`,
      'ENTRYPOINT ["/bin/echo", "the entrypoint"]',
      'CMD ["and the command"]',
      'HEALTHCHECK --interval=1s CMD touch /checked',
    ].join('\n');
    const context = tarWrite([tarFileOf('Dockerfile', Buffer.from(dockerfile))]);
    const building = await docker.buildImage(Readable.from(context), { t: probed });
    await new Promise((resolve) => docker.modem.followProgress(building, resolve));

    const command = ['sh', '-c', 'echo "$@"; cat', 'sh', 'mine'];
    const own = await engine.containers.apply(await specOf(probed, tenant, 4));
    const replaced = await engine.containers.apply(await specOf(probed, tenant, 5, { command }));
    await exited(4);
    await exited(5);
    // Docker may have the last lines a moment after the exit.
    const logs = (ref: string) =>
      waitFor('its lines', async () => {
        const text = await engine.access.logs(ref, { tailLines: 10, maxBytes: 1000 });
        return text !== '' && text;
      });
    assert.equal(await logs(own.ref), 'the entrypoint and the command\n');
    assert.equal(await logs(replaced.ref), 'mine\n');

    const { Config, HostConfig } = await docker.getContainer(own.ref).inspect();
    assert.deepEqual(Config.Healthcheck?.Test, ['NONE']);
    assert.deepEqual(HostConfig.LogConfig, {
      Type: 'json-file',
      Config: { 'max-file': '2', 'max-size': '10m' },
    });
    await engine.containers.end(own.ref, 0);
    await engine.containers.end(replaced.ref, 0);
  });

  test('an unprivileged user of an image has no capabilities', async () => {
    const exec = await docker.getContainer(shell.ref).exec({
      Cmd: ['sh', '-c', 'cat /proc/self/status > /tmp/status'],
      User: NOBODY,
    });
    (await exec.start({})).resume();
    const status = await waitFor('a status', async () => (await inside('cat /tmp/status')) || null);
    assert.match(status, /CapEff:\s+0+\n/);
  });

  test('a child that was killed for its memory is reported if the process then fails', async () => {
    const hog = 'dd if=/dev/zero of=/dev/null bs=2000M';
    const fails = ['sh', '-c', `${hog}; exit 3`];
    const lives = ['sh', '-c', `${hog}; echo alive; sleep 60`];
    await engine.containers.apply(await specOf(images.shell, tenant, 6, { command: fails }));
    const failed = (await exited(6)).exits.last;
    assert.deepEqual([failed?.code, failed?.isOutOfMemory], [3, true]);
    const { ref } = await engine.containers.apply(
      await specOf(images.shell, tenant, 7, { command: lives }),
    );
    await waitFor('alive', async () => {
      const { state, exits } = (await engine.containers.observe(7)) ?? assert.fail('it is gone');
      assert.equal(state, 'running', `it ended with ${exits.last?.code}`);
      return (await engine.access.logs(ref, { tailLines: 10, maxBytes: 1000 })).includes('alive');
    });
    const running = (await engine.containers.observe(7)) ?? assert.fail();
    assert.deepEqual([running.state, running.exits.last], ['running', null]);
    await engine.containers.end(ref, 0);
  });

  test('a new run is not out of memory because the one before was', async () => {
    const command = [
      'sh',
      '-c',
      '[ -e /again ] && exit 4; touch /again; exec dd if=/dev/zero of=/dev/null bs=2000M',
    ];
    const spec = await specOf(images.shell, tenant, 8, { command });
    await engine.containers.apply(spec);
    assert.equal((await exited(8)).exits.last?.isOutOfMemory, true);
    await engine.containers.apply(spec);
    const again = await waitFor('exit code 4', async () => {
      const found = await engine.containers.observe(8);
      return found?.exits.last?.code === 4 && found;
    });
    assert.equal(again.exits.last?.isOutOfMemory, false);
  });
});
