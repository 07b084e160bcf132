/** Removes from a tenant's namespace the Secrets by which nodes sign in to registries: kubectl would read them. */
import type { KubeApi } from '../api/client.ts';
import { unlessMissing } from '../api/client.ts';
import type { KubeList, KubeObject } from '../api/objects.ts';
import {
  containerObjectName,
  LABELS,
  ownSelector,
  pullSecretName,
  tenantNamespace,
} from '../base/names.ts';

/** Secrets are never listed or read: each is found by the object of its container, and a container has one for life. */
export async function registrySecretsRemove(
  installationId: string,
  api: KubeApi,
  tenantId: number,
  signal: AbortSignal,
): Promise<void> {
  const namespace = tenantNamespace(installationId, tenantId);
  const core = `/api/v1/namespaces/${namespace}`;
  const query = { labelSelector: `${ownSelector(installationId)},${LABELS.container}` };
  const list = async (path: string) =>
    (await api.call<KubeList<KubeObject>>({ method: 'GET', path, query, signal })).items;
  const [services, deployments] = await Promise.all([
    list(`${core}/services`),
    list(`/apis/apps/v1/namespaces/${namespace}/deployments`),
  ]);
  const names = new Set([
    ...services.map(({ metadata: { name, labels } }) =>
      pullSecretName(containerObjectName({ name, id: Number(labels?.[LABELS.container]) })),
    ),
    ...deployments.map(({ metadata: { name } }) => pullSecretName(name)),
  ]);
  for (const name of names) {
    const path = `${core}/secrets/${name}`;
    await unlessMissing(api.call({ method: 'DELETE', path, signal }));
  }
}
