/** Attacks with system calls that no ordinary server makes. */
import assert from 'node:assert/strict';
import type { AttackHost } from './attack-host.ts';
import type { Attack } from './attack.ts';
import { attackerStart, perl } from './tools.ts';
import { waitFor } from '../docker/test/setup.ts';

const EPERM = 1;
const EAFNOSUPPORT = 97;

/** @returns the error number that a call fails with; 0 if it succeeds. */
async function errorOf(host: AttackHost, ref: string, call: string): Promise<number> {
  return Number(await perl(host, ref, `print(${call} < 0 ? $! + 0 : 0);`));
}

/** The number of `socket` depends on the architecture; that of `io_uring_setup` is the same on all. */
const SOCKET = process.arch === 'x64' ? 41 : 198;
const AF_VSOCK = 40;
const AF_ALG = 38;

export const SYSTEM_CALL_ATTACKS: readonly Attack[] = [
  {
    name: 'a socket of AF_VSOCK, AF_ALG or another rare family',
    before: 'Docker 20.10 allows all families, and AF_VSOCK reaches the hypervisor',
    async run(host) {
      const { ref } = await attackerStart(host);
      const high = 2 ** 32;
      for (const family of [AF_VSOCK, AF_ALG, high + AF_VSOCK]) {
        const call = `syscall(${SOCKET}, ${family}, 1, 0)`;
        const code = await errorOf(host, ref, call);
        assert.ok(code === EPERM || code === EAFNOSUPPORT, `family ${family}: ${code}`);
        if (code !== EPERM) throw new Error(`family ${family} is not filtered`);
      }
      assert.equal(await errorOf(host, ref, `syscall(${SOCKET}, 10, 1, 0)`), 0);
      await host.engine('containers.end', ref, 0);
      return 'EPERM from a seccomp profile of our own, also with bits above the 32 that the kernel reads';
    },
  },
  {
    name: 'io_uring, userfaultfd, keyctl, bpf, a new user namespace',
    before: 'Docker 20.10 allows io_uring, a frequent way into the kernel',
    async run(host) {
      const { ref } = await attackerStart(host);
      const x64 = process.arch === 'x64';
      const calls = {
        io_uring_setup: 'syscall(425, 1, 0)',
        userfaultfd: `syscall(${x64 ? 323 : 282}, 0)`,
        keyctl: `syscall(${x64 ? 250 : 219}, 0, 0, 0, 0, 0)`,
        bpf: `syscall(${x64 ? 321 : 280}, 0, 0, 0)`,
        unshare: `syscall(${x64 ? 272 : 97}, ${0x10000000})`,
      };
      for (const [name, call] of Object.entries(calls)) {
        assert.equal(await errorOf(host, ref, call), EPERM, name);
      }
      await host.engine('containers.end', ref, 0);
      return 'EPERM, each of them';
    },
  },
  {
    name: 'what must go on: nginx as root serves under these rules',
    before: 'it served',
    async run(host) {
      const spec = await host.spec(host.images.nginx);
      const { ref } = await host.apply(spec);
      const url = `http://[${spec.ipv6Address}]/`;
      const words = ['-e', `fetch('${url}').then((r) => r.text()).then((t) => console.log(t))`];
      const said = await waitFor('nginx', () =>
        host.onHost(process.execPath, ...words).catch(() => null),
      );
      assert.match(said, /Welcome to nginx/);
      await host.engine('containers.end', ref, 0);
      return 'it serves';
    },
  },
];
