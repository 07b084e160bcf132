/** The volume verbs, except those that move data. */
import { EngineError } from '../../contract.ts';
import type {
  ContainerSpec,
  VolumeKey,
  VolumeListing,
  VolumeObservation,
  VolumePhase,
  VolumeSpec,
  VolumeStorage,
} from '../../contract.ts';
import { isKubeStatus, unlessMissing } from '../api/client.ts';
import type { KubeApi } from '../api/client.ts';
import type { ObjectCache } from '../api/object-cache.ts';
import type { Claim, Deployment, KubeList, StorageClass } from '../api/objects.ts';
import {
  claimName,
  LABELS,
  ownLabels,
  ownSelector,
  refParse,
  refRender,
  tenantNamespace,
} from '../base/names.ts';
import type { ObjectRef } from '../base/names.ts';
import type { KubernetesContext } from '../base/options.ts';
import { poll } from '../base/poll.ts';
import { targetsOf } from '../base/targets.ts';

const DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class';

export interface Volumes {
  storage(signal: AbortSignal): Promise<VolumeStorage>;
  /** Of new volumes; null: the cluster does not have it. */
  storageClass(signal: AbortSignal): Promise<string | null>;
  /** Those that orgs may name in claims of their own, too. */
  offeredClasses(signal: AbortSignal): Promise<string[]>;
  apply(spec: VolumeSpec, signal: AbortSignal): Promise<VolumeObservation>;
  observe(key: VolumeKey, signal: AbortSignal): Promise<VolumeObservation | null>;
  remove(ref: string, signal: AbortSignal): Promise<void>;
  list(signal: AbortSignal): Promise<VolumeListing[]>;
  /** The claim that a reference names. */
  find(ref: string, signal: AbortSignal): Promise<(ObjectRef & { claim: Claim }) | undefined>;
  heldBy(claim: Claim, signal: AbortSignal): Promise<number[]>;
  /** @throws EngineError if one of a spec's volumes is missing, not startable, or held by another container. */
  require(spec: ContainerSpec, signal: AbortSignal): Promise<void>;
}

function claimPath(namespace: string, name?: string): string {
  const folder = `/api/v1/namespaces/${namespace}/persistentvolumeclaims`;
  return name === undefined ? folder : `${folder}/${name}`;
}

function claimRender(installationId: string, spec: VolumeSpec, storageClassName: string): object {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name: claimName(spec),
      namespace: tenantNamespace(installationId, spec.tenantId),
      labels: {
        ...ownLabels(installationId),
        [LABELS.tenant]: String(spec.tenantId),
        [LABELS.volume]: String(spec.id),
        [LABELS.uid]: spec.uid,
      },
      annotations: { 'dollarbox.io/name': spec.name },
    },
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName,
      resources: { requests: { storage: `${spec.sizeGb}Gi` } },
    },
  };
}

function phaseOf({ status }: Claim): VolumePhase {
  if (status?.phase === 'Bound') return 'bound';
  return status?.phase === 'Lost' ? 'lost' : 'provisioning';
}

function listingOf(claim: Claim): VolumeListing {
  const { name, namespace = '', uid, labels } = claim.metadata;
  return {
    ref: refRender({ namespace, name, uid }),
    id: Number(labels?.[LABELS.volume]),
    uid: labels?.[LABELS.uid] ?? '',
    tenantId: Number(labels?.[LABELS.tenant]),
    phase: phaseOf(claim),
  };
}

export interface VolumeParts {
  /** Of new volumes; undefined: the cluster's default one. */
  storageClass: string | undefined;
  tenantEnsure(id: number, signal: AbortSignal): Promise<void>;
  /** Ends the reading and writing of a claim's data: a claim stays as long as a pod has it. */
  transferClear(claim: ObjectRef, signal: AbortSignal): Promise<void>;
}

export function volumesCreate(
  { installationId }: KubernetesContext,
  api: KubeApi,
  cache: ObjectCache,
  { storageClass, tenantEnsure, transferClear }: VolumeParts,
): Volumes {
  const targets = targetsOf(installationId);
  const classes = (signal: AbortSignal) => cache.list<StorageClass>(targets.storageClasses, signal);

  async function classFind(signal: AbortSignal): Promise<string | null> {
    const found = (await classes(signal)).find(({ metadata }) =>
      storageClass === undefined
        ? metadata.annotations?.[DEFAULT_CLASS] === 'true'
        : metadata.name === storageClass,
    );
    return found?.metadata.name ?? null;
  }

  async function storage(signal: AbortSignal): Promise<VolumeStorage> {
    const found = await classFind(signal);
    if (found === null) {
      const message =
        storageClass === undefined
          ? 'The cluster has no default StorageClass.'
          : `The cluster has no StorageClass "${storageClass}".`;
      throw new EngineError('permanent', 'unschedulable', message);
    }
    // Whether a driver enforces sizes can't be asked.
    return { storageClass: found, isSizeEnforced: false };
  }

  async function heldBy({ metadata }: Claim, signal: AbortSignal): Promise<number[]> {
    const path = `/apis/apps/v1/namespaces/${metadata.namespace}/deployments`;
    const query = { labelSelector: ownSelector(installationId) };
    const { items } = await api.call<KubeList<Deployment>>({ method: 'GET', path, query, signal });
    return items
      .filter(({ spec }) =>
        spec.template.spec.volumes?.some(
          ({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName === metadata.name,
        ),
      )
      .map((deployment) => Number(deployment.metadata.labels?.[LABELS.container]))
      .toSorted((a, b) => a - b);
  }

  /** One that nothing holds yet binds when a container that mounts it is started. */
  async function waitsForConsumer(claim: Claim, signal: AbortSignal): Promise<boolean> {
    const name = claim.spec.storageClassName;
    const found = (await classes(signal)).find(({ metadata }) => metadata.name === name);
    return found?.volumeBindingMode === 'WaitForFirstConsumer';
  }

  async function observationOf(claim: Claim, signal: AbortSignal): Promise<VolumeObservation> {
    const listing = listingOf(claim);
    const isStartable =
      listing.phase === 'bound' ||
      (listing.phase === 'provisioning' && (await waitsForConsumer(claim, signal)));
    return {
      ...listing,
      storageClass: claim.spec.storageClassName ?? '',
      isSizeEnforced: false,
      isStartable,
      heldBy: await heldBy(claim, signal),
    };
  }

  async function listClaims(labels: Record<string, string>, signal: AbortSignal): Promise<Claim[]> {
    const { items } = await api.call<KubeList<Claim>>({
      method: 'GET',
      path: '/api/v1/persistentvolumeclaims',
      query: { labelSelector: `${ownSelector(installationId, labels)},${LABELS.volume}` },
      signal,
    });
    return items.filter(isStaying);
  }

  const isStaying = ({ metadata }: Claim) => metadata.deletionTimestamp === undefined;

  async function findByKey({ id, uid }: VolumeKey, signal: AbortSignal) {
    const labels = { [LABELS.volume]: String(id), [LABELS.uid]: uid };
    return (await listClaims(labels, signal))[0];
  }

  async function find(text: string, signal: AbortSignal) {
    const ref = refParse(installationId, text);
    if (ref === null) return undefined;
    const path = claimPath(ref.namespace, ref.name);
    const claim = await unlessMissing(api.call<Claim>({ method: 'GET', path, signal }));
    const isOurs = claim?.metadata.labels?.[LABELS.installation] === installationId;
    return claim?.metadata.uid === ref.uid && isOurs ? { ...ref, claim } : undefined;
  }

  /** @returns false: the namespace is not there, or has no room as it is. */
  async function create(spec: VolumeSpec, name: string, signal: AbortSignal): Promise<boolean> {
    const body = claimRender(installationId, spec, name);
    const path = claimPath(tenantNamespace(installationId, spec.tenantId));
    try {
      await api.call({ method: 'POST', path, body, signal });
      return true;
    } catch (error) {
      if (isKubeStatus(error, 404)) return false;
      // Another worker has just created it.
      if (isKubeStatus(error, 409, 'AlreadyExists')) return true;
      if (isKubeStatus(error, 403)) return false;
      throw error;
    }
  }

  return {
    storage,
    storageClass: classFind,
    offeredClasses: async (signal) =>
      (await classes(signal))
        .filter(({ metadata }) => metadata.labels?.[LABELS.offered] === 'true')
        .map(({ metadata }) => metadata.name)
        .toSorted(),
    find,
    heldBy,

    async apply(spec, signal) {
      const known = await findByKey(spec, signal);
      if (known !== undefined) return observationOf(known, signal);
      const name = spec.storageClass ?? (await storage(signal)).storageClass;
      if (!(await classes(signal)).some(({ metadata }) => metadata.name === name)) {
        const message = `The cluster has no StorageClass "${name}".`;
        throw new EngineError('permanent', 'unschedulable', message);
      }
      if (!(await create(spec, name, signal))) {
        await tenantEnsure(spec.tenantId, signal);
        // A deleted volume counts in the cluster until its data is gone.
        if (!(await create(spec, name, signal))) {
          const message =
            'The cluster has no room for the volume: the quota of the org is used up.';
          throw new EngineError('retryable', 'quota', message);
        }
      }
      const made = await findByKey(spec, signal);
      if (made !== undefined) return observationOf(made, signal);
      const message = 'The cluster has a claim of that name that is not ours.';
      throw new EngineError('conflict', 'name_taken', message);
    },

    async observe(key, signal) {
      const found = await findByKey(key, signal);
      return found === undefined ? null : observationOf(found, signal);
    },

    async remove(ref, signal) {
      const found = await find(ref, signal);
      if (found === undefined) return;
      if ((await heldBy(found.claim, signal)).length > 0) {
        const message = 'A container still mounts the volume.';
        throw new EngineError('conflict', 'volume_busy', message);
      }
      await transferClear(found, signal);
      const path = claimPath(found.namespace, found.name);
      const body = { preconditions: { uid: found.uid } };
      await unlessMissing(api.call({ method: 'DELETE', path, body, signal }));
      await poll(signal, async () => (await find(ref, signal)) === undefined);
    },

    list: async (signal) =>
      (await cache.list<Claim>(targets.claims, signal)).filter(isStaying).map(listingOf),

    async require({ id, volumes }, signal) {
      for (const { volume } of volumes) {
        const claim = await findByKey(volume, signal);
        if (claim === undefined || phaseOf(claim) === 'lost') {
          throw new EngineError('not_found', 'volume_missing', 'A volume does not exist.');
        }
        const { isStartable, heldBy: holders } = await observationOf(claim, signal);
        if (holders.some((holder) => holder !== id)) {
          const message = 'Another container still mounts a volume.';
          throw new EngineError('conflict', 'volume_busy', message);
        }
        if (isStartable) continue;
        throw new EngineError('retryable', 'volume_unready', 'A volume is not ready yet.');
      }
    },
  };
}
