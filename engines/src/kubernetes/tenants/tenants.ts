/** The tenant verbs: a namespace for each. */
import { EngineError } from '../../contract.ts';
import { isKubeStatus, unlessMissing } from '../api/client.ts';
import type { KubeApi } from '../api/client.ts';
import type { Claim, Deployment, KubeList, KubeObject } from '../api/objects.ts';
import { LABELS, ownSelector, systemNamespace, tenantNamespace } from '../base/names.ts';
import type { KubernetesContext } from '../base/options.ts';
import { poll } from '../base/poll.ts';
import {
  networkPolicyRender,
  systemNamespaceRender,
  tenantNamespaceRender,
} from './tenant-render.ts';

export interface Tenants {
  ensure(id: number, signal: AbortSignal): Promise<void>;
  remove(id: number, signal: AbortSignal): Promise<void>;
  list(signal: AbortSignal): Promise<{ ref: string; id: number }[]>;
  /** The namespace of what belongs to no tenant. */
  ensureSystem(signal: AbortSignal): Promise<void>;
}

export function tenantsCreate({ installationId }: KubernetesContext, api: KubeApi): Tenants {
  /** Creates a namespace. One that is there and is not ours is an error; one that is being removed is waited for. */
  async function namespaceEnsure(name: string, wanted: object, signal: AbortSignal): Promise<void> {
    const path = `/api/v1/namespaces/${name}`;
    await poll(signal, async () => {
      const found = await unlessMissing(api.call<KubeObject>({ method: 'GET', path, signal }));
      if (found === undefined) {
        try {
          await api.call({ method: 'POST', path: '/api/v1/namespaces', body: wanted, signal });
          return true;
        } catch (error) {
          if (!isKubeStatus(error, 409)) throw error;
          return false;
        }
      }
      if (found.metadata.deletionTimestamp !== undefined) return false;
      if (found.metadata.labels?.[LABELS.installation] === installationId) return true;
      throw new EngineError(
        'permanent',
        'name_taken',
        'The cluster has a namespace of that name that is not of this installation.',
      );
    });
    await api.apply(path, wanted, signal);
  }

  /** @throws EngineError while something of ours is in it: removing a namespace removes everything in it. */
  async function requireEmpty(namespace: string, signal: AbortSignal): Promise<void> {
    const query = { labelSelector: ownSelector(installationId) };
    const [deployments, claims] = await Promise.all([
      api.call<KubeList<Deployment>>({
        ...{ method: 'GET', path: `/apis/apps/v1/namespaces/${namespace}/deployments` },
        ...{ query, signal },
      }),
      api.call<KubeList<Claim>>({
        ...{ method: 'GET', path: `/api/v1/namespaces/${namespace}/persistentvolumeclaims` },
        ...{ query, signal },
      }),
    ]);
    if (deployments.items.length > 0) {
      const message = 'Containers still run in the namespace.';
      throw new EngineError('retryable', 'network_in_use', message);
    }
    if (claims.items.length > 0) {
      const message = 'There still are volumes in the namespace.';
      throw new EngineError('retryable', 'volumes_left', message);
    }
  }

  return {
    async ensure(id, signal) {
      const namespace = tenantNamespace(installationId, id);
      await namespaceEnsure(namespace, tenantNamespaceRender(installationId, id), signal);
      await api.apply(
        `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies/dollarbox`,
        networkPolicyRender(installationId, id),
        signal,
      );
    },

    async remove(id, signal) {
      const path = `/api/v1/namespaces/${tenantNamespace(installationId, id)}`;
      const found = await unlessMissing(api.call<KubeObject>({ method: 'GET', path, signal }));
      const metadata = found?.metadata;
      if (metadata === undefined || metadata.deletionTimestamp !== undefined) return;
      if (metadata.labels?.[LABELS.installation] !== installationId) return;
      await requireEmpty(metadata.name, signal);
      const body = { preconditions: { uid: metadata.uid } };
      await unlessMissing(api.call({ method: 'DELETE', path, body, signal }));
    },

    async list(signal) {
      const query = { labelSelector: `${ownSelector(installationId)},${LABELS.tenant}` };
      const { items } = await api.call<KubeList<KubeObject>>({
        ...{ method: 'GET', path: '/api/v1/namespaces', query, signal },
      });
      return items
        .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
        .map(({ metadata }) => ({
          ref: metadata.uid,
          id: Number(metadata.labels?.[LABELS.tenant]),
        }));
    },

    ensureSystem: (signal) =>
      namespaceEnsure(
        systemNamespace(installationId),
        systemNamespaceRender(installationId),
        signal,
      ),
  };
}
