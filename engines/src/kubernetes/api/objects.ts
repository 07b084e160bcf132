/** The parts of Kubernetes' objects that are used here, as the API server sends them. */

interface Metadata {
  name: string;
  namespace?: string;
  uid: string;
  resourceVersion: string;
  /** Of kinds that count changes of their `spec`. */
  generation?: number;
  creationTimestamp: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: OwnerReference[];
  managedFields?: FieldOwner[];
}

export interface OwnerReference {
  kind: string;
  name: string;
  /** Of several owners, the one that keeps the object. */
  controller?: boolean;
}

/** Who wrote which fields of an object last. */
export interface FieldOwner {
  manager?: string;
  /** `status`, `scale`; omitted: the object itself. */
  subresource?: string;
  fieldsV1?: Record<string, unknown>;
}

export interface KubeObject {
  metadata: Metadata;
}

export interface KubeList<T> {
  metadata: { resourceVersion: string; continue?: string };
  items: T[];
}

export interface Deployment extends KubeObject {
  spec: {
    replicas?: number;
    paused?: boolean;
    template: {
      spec: {
        containers: { image: string }[];
        volumes?: { persistentVolumeClaim?: { claimName: string } }[];
      };
    };
  };
  status?: { conditions?: Condition[] };
}

/** @returns the condition if it has this status. */
export function conditionOf(
  conditions: readonly Condition[] | undefined,
  type: string,
  status: string,
): Condition | undefined {
  return conditions?.find((each) => each.type === type && each.status === status);
}

/** What a component of the cluster says of an object. */
export interface KubeEvent extends KubeObject {
  message?: string;
}

export interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
}

interface Terminated {
  exitCode: number;
  reason?: string;
  message?: string;
  startedAt?: string | null;
  finishedAt?: string | null;
}

export interface ProcessState {
  running?: { startedAt?: string };
  terminated?: Terminated;
  waiting?: { reason?: string; message?: string };
}

export interface ContainerStatus {
  restartCount: number;
  ready?: boolean;
  imageID?: string;
  state?: ProcessState;
  lastState?: ProcessState;
}

/** A container as a pod's spec has it. */
export interface PodContainer {
  /** Of an init container: `Always`, if it runs as long as the pod. */
  restartPolicy?: string;
  resources?: { limits?: Record<string, string> };
}

export interface Pod extends KubeObject {
  spec?: {
    hostUsers?: boolean;
    nodeName?: string;
    containers?: PodContainer[];
    initContainers?: PodContainer[];
  };
  status?: {
    phase?: string;
    podIPs?: { ip: string }[];
    reason?: string;
    message?: string;
    conditions?: Condition[];
    containerStatuses?: ContainerStatus[];
  };
}

export interface Service extends KubeObject {
  spec: {
    type?: string;
    selector?: Record<string, string>;
    ports?: { port: number; targetPort?: number | string }[];
    externalIPs?: string[];
    loadBalancerSourceRanges?: string[];
  };
  status?: { loadBalancer?: { ingress?: { ip?: string }[] } };
}

export interface Claim extends KubeObject {
  spec: { storageClassName?: string; resources?: { requests?: Record<string, string> } };
  status?: { phase?: string };
}

export interface StorageClass extends KubeObject {
  volumeBindingMode?: string;
}

export interface ConfigMap extends KubeObject {
  data?: Record<string, string>;
}

export interface Node extends KubeObject {
  spec?: { podCIDRs?: string[] };
  status: {
    nodeInfo: { operatingSystem: string; architecture: string };
    addresses?: { type: string; address: string }[];
  };
}

export interface ResourceQuota extends KubeObject {
  spec: { hard?: Record<string, string> };
  status?: { hard?: Record<string, string> };
}

export interface ServiceCidr extends KubeObject {
  spec: { cidrs: string[] };
}

export interface EndpointSlice extends KubeObject {
  endpoints: { addresses: string[] }[];
  ports?: { port?: number }[];
}
