/** A kubeconfig of the ServiceAccount that operators are told to make: tests run with its rights. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestKubernetes } from './cluster.ts';

const MANIFESTS = ['rbac.yaml', 'policies.yaml'].map((name) =>
  fileURLToPath(new URL(`../../engines/kubernetes/${name}`, import.meta.url)),
);

/** @returns the kubeconfig's path. */
export async function clusterAccountCreate(cluster: TestKubernetes): Promise<string> {
  const { kubectl } = cluster;
  for (const manifest of MANIFESTS) await kubectl('apply', '-f', manifest);
  const token = await kubectl('-n', 'dollarbox', 'create', 'token', 'dollarbox', '--duration=6h');
  const admin = await readFile(cluster.kubeconfig, 'utf8');
  const [, server] = /^\s*server: (\S+)$/m.exec(admin) ?? [];
  const [, authority] = /^\s*certificate-authority-data: (\S+)$/m.exec(admin) ?? [];
  const path = join(cluster.folder, 'dollarbox.kubeconfig');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'tests', cluster: { server, 'certificate-authority-data': authority } }],
    users: [{ name: 'dollarbox', user: { token: token.trim() } }],
    contexts: [{ name: 'tests', context: { cluster: 'tests', user: 'dollarbox' } }],
    'current-context': 'tests',
  };
  await writeFile(path, JSON.stringify(config));
  return path;
}
