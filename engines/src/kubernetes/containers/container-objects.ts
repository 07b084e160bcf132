/** Reads and removes the objects of containers. */
import { EngineError } from '../../contract.ts';
import { isKubeStatus, unlessMissing } from '../api/client.ts';
import type { KubeApi } from '../api/client.ts';
import type { ObjectCache } from '../api/object-cache.ts';
import type { Deployment, KubeList, KubeObject, Pod, Service } from '../api/objects.ts';
import { ANNOTATIONS, LABELS, ownSelector, refParse, refRender } from '../base/names.ts';
import type { ObjectRef } from '../base/names.ts';
import { poll } from '../base/poll.ts';
import { targetsOf } from '../base/targets.ts';
import { isEdited } from './edited.ts';
import type { ContainerObjects } from './observation.ts';
import { exitRecordNext, exitRecordRead } from './observation.ts';

const KINDS = {
  deployments: '/apis/apps/v1',
  replicasets: '/apis/apps/v1',
  pods: '/api/v1',
  services: '/api/v1',
  secrets: '/api/v1',
} as const;

export type Kind = keyof typeof KINDS;

/** @param name omitted: the folder of all. */
export function pathOf(kind: Kind, namespace: string, name?: string): string {
  return `${KINDS[kind]}/namespaces/${namespace}/${kind}${name === undefined ? '' : `/${name}`}`;
}

export interface ContainerStore {
  /** @param namespace undefined: whichever it is in. The API server then looks through those of all orgs. */
  find(
    id: number,
    namespace: string | undefined,
    signal: AbortSignal,
  ): Promise<ContainerObjects | undefined>;
  list(signal: AbortSignal): Promise<ContainerObjects[]>;
  /** Ours, by its exact identity. */
  findRef(ref: string, signal: AbortSignal): Promise<(ObjectRef & { id: number }) | undefined>;
  /** The objects of one kind that belong to a container, or to any of ours. */
  listKind<T extends KubeObject>(
    kind: 'deployments' | 'pods' | 'services',
    id: number | null,
    signal: AbortSignal,
    namespace?: string,
  ): Promise<T[]>;
  /** Keeps the count of exits on the Deployment, if it has grown. */
  exitsRecord(objects: ContainerObjects, signal: AbortSignal): Promise<void>;
  /** Ends it: `graceMs` as in the engine's verb. */
  end(ref: ObjectRef & { id: number }, graceMs: number, signal: AbortSignal): Promise<void>;
}

export function containerStoreCreate(
  installationId: string,
  api: KubeApi,
  cache: ObjectCache,
): ContainerStore {
  const { deployments, pods, services } = targetsOf(installationId);
  const targets = { deployments, pods, services };

  async function listKind<T extends KubeObject>(
    kind: keyof typeof targets,
    id: number | null,
    signal: AbortSignal,
    namespace?: string,
  ): Promise<T[]> {
    if (id === null) return cache.list<T>(targets[kind], signal);
    const labelSelector = ownSelector(installationId, { [LABELS.container]: String(id) });
    const path = namespace === undefined ? `${KINDS[kind]}/${kind}` : pathOf(kind, namespace);
    const { items } = await api.call<KubeList<T>>({
      ...{ method: 'GET', path, query: { labelSelector }, signal },
    });
    return items;
  }

  async function objectsOf(
    id: number | null,
    signal: AbortSignal,
    namespace?: string,
  ): Promise<ContainerObjects[]> {
    const [found, foundPods, foundServices] = await Promise.all([
      listKind<Deployment>('deployments', id, signal, namespace),
      listKind<Pod>('pods', id, signal, namespace),
      listKind<Service>('services', id, signal, namespace),
    ]);
    const keyOf = ({ metadata: { namespace, labels } }: KubeObject) =>
      `${namespace}/${labels?.[LABELS.container]}`;
    const podsByKey = Map.groupBy(foundPods, keyOf);
    const servicesByKey = new Map(foundServices.map((service) => [keyOf(service), service]));
    return found.map((deployment) => ({
      deployment,
      pods: podsByKey.get(keyOf(deployment)) ?? [],
      service: servicesByKey.get(keyOf(deployment)),
    }));
  }

  async function remove(
    kind: Kind,
    { namespace, name, uid }: ObjectRef,
    options: { propagationPolicy: 'Foreground' | 'Orphan' } | { gracePeriodSeconds: number },
    signal: AbortSignal,
  ): Promise<void> {
    const path = pathOf(kind, namespace, name);
    try {
      // With a body, the API server ignores options in the query.
      const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid }, ...options };
      await unlessMissing(api.call({ method: 'DELETE', path, body, signal }));
    } catch (error) {
      // Another object has that name now.
      if (!isKubeStatus(error, 409)) throw error;
    }
  }

  /**
   * Each step leaves something that the next look can go on from, and nothing makes another pod meanwhile: a paused
   * Deployment makes no ReplicaSet, and one that is being removed makes no pods. The pods are orphaned first, since
   * Kubernetes would remove them with their own grace, which a later removal does not shorten once the node has begun.
   * Then they belong to the Deployment itself, which stays until the last of them is gone.
   */
  async function removalBegin(
    ref: ObjectRef & { id: number },
    graceSeconds: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { namespace, name, uid } = ref;
    await patch('deployments', ref, { metadata: { uid }, spec: { paused: true } }, signal);
    const labelSelector = ownSelector(installationId, { [LABELS.container]: String(ref.id) });
    const listOf = async (kind: Kind) => {
      const path = pathOf(kind, namespace);
      const list = { method: 'GET', path, query: { labelSelector }, signal } as const;
      return (await api.call<KubeList<KubeObject>>(list)).items.map(({ metadata }) => ({
        namespace,
        name: metadata.name,
        uid: metadata.uid,
      }));
    };
    for (const set of await listOf('replicasets')) {
      await remove('replicasets', set, { propagationPolicy: 'Orphan' }, signal);
    }
    const owner = {
      ...{ apiVersion: 'apps/v1', kind: 'Deployment', name, uid },
      ...{ controller: false, blockOwnerDeletion: true },
    };
    await Promise.all(
      (await listOf('pods')).map(async (pod) => {
        await remove('pods', pod, { gracePeriodSeconds: graceSeconds }, signal);
        const metadata = { uid: pod.uid, ownerReferences: [owner] };
        await patch('pods', pod, { metadata }, signal);
      }),
    );
    await remove('deployments', ref, { propagationPolicy: 'Foreground' }, signal);
  }

  /** Changes an object, unless it is gone. */
  async function patch(
    kind: Kind,
    { namespace, name }: ObjectRef,
    body: object,
    signal: AbortSignal,
  ): Promise<void> {
    const path = pathOf(kind, namespace, name);
    const contentType = 'application/strategic-merge-patch+json';
    try {
      await unlessMissing(api.call({ method: 'PATCH', path, contentType, body, signal }));
    } catch (error) {
      if (!isKubeStatus(error, 409)) throw error;
    }
  }

  async function findRef(text: string, signal: AbortSignal) {
    const ref = refParse(installationId, text);
    if (ref === null) return undefined;
    const path = pathOf('deployments', ref.namespace, ref.name);
    const found = await unlessMissing(api.call<Deployment>({ method: 'GET', path, signal }));
    const { uid, labels } = found?.metadata ?? {};
    if (uid !== ref.uid || labels?.[LABELS.installation] !== installationId) return undefined;
    return { ...ref, id: Number(labels[LABELS.container]) };
  }

  return {
    listKind,
    findRef,

    find: async (id, namespace, signal) => (await objectsOf(id, signal, namespace))[0],

    list: (signal) => objectsOf(null, signal),

    async exitsRecord(objects, signal) {
      const { metadata } = objects.deployment;
      const before = exitRecordRead(objects.deployment);
      const next = exitRecordNext(objects);
      const isNews = next.count !== before.count || next.before !== before.before;
      if (!isNews || metadata.deletionTimestamp !== undefined) return;
      const { namespace = '', name, uid, resourceVersion, generation = 0 } = metadata;
      // This very change adds one to it.
      const noted = { [ANNOTATIONS.generation]: String(generation + 1) };
      try {
        await api.call({
          method: 'PATCH',
          path: pathOf('deployments', namespace, name),
          contentType: 'application/merge-patch+json',
          body: {
            metadata: {
              uid,
              resourceVersion,
              annotations: {
                [ANNOTATIONS.exits]: JSON.stringify(next),
                ...(!isEdited(objects.deployment) && noted),
              },
            },
          },
          signal,
        });
      } catch (error) {
        // Somebody else changed it: whoever looks next records it.
        if (!isKubeStatus(error, 409) && !isKubeStatus(error, 404)) throw error;
      }
    },

    async end(ref, graceMs, signal) {
      // The API server takes 0 as "forget the pod", whatever becomes of its process.
      const graceSeconds = Math.max(1, Math.ceil(graceMs / 1000));
      await removalBegin(ref, graceSeconds, signal);
      const isRunning = async () => {
        const pods = await listPods(ref, signal);
        return pods.some(({ status }) => status?.containerStatuses?.[0]?.state?.running);
      };
      if (graceMs > 0 && (await isRunning())) return;
      if (graceMs > 0) await removalBegin(ref, 1, signal);
      await poll(signal, async () => (await findRef(refRender(ref), signal)) === undefined);
      const path = pathOf('secrets', ref.namespace, ref.name);
      await unlessMissing(api.call({ method: 'DELETE', path, signal }));
    },
  };

  async function listPods(ref: ObjectRef & { id: number }, signal: AbortSignal): Promise<Pod[]> {
    const labelSelector = ownSelector(installationId, { [LABELS.container]: String(ref.id) });
    const path = pathOf('pods', ref.namespace);
    const list = { method: 'GET', path, query: { labelSelector }, signal } as const;
    return (await api.call<KubeList<Pod>>(list)).items;
  }
}

/** A retryable refusal while a former object of the same container is being removed. */
export function stillEnding(): EngineError {
  return new EngineError('retryable', 'ending', 'The container is still being removed.');
}
