/** The options of a Docker engine. */
import type { SubnetStore } from '../../subnets.ts';
import type { ProxyEnvironment } from '../../registry/proxy.ts';
import type { ImageReference } from '../../registry/image-reference.ts';
import type { RegistryCredential } from '../../registry/registry-session.ts';

/** The part of pino that is used here. */
export interface EngineLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** `pulledAt`: when it was added, each time anew. */
export interface PulledImage {
  ref: string;
  imageId: string;
  pulledAt: Date;
}

/**
 * Records which images this installation pulled, since Docker can't label an image. There is one entry per reference.
 * Adding it again replaces its image id.
 */
export interface PulledImageStore {
  add(ref: string, imageId: string): Promise<void>;
  list(): Promise<PulledImage[]>;
  remove(ref: string): Promise<void>;
}

/** That a tenant's own pull of a reference obtained an image. */
export interface ImageRight {
  /** As in {@link PulledImageStore}. */
  ref: string;
  /** The reference's `host[:port]`, in lower case. */
  registry: string;
  imageId: string;
  /** The credential that the pull used; null: none. */
  credentialId: number | null;
  /**
   * The digests of the layers, as this registry served each of them to this pull or an earlier one. Empty if the engine
   * had some of them from elsewhere.
   */
  layers: readonly string[];
}

/** Records which tenant may use which of the images on the engine. */
export interface ImageRightStore {
  /** The image that the tenant's own pull of this reference obtained last; null: none. */
  find(tenantId: number, ref: string): Promise<string | null>;
  /** All images that the tenant's own pulls obtained. */
  imagesOf(tenantId: number): Promise<string[]>;
  /** The images of all tenants, each with the layers that this registry served. */
  imagesFrom(registry: string): Promise<Pick<ImageRight, 'imageId' | 'layers'>[]>;
  /**
   * Replaces the tenant's right under the same reference.
   * @returns false if the credential has been deleted: nothing is recorded then.
   */
  add(tenantId: number, right: ImageRight): Promise<boolean>;
  /** Removes all tenants' rights under a reference. */
  remove(ref: string): Promise<void>;
  /** Removes the rights to all other images, except those recorded since. */
  retain(imageIds: readonly string[], since: Date): Promise<void>;
}

/** The credential that a tenant signs in to a registry with. */
export interface TenantCredential extends RegistryCredential {
  id: number;
}

/** Where a verb is half done. */
export type DockerStep =
  /** A container is created, but not started. */
  | 'container-created'
  /** An image is loaded, but not recorded. */
  | 'image-loaded'
  /** A volume's file system is created, but not reported to anybody. */
  | 'volume-filled'
  /** It is in its place, but not mounted. */
  | 'volume-placed'
  /** It is mounted, but Docker does not know about it. */
  | 'volume-mounted'
  /** Docker has released a volume, but its data still exists. */
  | 'volume-released'
  /** Its file system is no longer mounted. */
  | 'volume-unmounted'
  /** It is no longer in its place, but not deleted yet. */
  | 'volume-trashed';

/** Where an isolation probe is half done: it has created one more of its networks, or started one more container. */
export type ProbeStep = 'probe-network' | 'probe-container';

/** Where an engine is; exactly one of the two is set. */
export interface DockerAddress {
  socketPath?: string;
  /** As in `DOCKER_HOST`: `unix:///path`, `tcp://host:port`, `http(s)://host:port`. */
  host?: string;
}

export interface DockerEngineOptions extends DockerAddress {
  /** Random, 12 characters of a–z and 0–9. Used in the names and labels of all created objects. */
  installationId: string;
  /** `host[:port]` entries that tenants may pull from even if they are local or private. */
  allowedRegistries: readonly string[];
  pulledImages: PulledImageStore;
  imageRights: ImageRightStore;
  /** The tenant's credential for an image; default: none has one. */
  registryCredential?: (
    tenantId: number,
    reference: ImageReference,
  ) => Promise<TenantCredential | null>;
  /**
   * An absolute path, where layers of interrupted pulls are kept for the next attempt. If omitted, they are received
   * again.
   */
  layersDir?: string;
  /** Where `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` are read for pulls; default: no proxies. */
  proxyEnvironment?: ProxyEnvironment;
  /** The subnets of tenants' networks. */
  subnets: SubnetStore;
  log: EngineLog;
  now: () => Date;
  /** Default 300 000. */
  pullTimeoutMs?: number;
  /** Maximum compressed size of all layers of one image together; default 10 GiB. */
  imageMaxBytes?: number;
  /** How many bytes pulls and new volumes must leave free on the disk that stores them; default 2 GiB. */
  storageReserveBytes?: number;
  /**
   * An absolute path. If this machine supports it, volumes get their own file systems of their size there. If
   * omitted, they are Docker's own volumes, which may grow.
   */
  volumesDir?: string;
  /** Whether the space of a new volume there is allocated at once; default: as it is written to. */
  reservesVolumes?: boolean;
  /**
   * The containers' IPv6 addresses that other machines must not reach, a CIDR; default all, `::/0`. All others are
   * opened to other machines. Called each time that the host's rules are installed.
   */
  closedIpv6?: () => string;
  /**
   * Whether every tenant may use an image that is on the engine, whoever pulled or built it; if omitted, all. An image
   * that is not allowed is used for a tenant whose own pull obtained it, and otherwise looked for in its registry.
   * @param ref the full reference, `docker.io/library/web:1`.
   */
  isLocalImageAllowed?: (ref: string) => Promise<boolean>;
  /** Concurrent connections that the containers of one org may have through the host; default 16 384. */
  connectionsMax?: number;
  /** The longest that one verb may take; default `VERB_DEADLINE_MS`. */
  verbDeadlineMs?: number;
  /**
   * How long an isolation probe may take to end when the engine is closed: first for objects that are just being
   * created, then for removing everything. Default 1000 and 2000.
   */
  probeEndMs?: { creation: number; removal: number };
  /** Called and awaited between two steps of one verb, so that a test can stall it or end the process there. */
  onStep?: (step: DockerStep) => void | Promise<void>;
  /** The same for an isolation probe. */
  onProbeStep?: (step: ProbeStep) => void | Promise<void>;
}

/** Shared by all parts of one Docker engine. */
export interface DockerContext {
  installationId: string;
  log: EngineLog;
  now: () => Date;
  closedIpv6: () => string;
  isLocalImageAllowed?: DockerEngineOptions['isLocalImageAllowed'];
}
