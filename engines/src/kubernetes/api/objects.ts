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
  managedFields?: FieldOwner[];
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

interface ProcessState {
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

export interface Pod extends KubeObject {
  spec?: { hostUsers?: boolean; nodeName?: string };
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
  spec: { storageClassName?: string };
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
