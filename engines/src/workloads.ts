/** The part of the contract that shows what people run in an org's place on the engine with tools of their own. */

/** An object that somebody created with a tool such as kubectl, and that counts against the org's limits. */
export interface Workload {
  /** As the engine's own tools call it: `Pod`, `PersistentVolumeClaim`, `Service`. */
  kind: string;
  name: string;
  /** The engine's identity of the object, which no later one of the same name has. */
  uid: string;
  /** What created it and keeps it, such as a Deployment; null: a person did. */
  owner: { kind: string; name: string } | null;
  createdAt: Date;
  uses: WorkloadUse;
}

/** What an object has of the org's limits. One that has ended may have nothing any more. */
export interface WorkloadUse {
  /** Of those that the org may have. */
  containers: number;
  memoryBytes: number;
  volumeBytes: number;
  addresses: number;
}

export interface EngineWorkloads {
  /** Those of one tenant, in no order. It requires neither `host.start` nor a reconciler in the same process. */
  list(tenantId: number): Promise<Workload[]>;
}
