/** The tenant verbs: a namespace for each, with what its objects may use and which connections they may have. */
import { createHash } from 'node:crypto';
import { EngineError } from '../../contract.ts';
import type { TenantListing } from '../../contract.ts';
import { unlessMissing } from '../api/client.ts';
import type { KubeApi } from '../api/client.ts';
import type { ObjectCache } from '../api/object-cache.ts';
import type { Claim, Deployment, KubeList, KubeObject, ResourceQuota } from '../api/objects.ts';
import {
  ANNOTATIONS,
  LABELS,
  ownSelector,
  systemNamespace,
  tenantNamespace,
} from '../base/names.ts';
import type { KubernetesContext, KubernetesEngineOptions, TenantLimits } from '../base/options.ts';
import { poll } from '../base/poll.ts';
import { targetsOf } from '../base/targets.ts';
import type { ClusterNetworks } from './cluster-networks.ts';
import { namespaceEnsure } from './namespace.ts';
import { networkPolicyRender } from './network-render.ts';
import { limitRangeRender, resourceQuotaRender } from './quota-render.ts';
import { registrySecretsRemove } from './registry-secrets.ts';
import { isRendered } from './rendered.ts';
import { systemNamespaceRender, tenantNamespaceRender } from './tenant-render.ts';

export interface Tenants {
  ensure(id: number, signal: AbortSignal): Promise<void>;
  /**
   * The same, and makes it ready for kubectl: nothing in it tells a secret of a registry.
   * @throws EngineError `kubectl_off` unless it is to have kubectl.
   */
  open(id: number, signal: AbortSignal): Promise<void>;
  hasKubectl(id: number): Promise<boolean>;
  remove(id: number, signal: AbortSignal): Promise<void>;
  list(signal: AbortSignal): Promise<TenantListing[]>;
  /** The namespace of what belongs to no tenant. */
  ensureSystem(signal: AbortSignal): Promise<void>;
}

export interface TenantParts {
  limits: KubernetesEngineOptions['tenantLimits'];
  networks: ClusterNetworks;
  /** The StorageClass of new volumes; null: there is none. */
  storageClass(signal: AbortSignal): Promise<string | null>;
  /** Others that claims of orgs may have. */
  offeredClasses(signal: AbortSignal): Promise<string[]>;
}

/** What a namespace is made from. */
interface TenantShape {
  limits: TenantLimits | undefined;
  networks: string[];
  storageClass: string | null;
  offeredClasses: string[];
}

const KINDS = {
  resourcequotas: '/api/v1',
  limitranges: '/api/v1',
  networkpolicies: '/apis/networking.k8s.io/v1',
} as const;

type Kind = keyof typeof KINDS;

export function tenantsCreate(
  { installationId }: KubernetesContext,
  api: KubeApi,
  cache: ObjectCache,
  { limits, networks, storageClass, offeredClasses }: TenantParts,
): Tenants {
  const targets = targetsOf(installationId);
  const targetOf = {
    resourcequotas: targets.quotas,
    limitranges: targets.limitRanges,
    networkpolicies: targets.networkPolicies,
  };

  /** What `ensure` makes, the namespace first. */
  function objectsRender(id: number, shape: TenantShape) {
    const name = tenantNamespace(installationId, id);
    const hash = createHash('sha256').update(JSON.stringify(shape)).digest('hex').slice(0, 16);
    const { storageClass: className, offeredClasses: offered, limits: known } = shape;
    const seen = {
      ...{ storageClass: className, offeredClasses: offered },
      hasKubectl: known?.hasKubectl === true,
    };
    const namespace = tenantNamespaceRender(installationId, id, seen, hash);
    const quota =
      shape.limits === undefined
        ? []
        : [['resourcequotas', resourceQuotaRender(installationId, name, shape.limits)] as const];
    const rest: readonly (readonly [Kind, object])[] = [
      ['networkpolicies', networkPolicyRender(installationId, name, shape.networks)],
      ['limitranges', limitRangeRender(installationId, name)],
      ...quota,
    ];
    return { name, hash, namespace, rest };
  }

  /** Nothing can be created while the cluster has not counted what is there. */
  async function quotaWait(path: string, wanted: object, signal: AbortSignal): Promise<void> {
    const { spec } = wanted as ResourceQuota;
    await poll(signal, async () => {
      const { status } = await api.call<ResourceQuota>({ method: 'GET', path, signal });
      return isRendered(spec.hard, status?.hard);
    });
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

  async function listObjects(kind: Kind, signal: AbortSignal): Promise<Map<string, KubeObject>> {
    const items = await cache.list<KubeObject>(targetOf[kind], signal);
    return new Map(items.map((item) => [`${item.metadata.namespace}/${item.metadata.name}`, item]));
  }

  const hasKubectl = async (id: number) => (await limits([id])).get(id)?.hasKubectl === true;

  return {
    hasKubectl,

    async open(id, signal) {
      if (!(await hasKubectl(id))) {
        throw new EngineError('permanent', 'kubectl_off', 'kubectl is turned off for this org.');
      }
      await this.ensure(id, signal);
      // Policies keep others from being created from now on.
      await registrySecretsRemove(installationId, api, id, signal);
    },

    async ensure(id, signal) {
      const shape = {
        limits: (await limits([id])).get(id),
        networks: await networks.read(signal),
        storageClass: await storageClass(signal),
        offeredClasses: await offeredClasses(signal),
      };
      const { name, namespace, rest } = objectsRender(id, shape);
      await namespaceEnsure(installationId, api, name, namespace, signal);
      for (const [kind, wanted] of rest) {
        const path = `${KINDS[kind]}/namespaces/${name}/${kind}/dollarbox`;
        await api.apply(path, wanted, signal);
        if (kind === 'resourcequotas') await quotaWait(path, wanted, signal);
      }
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
      const items = await cache.list<KubeObject>(targets.namespaces, signal);
      const live = items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
      const ids = live.map(({ metadata }) => Number(metadata.labels?.[LABELS.tenant]));
      const [known, own, storage, offered, ...lists] = await Promise.all([
        limits(ids),
        networks.read(signal),
        storageClass(signal),
        offeredClasses(signal),
        ...(Object.keys(KINDS) as Kind[]).map(
          async (kind) => [kind, await listObjects(kind, signal)] as const,
        ),
      ]);
      const found = new Map(lists);
      const needsOf = (item: KubeObject, id: number) => {
        const shape = {
          ...{ limits: known.get(id), networks: own },
          ...{ storageClass: storage, offeredClasses: offered },
        };
        const { name, hash, namespace, rest } = objectsRender(id, shape);
        const isSame =
          isRendered(namespace, { apiVersion: 'v1', kind: 'Namespace', ...item }) &&
          rest.every(([kind, wanted]) => {
            const { spec } = wanted as { spec: object };
            return isRendered({ spec }, found.get(kind)?.get(`${name}/dollarbox`));
          });
        if (isSame) return undefined;
        return item.metadata.annotations?.[ANNOTATIONS.tenantSpec] === hash ? 'repair' : 'update';
      };
      return live.map((item): TenantListing => {
        const { uid: ref, labels } = item.metadata;
        const id = Number(labels?.[LABELS.tenant]);
        const needs = needsOf(item, id);
        return needs === undefined ? { ref, id } : { ref, id, needs };
      });
    },

    ensureSystem: (signal) =>
      namespaceEnsure(
        ...([installationId, api, systemNamespace(installationId)] as const),
        systemNamespaceRender(installationId),
        signal,
      ),
  };
}
