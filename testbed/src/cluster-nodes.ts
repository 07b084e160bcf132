/**
 * Nodes of the tests' cluster that run nothing: kwok, built from its Go module, says of each pod there that it runs. Only
 * the API server and what asks it notice no difference, so that more pods are possible than a machine can run.
 */
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { TestKubernetes } from './cluster.ts';

const MODULE = fileURLToPath(new URL('../kwok/', import.meta.url));
const CACHE = fileURLToPath(
  new URL('../../node_modules/.cache/dollarbox-testbed/', import.meta.url),
);
const PROGRAM = join(CACHE, 'kwok-0.8.0');
const LABEL = 'dollarbox-test-node';
/** As many as a kubelet takes by default. */
const PODS_PER_NODE = 110;
/** Of their addresses, in a network of pods that the cluster has not. */
const CIDR = 'fd6b:6974:1:8::/64';
const END_SIGNAL = 'SIGTERM';

export interface ClusterNodes {
  /** Of the process that answers for them. */
  pid: number;
  close(): Promise<void>;
}

/** For a bench's skip: why there can be no such nodes; false if there can. */
export function clusterNodesSkip(): string | false {
  if (existsSync(PROGRAM) || spawnSync('which', ['go']).status === 0) return false;
  return 'nodes that run nothing need kwok, and building it needs Go';
}

/** Adds as many nodes as that many pods need. */
export async function clusterNodesAdd(
  cluster: TestKubernetes,
  pods: number,
): Promise<ClusterNodes> {
  const program = await programEnsure();
  const child = spawn(
    'setpriv',
    [
      ...['--pdeathsig', 'TERM', '--', program, '--kubeconfig', cluster.kubeconfig],
      ...[`--manage-nodes-with-label-selector=${LABEL}=true`, '--cidr', CIDR],
      ...['--node-lease-duration-seconds=40', '--v=error'],
    ],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
  const count = Math.ceil(pods / PODS_PER_NODE);
  await cluster.manifestApply({
    ...{ apiVersion: 'v1', kind: 'List' },
    items: Array.from({ length: count }, (_, index) => nodeRender(`idle-${index}`)),
  });
  const ready = ['--for=condition=Ready', `--selector=${LABEL}=true`, '--timeout=120s'];
  await cluster.kubectl('wait', 'nodes', ...ready);
  return {
    pid: child.pid ?? 0,
    async close() {
      const ended = once(child, 'exit');
      if (child.exitCode === null && child.kill(END_SIGNAL)) await ended;
    },
  };
}

function nodeRender(name: string): object {
  const amounts = { cpu: '64', memory: '256Gi', pods: String(PODS_PER_NODE) };
  return {
    ...{ apiVersion: 'v1', kind: 'Node' },
    metadata: {
      name,
      labels: { [LABEL]: 'true', 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' },
    },
    status: {
      ...{ allocatable: amounts, capacity: amounts },
      nodeInfo: { architecture: 'amd64', operatingSystem: 'linux' },
    },
  };
}

/** Renamed when it is complete, so that a run that was ended leaves no half of it. */
async function programEnsure(): Promise<string> {
  if (existsSync(PROGRAM)) return PROGRAM;
  process.stderr.write('Building kwok: some minutes, once …\n');
  await mkdir(CACHE, { recursive: true });
  const temporary = `${PROGRAM}.${process.pid}`;
  const args = ['build', '-trimpath', '-ldflags', '-s -w', '-o', temporary];
  await promisify(execFile)('go', [...args, 'sigs.k8s.io/kwok/cmd/kwok'], {
    cwd: MODULE,
    env: { ...process.env, CGO_ENABLED: '0' },
  });
  await rename(temporary, PROGRAM);
  return PROGRAM;
}
