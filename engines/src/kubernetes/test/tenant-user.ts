/** Someone with all rights in one org's namespace, as a credential of an org would have: only policies are in the way. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isKubeStatus, kubeApiCreate } from '../api/client.ts';
import type { KubeApi } from '../api/client.ts';
import { systemNamespace } from '../base/names.ts';
import type { KubernetesSetup } from './suite.ts';

export interface TenantUser {
  api: KubeApi;
  /** Asks whether an object may be created, without creating it. @returns null: yes; else why not. */
  refusal(path: string, body: object): Promise<string | null>;
  close(): void;
}

export async function tenantUserCreate({
  cluster,
  installationId,
  namespace,
}: KubernetesSetup): Promise<TenantUser> {
  const user = `system:serviceaccount:${systemNamespace(installationId)}:ada`;
  const name = 'tenant-user';
  await cluster.manifestApply({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name, namespace },
    rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }],
  });
  await cluster.manifestApply({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name, namespace },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
    subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: user }],
  });
  const admin = await readFile(cluster.kubeconfig, 'utf8');
  const path = join(cluster.folder, `${name}.kubeconfig`);
  await writeFile(path, admin.replace(/^( *)client-certificate-data:/m, `$1as: ${user}\n$&`));
  const api = kubeApiCreate(path);
  return {
    api,
    close: () => api.close(),
    async refusal(folder, body) {
      try {
        await api.call({ method: 'POST', path: folder, query: { dryRun: 'All' }, body });
        return null;
      } catch (error) {
        assert.ok(error instanceof Error);
        const isRefused = isKubeStatus(error, 403) || isKubeStatus(error, 422);
        assert.ok(isRefused, error.message);
        return error.message;
      }
    },
  };
}
