/** A Docker daemon beside the machine's own, in separate namespaces: one that a test may kill. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type DaemonPlace, daemonStart } from '@dollarbox/host/docker-daemon';

const run = promisify(execFile);
const POLL_MS = 20;

/** File systems in mounted image files: a separate view of them would keep them in use as long as it exists. */
const DISKS_LET_GO =
  'cat /proc/mounts | while read -r device path rest; do case $device in /dev/loop*) umount "$path";; esac; done';

/**
 * Unmounts what is mounted below a folder. As it ends, Docker 20.10 unmounts its data folder, which it had mounted on itself.
 * What it mounts there afterwards, for a container that it was just starting, is hidden when the next daemon mounts the folder
 * again. That one can neither see it nor remove the container ("device or resource busy").
 */
const LEFTOVERS_LET_GO =
  'cut -d" " -f2 /proc/mounts | sort -r | while read -r path; do case $path in "$1"/*) umount -l "$path";; esac; done';

/** Its networks can't be reached from here: its containers can be observed only through the daemon. */
export interface DockerMachine {
  socketPath: string;
  /** The prefix of a command that runs in the daemon's namespaces and sees its mounts. */
  launcher: readonly string[];
  /** `kill -9` of the daemon. Returns when it is gone; what it left behind stays. */
  kill(): Promise<void>;
  /**
   * A stop of the daemon, as by its service: it ends the containers first. Returns when it is gone. File systems that it
   * left mounted are unmounted, as by a restart of the machine.
   */
  stop(): Promise<void>;
  /** Starts the daemon again with the data that was left. */
  start(): Promise<void>;
  /** Ends all of its processes and removes its disk. */
  close(): Promise<void>;
}

/** For node:test's `skip` option: false if a daemon can be started, else why not. */
export function dockerMachineSkip(): string | false {
  return process.getuid?.() === 0 && existsSync('/usr/sbin/dockerd')
    ? false
    : 'a Docker daemon of its own needs root and an installed one';
}

/**
 * An account and its range in `/etc/subuid` and `/etc/subgid`, which only the machine sees. Every Linux has the account;
 * Docker does not shift users for root's.
 */
const REMAPPED_ACCOUNT = 'daemon';
const REMAPPED_IDS = `${REMAPPED_ACCOUNT}:200000:65536\n`;
const ID_FILES = ['/etc/subuid', '/etc/subgid'] as const;

/** For node:test's `skip` option: false if such a daemon can run containers in a user namespace, else why not. */
export function remappedMachineSkip(): string | false {
  return ID_FILES.every((path) => existsSync(path))
    ? dockerMachineSkip()
    : `${ID_FILES.join(' and ')} do not exist`;
}

/**
 * Starts one. It ends with this process, however that ends.
 * @param options.remapsUsers whether containers run in a user namespace (`userns-remap`).
 */
export async function dockerMachineStart({ remapsUsers = false } = {}): Promise<DockerMachine> {
  const folder = mkdtempSync(join(tmpdir(), 'docker-machine-'));
  const at = (file: string): string => join(folder, file);
  // The first process of a process namespace: when it ends, everything in the namespace ends.
  const init = `mount -t tmpfs none /run/containerd; ${DISKS_LET_GO}; while :; do sleep 0.1; done`;
  const holder = spawn(
    'setpriv',
    [
      ...['--pdeathsig', 'KILL', '--', 'unshare', '--net', '--pid', '--mount', '--mount-proc'],
      ...['--fork', '--kill-child', '--', 'sh', '-c', init],
    ],
    { stdio: 'ignore' },
  );
  const firstPid = await childOf(holder.pid ?? 0);
  const enter = ['nsenter', '--target', String(firstPid), '--net', '--pid', '--mount', '--'];
  const remapping = remapsUsers ? { 'userns-remap': REMAPPED_ACCOUNT } : {};
  writeFileSync(at('daemon.json'), JSON.stringify({ ip6tables: false, ...remapping }));
  const place: DaemonPlace = {
    launcher: enter,
    socketPath: at('sock'),
    pidPath: at('pid'),
    configPath: at('daemon.json'),
    logPath: at('log'),
    flags: [
      ...['--host', `unix://${at('sock')}`, '--pidfile', at('pid')],
      ...['--data-root', at('data'), '--exec-root', at('exec')],
      ...['--config-file', at('daemon.json'), '--bridge=none', '--iptables=false'],
    ],
  };

  const inside = (...command: string[]) => run(enter[0] ?? '', [...enter.slice(1), ...command]);
  async function daemonEnd(signal: 'KILL' | 'TERM'): Promise<void> {
    const pid = readFileSync(place.pidPath, 'utf8').trim();
    await inside('kill', `-${signal}`, pid);
    const isThere = () =>
      inside('kill', '-0', pid).then(
        () => true,
        () => false,
      );
    while (await isThere()) await delay(POLL_MS);
  }

  const machine: DockerMachine = {
    socketPath: place.socketPath,
    launcher: enter,
    kill: () => daemonEnd('KILL'),
    async stop() {
      await daemonEnd('TERM');
      await inside('sh', '-c', LEFTOVERS_LET_GO, 'sh', at('data'));
    },
    start: () => daemonStart(place, false),
    async close() {
      holder.kill('SIGKILL');
      if (holder.exitCode === null && holder.signalCode === null) await once(holder, 'exit');
      while (existsSync(`/proc/${firstPid}`)) await delay(POLL_MS);
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    },
  };
  try {
    if (remapsUsers) {
      // The containers' root has to pass through it.
      chmodSync(folder, 0o711);
      writeFileSync(at('ids'), REMAPPED_IDS);
      for (const path of ID_FILES) await inside('mount', '--bind', at('ids'), path);
    }
    await machine.start();
  } catch (error) {
    await machine.close();
    throw error;
  }
  return machine;
}

/** The only child of a process, once there is one. */
async function childOf(pid: number): Promise<number> {
  for (;;) {
    const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ');
    // setpriv and unshare replace themselves in one process; its child runs the command.
    if (child !== undefined && child !== '') {
      const name = readFileSync(`/proc/${child}/comm`, 'utf8').trim();
      if (name === 'sh') return Number(child);
    }
    await delay(POLL_MS);
  }
}
