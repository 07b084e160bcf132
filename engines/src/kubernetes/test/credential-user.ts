/** Someone with an issued kubeconfig, and nothing else. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { CredentialKey } from '../../credentials.ts';
import { kubeApiCreate } from '../api/client.ts';
import type { KubeApi } from '../api/client.ts';
import { tenantNamespace } from '../base/names.ts';
import type { KubernetesEngine } from '../engine.ts';
import type { KubernetesSetup } from './suite.ts';

export interface CredentialUser {
  key: CredentialKey;
  namespace: string;
  api: KubeApi;
  /** Runs the real kubectl. @throws with what it said. */
  kubectl(...args: string[]): Promise<string>;
  close(): void;
}

export async function credentialUserCreate(
  { cluster, installationId }: Pick<KubernetesSetup, 'cluster' | 'installationId'>,
  engine: KubernetesEngine,
  tenantId: number,
): Promise<CredentialUser> {
  const account = `kubectl-${randomBytes(12).toString('hex')}`;
  const key = { account, tenantId };
  const issued = await engine.credentials.issue({
    ...{ ...key, context: `org-${tenantId}`, lifetimeSeconds: null },
  });
  const path = join(cluster.folder, `${account}.kubeconfig`);
  await writeFile(path, issued.kubeconfig);
  const api = kubeApiCreate(path);
  return {
    key,
    namespace: tenantNamespace(installationId, tenantId),
    api,
    async kubectl(...args) {
      const { stdout } = await promisify(execFile)(cluster.kube, ['kubectl', ...args], {
        env: { ...process.env, KUBECONFIG: path, HOME: cluster.folder },
      });
      return stdout;
    },
    close: () => api.close(),
  };
}
