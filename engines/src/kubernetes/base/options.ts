/** The options of a Kubernetes engine. */
import type { ImageReference } from '../../registry/image-reference.ts';
import type { ProxyEnvironment } from '../../registry/proxy.ts';
import type { RegistryCredential } from '../../registry/registry-session.ts';

/** The part of pino that is used here. */
interface EngineLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** What all containers and volumes of a tenant together may use. */
export interface TenantLimits {
  containers: number;
  volumeGb: number;
  /** Whether people read and change its namespace with kubectl; default false. */
  hasKubectl?: boolean;
}

export interface KubernetesEngineOptions {
  /** Path of a kubeconfig; null: as kubectl finds it, or as it is given to a pod. */
  kubeconfig: string | null;
  /** Random, 12 characters of a–z and 0–9. Used in the names and labels of all created objects. */
  installationId: string;
  /** `host[:port]` entries that tenants may pull from even if they are local or private. */
  allowedRegistries: readonly string[];
  /** Where `HTTPS_PROXY` and related variables are read; default: no proxies. */
  proxyEnvironment?: ProxyEnvironment;
  /** The tenant's credential for an image; default: none has one. */
  registryCredential?: (
    tenantId: number,
    reference: ImageReference,
  ) => Promise<(RegistryCredential & { id: number }) | null>;
  /** The StorageClass of new volumes; default: the cluster's default one. */
  storageClass?: string;
  /** The API server as people reach it, for kubeconfigs; default: as this process does. */
  publicUrl?: string;
  /** The limits of tenants, by id. One that does not exist any more is left out. */
  tenantLimits(ids: readonly number[]): Promise<ReadonlyMap<number, TenantLimits>>;
  /** An image with BusyBox that nodes can pull, for trying connections; default: Docker Hub's. */
  probeImage?: string;
  log: EngineLog;
  now: () => Date;
  /** Between 0 and 1, evenly: spreads what many processes do at the same time. */
  random: () => number;
  /** Default: the contract's. */
  verbDeadlineMs?: number;
  /** How long a pull may go without progress. */
  pullTimeoutMs?: number;
}

/** What all parts of one engine share. */
export interface KubernetesContext {
  installationId: string;
  log: EngineLog;
  now: () => Date;
}
