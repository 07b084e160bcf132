/** A real single-node Kubernetes for tests: see testbed/cluster/README.md. */
import { spawn, execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { aptEnsure, aptSkip } from '@dollarbox/host/apt';
import { folderRemove } from '@dollarbox/host/folder-remove';
import { processLockWait } from '@dollarbox/host/process-lock';
import { clusterPrograms, clusterProgramsSkip } from './cluster-programs.ts';

/** How pods see this machine: a server that listens there can be called by them. */
export const CLUSTER_HOST = 'fd6b:6974:1:1::1';
const LOCK_PATH = join(tmpdirShared(), 'dollarbox-test-cluster.lock');
const BUSY_POLL_MS = 1000;
const GIVEN_VARIABLE = 'TEST_KUBECONFIG';

export interface TestKubernetes {
  /** Path of an administrator's kubeconfig. */
  kubeconfig: string;
  /** Path of the program that is the cluster: `kube kubectl …`, `kube image …`. */
  kube: string;
  /** Where the cluster's files are. Those in `log/` tell what its components did, and their pids. */
  folder: string;
  /** Runs kubectl. @returns its stdout. @throws with its stderr if it fails. */
  kubectl(...args: string[]): Promise<string>;
  /** As `kubectl apply` of one object. */
  manifestApply(manifest: object): Promise<void>;
  /**
   * Lets the node pull from a registry under that name.
   * @param host as in image references: `127.0.0.1:5000`.
   * @param url where the node finds it: plain HTTP, on {@link CLUSTER_HOST}.
   */
  registryAllow(host: string, url: string): Promise<void>;
  /** Ends the cluster and removes its data, unless it was given. */
  close(): Promise<void>;
}

/** The machine's end of the link to the cluster. */
const LINK = '/sys/class/net/minikit0';
const LINK_GONE_MS = 60_000;

/** The runner gives each test file a temporary folder of its own; a lock must be in the one of all. */
function tmpdirShared(): string {
  return process.env['DOLLARBOX_TEST_RUNS'] ?? tmpdir();
}

/** For node:test's `skip`: why no cluster can run here; false if one can. */
export function clusterSkip(): string | false {
  if (process.env[GIVEN_VARIABLE] !== undefined) return false;
  if (process.getuid?.() !== 0) return 'a Kubernetes cluster of its own needs root';
  if (!existsSync('/sys/fs/cgroup/memory/cgroup.procs')) {
    return 'the Kubernetes of the tests needs cgroup v1';
  }
  if (!existsSync('/usr/sbin/nft') && aptSkip() !== false) {
    return 'the Kubernetes of the tests needs nftables, and here is no apt-get to install it';
  }
  return clusterProgramsSkip();
}

/** Starts a cluster, empty, that ends with this process. Waits while another one runs on this machine. */
export async function clusterStart(): Promise<TestKubernetes> {
  const given = process.env[GIVEN_VARIABLE];
  const kube = await clusterPrograms();
  const lock = await processLockWait(LOCK_PATH, ({ pid }) =>
    process.stderr.write(`Waiting for the cluster of process ${pid} to end …\n`),
  );
  if (given !== undefined) {
    return clusterHandle(kube, dirname(given), async () => lock.release());
  }
  const folder = mkdtempSync(join(tmpdir(), 'dollarbox-cluster-'));
  try {
    await aptEnsure(['nftables']);
    const end = await clusterUpWait(kube, folder);
    return clusterHandle(kube, folder, async () => {
      await end();
      folderRemove(folder);
      lock.release();
    });
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    lock.release();
    throw error;
  }
}

/** As `clusterUp`. Waits while a cluster that no test started runs on this machine. */
async function clusterUpWait(kube: string, folder: string): Promise<() => Promise<void>> {
  for (let isSaid = false; ; isSaid = true) {
    try {
      return await clusterUp(kube, folder);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.includes('another cluster runs')) throw error;
      if (!isSaid) process.stderr.write('Waiting for another cluster on this machine to end …\n');
      await delay(BUSY_POLL_MS);
    }
  }
}

/** @returns what ends it. */
async function clusterUp(kube: string, folder: string): Promise<() => Promise<void>> {
  const child = spawn(
    'setpriv',
    ['--pdeathsig', 'TERM', '--', kube, 'up', '--data', folder],
    // A program may not find nft otherwise.
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` },
    },
  );
  const exited = once(child, 'exit');
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('KUBECONFIG=')) resolve();
    });
    child.once('error', reject);
    void exited.then(() => reject(new Error(`the cluster did not start: ${said.trim()}`)));
  });
  return async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await exited;
    // The kernel removes the link, with its routes, a moment after the last process of the cluster has ended.
    const endMs = performance.now() + LINK_GONE_MS;
    while (existsSync(LINK) && performance.now() < endMs) await delay(BUSY_POLL_MS);
  };
}

function clusterHandle(kube: string, folder: string, close: () => Promise<void>): TestKubernetes {
  const kubeconfig = join(folder, 'admin.kubeconfig');
  return {
    kubeconfig,
    kube,
    folder,
    close,
    async kubectl(...args) {
      const { stdout } = await promisify(execFile)(kube, ['kubectl', ...args], {
        env: { ...process.env, KUBECONFIG: kubeconfig },
        maxBuffer: 64 * 1024 * 1024,
      });
      return stdout;
    },
    async manifestApply(manifest) {
      const child = spawn(kube, ['kubectl', 'apply', '-f', '-'], {
        env: { ...process.env, KUBECONFIG: kubeconfig },
        stdio: ['pipe', 'ignore', 'inherit'],
      });
      child.stdin.end(JSON.stringify(manifest));
      const [code] = await once(child, 'exit');
      if (code !== 0) throw new Error(`kubectl apply ended with ${code}`);
    },
    async registryAllow(host, url) {
      const place = join(folder, 'certs.d', host);
      await mkdir(place, { recursive: true });
      const capabilities = 'capabilities = ["pull", "resolve"]';
      await writeFile(
        join(place, 'hosts.toml'),
        `server = "${url}"\n[host."${url}"]\n  ${capabilities}\n`,
      );
    },
  };
}
