/** A container's objects in the cluster, from its spec alone: no calls, no state. */
import { CAPABILITIES } from '../../capabilities.ts';
import { containerSpecHash, DOLLARBOX_LIMITS } from '../../contract.ts';
import type { ContainerSpec } from '../../contract.ts';
import {
  ANNOTATIONS,
  claimName,
  containerObjectName,
  LABELS,
  ownLabels,
  pullSecretName,
  tenantNamespace,
} from '../base/names.ts';
import type { Service } from '../api/objects.ts';
import type { ImageFacts } from '../images/image-facts.ts';
import type { KnownImage } from '../images/image-store.ts';

/**
 * The longest grace that a client may ask for, in seconds. A removal names the grace that counts, and can only shorten
 * it; this one applies to pods that Kubernetes ends by itself.
 */
const GRACE_MAX_SECONDS = 120;
/** A Service must have a port. Nothing listens there. */
const NO_PORT = 65_535;
/** A group that owns nothing: it lets a process that is not root write to a new volume. */
const VOLUME_GROUP = 1000;

function containerLabels(
  installationId: string,
  { id, tenantId }: Pick<ContainerSpec, 'id' | 'tenantId'>,
): Record<string, string> {
  return {
    ...ownLabels(installationId),
    [LABELS.container]: String(id),
    [LABELS.tenant]: String(tenantId),
  };
}

/** What the pods of a container are recognized by. */
function selectorRender(installationId: string, id: number): Record<string, string> {
  return { [LABELS.installation]: installationId, [LABELS.container]: String(id) };
}

/** Kubernetes replaces `$(NAME)` in commands, and reads `$$` as a dollar sign. */
function wordRender(word: string): string {
  return word.replaceAll('$', '$$$$');
}

export function secretRender(installationId: string, spec: ContainerSpec): object {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: containerObjectName(spec),
      namespace: tenantNamespace(installationId, spec.tenantId),
      labels: containerLabels(installationId, spec),
    },
    data: Object.fromEntries(
      Object.entries(spec.env).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
    ),
  };
}

function podSpecRender(
  spec: ContainerSpec,
  { isRoot, credentialId }: KnownImage,
  isApart: boolean,
): object {
  const name = containerObjectName(spec);
  const memory = `${DOLLARBOX_LIMITS.memoryMib}Mi`;
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    hostname: spec.name,
    // Root in the container is nobody outside of it.
    ...(isApart && { hostUsers: false }),
    ...(credentialId !== null && { imagePullSecrets: [{ name: pullSecretName(name) }] }),
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: GRACE_MAX_SECONDS,
    // The pod's own first process then is PID 1, and reaps.
    ...(spec.init && { shareProcessNamespace: true }),
    securityContext: {
      ...(!isApart && { runAsNonRoot: true }),
      seccompProfile: { type: 'RuntimeDefault' },
      ...(spec.volumes.length > 0 && !isRoot && { fsGroup: VOLUME_GROUP }),
    },
    containers: [
      {
        name: 'main',
        image: spec.imageId,
        imagePullPolicy: 'IfNotPresent',
        ...(spec.command.length > 0 && { command: spec.command.map(wordRender) }),
        ...(Object.keys(spec.env).length > 0 && { envFrom: [{ secretRef: { name } }] }),
        resources: { limits: { memory }, requests: { memory, cpu: '100m' } },
        securityContext: {
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'], add: isApart ? [...CAPABILITIES] : ['NET_BIND_SERVICE'] },
        },
        // The last lines are kept with the exit.
        terminationMessagePolicy: 'FallbackToLogsOnError',
        volumeMounts: spec.volumes.map(({ volume, mountPath }) => ({
          name: `v${volume.id}`,
          mountPath,
        })),
      },
    ],
    volumes: spec.volumes.map(({ volume }) => ({
      name: `v${volume.id}`,
      persistentVolumeClaim: { claimName: claimName(volume) },
    })),
  };
}

/**
 * @param replicas 0: its process is not started.
 * @param isApart whether its pod has a user namespace of its own.
 * @param generation that the Deployment will have.
 */
export function deploymentRender(
  installationId: string,
  spec: ContainerSpec,
  image: KnownImage,
  replicas: 0 | 1,
  isApart: boolean,
  generation: number,
): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: containerObjectName(spec),
      namespace: tenantNamespace(installationId, spec.tenantId),
      labels: containerLabels(installationId, spec),
      annotations: {
        [ANNOTATIONS.spec]: containerSpecHash(spec),
        [ANNOTATIONS.name]: spec.name,
        [ANNOTATIONS.generation]: String(generation),
      },
    },
    spec: {
      replicas,
      // An end that was begun pauses it.
      paused: false,
      revisionHistoryLimit: 0,
      // Never two pods at once: not of one address, one volume or one name.
      strategy: { type: 'Recreate' },
      selector: { matchLabels: selectorRender(installationId, spec.id) },
      template: {
        metadata: { labels: containerLabels(installationId, spec) },
        spec: podSpecRender(spec, image, isApart),
      },
    },
  };
}

/** What the container is reached by, by name and by address. */
export function serviceRender(
  installationId: string,
  spec: ContainerSpec,
  image: ImageFacts,
): object {
  const wanted = spec.ports.length > 0 ? spec.ports : image.exposedPorts;
  const ports = wanted.length > 0 ? wanted : [NO_PORT];
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: spec.name,
      namespace: tenantNamespace(installationId, spec.tenantId),
      labels: containerLabels(installationId, spec),
      annotations: { [ANNOTATIONS.ports]: ports.join(',') },
    },
    spec: {
      type: 'LoadBalancer',
      allocateLoadBalancerNodePorts: false,
      ipFamilies: ['IPv6'],
      ipFamilyPolicy: 'SingleStack',
      selector: selectorRender(installationId, spec.id),
      ports: ports.map((port) => ({
        name: `p${port}`,
        port,
        protocol: 'TCP',
        targetPort: port,
      })),
    },
  };
}

/** Whether a Service still leads to the container's pods, and by the ports that it was made with. */
export function isLeadingTo(
  installationId: string,
  id: number,
  { metadata, spec }: Pick<Service, 'metadata' | 'spec'>,
): boolean {
  const { selector = {}, type, ports = [], externalIPs, loadBalancerSourceRanges } = spec;
  const wanted = Object.entries(selectorRender(installationId, id));
  const isSelecting =
    Object.keys(selector).length === wanted.length &&
    wanted.every(([name, value]) => selector[name] === value);
  const noted = metadata.annotations?.[ANNOTATIONS.ports];
  const hasOwnPorts =
    (noted === undefined || noted === ports.map(({ port }) => port).join(',')) &&
    ports.every(({ port, targetPort }) => port === targetPort);
  const isPlain = externalIPs === undefined && loadBalancerSourceRanges === undefined;
  return isSelecting && hasOwnPorts && isPlain && type === 'LoadBalancer';
}

/** What takes back those of somebody's changes to a Service that server-side apply would merge with ours. */
export function serviceResetRender(wanted: object, uid: string): object {
  const { ports } = (wanted as Service).spec;
  return { metadata: { uid }, spec: { ports, externalIPs: null, loadBalancerSourceRanges: null } };
}
