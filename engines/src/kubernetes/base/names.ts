/** The names of our objects in a cluster, and the labels and annotations that identify them. */
import { createHash } from 'node:crypto';
import type { VolumeKey } from '../../contract.ts';

export const LABELS = {
  /** On everything of ours, for people and for policies. */
  managedBy: 'dollarbox.io/managed-by',
  installation: 'dollarbox.io/installation',
  tenant: 'dollarbox.io/tenant',
  container: 'dollarbox.io/container',
  volume: 'dollarbox.io/volume',
  uid: 'dollarbox.io/uid',
  /** What an object that belongs to no tenant is for: `image`, `pull`, `probe`. */
  role: 'dollarbox.io/role',
  /** Of a StorageClass, by an administrator: orgs may name it in claims that they create themselves. */
  offered: 'dollarbox.io/offered',
} as const;

export const ANNOTATIONS = {
  spec: 'dollarbox.io/spec',
  name: 'dollarbox.io/name',
  /** The exits that earlier pods of this Deployment had, as JSON. */
  exits: 'dollarbox.io/exits',
  /** Of a Deployment: its generation after our last change. With a higher one, somebody else has changed it since. */
  generation: 'dollarbox.io/generation',
  /** Of a Service: the ports that it was made with. */
  ports: 'dollarbox.io/ports',
  /** Of a namespace: a hash of what its limits and policies were made from. */
  tenantSpec: 'dollarbox.io/tenant-spec',
  /** Of a namespace: the StorageClass that claims have. `policies.yaml` reads it. */
  storageClass: 'dollarbox.io/storage-class',
  /** Of a namespace: others that claims may have, separated by commas. `policies.yaml` reads it. */
  offeredClasses: 'dollarbox.io/offered-classes',
  /** Of a namespace: `on` if people read it with kubectl. `policies.yaml` reads it. */
  kubectl: 'dollarbox.io/kubectl',
} as const;

const MANAGED_BY = 'control-panel';

/** Where the installation has what belongs to no tenant: what it knows of images, and the pods that pull them. */
export function systemNamespace(installationId: string): string {
  return `dollarbox-${installationId}`;
}

export function tenantNamespace(installationId: string, tenantId: number): string {
  return `dollarbox-${installationId}-${tenantId}`;
}

/** Two namespaces that are like those of tenants, for trying whether they are kept apart. */
export function probeNamespace(installationId: string, side: 1 | 2): string {
  return `dollarbox-${installationId}-probe-${side}`;
}

/** Of a container's Deployment and Secret. Its Service has the container's own name. */
export function containerObjectName({ name, id }: { name: string; id: number }): string {
  return `${name}-${id}`;
}

/**
 * Of the Secret by which nodes sign in to the registry of a container's image.
 * @param objectName of the container's Deployment.
 */
export function pullSecretName(objectName: string): string {
  return `${objectName}.registry`;
}

export function claimName({ id, uid }: VolumeKey): string {
  return `v${id}-${uid}`;
}

/** @param ref the full reference. */
export function imageObjectName(tenantId: number, ref: string): string {
  const hash = createHash('sha256').update(`${tenantId} ${ref}`).digest('hex');
  return `image-${hash.slice(0, 40)}`;
}

/** The labels of everything that an installation has. */
export function ownLabels(installationId: string): Record<string, string> {
  return { [LABELS.managedBy]: MANAGED_BY, [LABELS.installation]: installationId };
}

/** A `labelSelector` for what an installation has and that has these labels too. */
export function ownSelector(installationId: string, more: Record<string, string> = {}): string {
  return Object.entries({ [LABELS.installation]: installationId, ...more })
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
}

/** The engine's identity of one object, which no later object of the same name has. */
export interface ObjectRef {
  namespace: string;
  name: string;
  uid: string;
}

export function refRender({ namespace, name, uid }: ObjectRef): string {
  return `${namespace}/${name}/${uid}`;
}

/** @returns null if it is not a reference of ours. */
export function refParse(installationId: string, ref: string): ObjectRef | null {
  const [namespace = '', name, uid, ...rest] = ref.split('/');
  if (!namespace.startsWith(`${systemNamespace(installationId)}-`)) return null;
  if (name === undefined || uid === undefined || rest.length > 0) return null;
  return { namespace, name, uid };
}
