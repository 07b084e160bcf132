/**
 * Nodes of the tests' cluster that run nothing: kwok, built from its Go module, says of each pod there that it runs. Only
 * the API server and what asks it notice no difference, so that more pods are possible than a machine can run.
 */
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { TestKubernetes } from './cluster.ts';

const MODULE = fileURLToPath(new URL('../kwok/', import.meta.url));
const CACHE = fileURLToPath(
  new URL('../../node_modules/.cache/dollarbox-testbed/', import.meta.url),
);
/** With what it needs beside it: a folder that is there is complete. */
const BUILT = join(CACHE, 'kwok-0.8.0');
const PROGRAM = join(BUILT, 'kwok');
/** What kwok does to a node and its pods, and when. It knows nothing of that by itself. */
const STAGES = join(BUILT, 'stages.yaml');
const STAGES_OF_MODULE = [
  'node/fast/node-initialize.yaml',
  'node/heartbeat-with-lease/node-heartbeat-with-lease.yaml',
  'pod/fast/pod-ready.yaml',
  'pod/fast/pod-complete.yaml',
  'pod/fast/pod-delete.yaml',
];
const LABEL = 'dollarbox-test-node';
/** As many as a kubelet takes by default. */
const PODS_PER_NODE = 110;
/** Of their addresses, in a network of pods that the cluster has not. */
const CIDR = 'fd6b:6974:1:8::/64';
const END_SIGNAL = 'SIGTERM';

export interface ClusterNodes {
  /** Of the process that answers for them. */
  pid: number;
  /** Puts no further pods on them. */
  cordon(): Promise<void>;
  close(): Promise<void>;
}

/** For a bench's skip: why there can be no such nodes; false if there can. */
export function clusterNodesSkip(): string | false {
  if (existsSync(BUILT) || spawnSync('which', ['go']).status === 0) return false;
  return 'nodes that run nothing need kwok, and building it needs Go';
}

/** Adds as many nodes as that many pods need. */
export async function clusterNodesAdd(
  cluster: TestKubernetes,
  pods: number,
): Promise<ClusterNodes> {
  await programEnsure();
  const log = openSync(join(cluster.folder, 'log', 'kwok.log'), 'a');
  const child = spawn(
    'setpriv',
    [
      ...['--pdeathsig', 'TERM', '--', PROGRAM, '--kubeconfig', cluster.kubeconfig],
      ...['--config', STAGES, `--manage-nodes-with-label-selector=${LABEL}=true`, '--cidr', CIDR],
      ...['--node-lease-duration-seconds=40', '--v=error'],
    ],
    { stdio: ['ignore', log, log] },
  );
  closeSync(log);
  const count = Math.ceil(pods / PODS_PER_NODE);
  await cluster.manifestApply({
    ...{ apiVersion: 'v1', kind: 'List' },
    items: Array.from({ length: count }, (_, index) => nodeRender(`idle-${index}`)),
  });
  const selector = `--selector=${LABEL}=true`;
  await cluster.kubectl('wait', 'nodes', '--for=condition=Ready', selector, '--timeout=120s');
  return {
    pid: child.pid ?? 0,
    cordon: async () => void (await cluster.kubectl('cordon', selector)),
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
    status: { allocatable: amounts, capacity: amounts },
  };
}

/** Renamed when it is complete, so that a run that was ended leaves no half of it. */
async function programEnsure(): Promise<void> {
  if (existsSync(BUILT)) return;
  process.stderr.write('Building kwok: some minutes, once …\n');
  const temporary = `${BUILT}.${process.pid}`;
  await mkdir(temporary, { recursive: true });
  try {
    const args = ['build', '-trimpath', '-ldflags', '-s -w', '-o', join(temporary, 'kwok')];
    await go([...args, 'sigs.k8s.io/kwok/cmd/kwok']);
    const folder = (await go(['list', '-m', '-f', '{{.Dir}}', 'sigs.k8s.io/kwok'])).trim();
    const stages = STAGES_OF_MODULE.map((name) =>
      readFile(join(folder, 'kustomize/stage', name), 'utf8'),
    );
    const joined = (await Promise.all(stages)).join('\n---\n');
    await writeFile(join(temporary, 'stages.yaml'), joined);
    await rename(temporary, BUILT);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function go(args: readonly string[]): Promise<string> {
  const env = { ...process.env, CGO_ENABLED: '0' };
  return (await promisify(execFile)('go', args, { cwd: MODULE, env })).stdout;
}
