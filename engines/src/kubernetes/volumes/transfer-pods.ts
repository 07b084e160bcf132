/**
 * The pod by which the files of a volume are read or written. It is in the org's namespace, as the volume is, and there is
 * one at a time: DollarBox may run commands in pods of this one name only (`rbac.yaml`).
 */
import { CAPABILITIES } from '../../capabilities.ts';
import { EngineError } from '../../contract.ts';
import { isKubeStatus, unlessMissing } from '../api/client.ts';
import type { KubeApi } from '../api/client.ts';
import type { Claim, KubeList, Pod } from '../api/objects.ts';
import { LABELS, ownLabels, ownSelector } from '../base/names.ts';
import type { ObjectRef } from '../base/names.ts';
import { poll } from '../base/poll.ts';
import { PULL_FAILURES } from '../base/pull-failure.ts';
import { TRANSFER_REQUEST } from '../base/transfer-request.ts';

const POD_NAME = 'dollarbox-volume-data';
const ROLE = 'volume-data';
/** Where it has the volume. */
export const DATA_FOLDER = '/data';
/** Images are pulled and volumes are made meanwhile. */
const START_MS = 300_000;
const REMOVE_MS = 60_000;
/** No volume takes as long. */
const LIFETIME_SECONDS = 7 * 86_400;
/** One that is as old and does not run was left by a process that was killed. */
const ABANDONED_MS = 3_600_000;

/**
 * Ends a minute after the last command in it: a process that is killed leaves a pod that ends by itself. While nothing
 * else runs there, the first process is the only one.
 */
const MAIN = `
trap 'exit 0' TERM
idle=0
while [ $idle -lt 60 ]; do
  sleep 1 & wait $!
  set -- /proc/[0-9]*
  if [ $# -gt 1 ]; then idle=0; else idle=$((idle + 1)); fi
done`;

interface TransferOrder {
  claim: Claim;
  isReadOnly: boolean;
  /** The containers that have the volume: many storage drivers attach one to one node only. */
  heldBy: readonly number[];
}

export interface TransferPods {
  /** Waits until it runs. Another transfer of the same org is waited for. @throws EngineError */
  open(order: TransferOrder, closing: AbortSignal): Promise<ObjectRef>;
  /** Returns when the node has confirmed its end. */
  close(pod: ObjectRef): Promise<void>;
  /** Removes the one that mounts this claim, whoever uses it. */
  clear(claim: Pick<ObjectRef, 'namespace' | 'name'>, signal: AbortSignal): Promise<void>;
  /** Removes those that have ended, of all tenants. */
  tidy(now: Date, signal: AbortSignal): Promise<void>;
}

interface TransferPod extends Pod {
  spec?: NonNullable<Pod['spec']> & {
    volumes?: { persistentVolumeClaim?: { claimName: string } }[];
  };
}

const folderOf = (namespace: string) => `/api/v1/namespaces/${namespace}/pods`;

function podRender(
  installationId: string,
  image: string,
  { claim, isReadOnly, heldBy }: TransferOrder,
): object {
  const memory = `${TRANSFER_REQUEST.memoryMib}Mi`;
  const nearby = {
    topologyKey: 'kubernetes.io/hostname',
    labelSelector: {
      matchLabels: { [LABELS.installation]: installationId },
      matchExpressions: [{ key: LABELS.container, operator: 'In', values: heldBy.map(String) }],
    },
  };
  const affinity = {
    podAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: nearby }],
    },
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: POD_NAME,
      labels: {
        ...ownLabels(installationId),
        [LABELS.tenant]: claim.metadata.labels?.[LABELS.tenant],
        [LABELS.role]: ROLE,
      },
    },
    spec: {
      restartPolicy: 'Never',
      activeDeadlineSeconds: LIFETIME_SECONDS,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: 1,
      // Owners are as the org's containers see them.
      hostUsers: false,
      ...(heldBy.length > 0 && { affinity }),
      securityContext: { runAsUser: 0, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'main',
          image,
          imagePullPolicy: 'IfNotPresent',
          command: ['sh', '-c', MAIN],
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            // Without the last, files lose the bit for their group.
            capabilities: { drop: ['ALL'], add: [...CAPABILITIES, 'FSETID'] },
          },
          resources: {
            limits: { memory },
            requests: { memory, cpu: `${TRANSFER_REQUEST.cpuMillis}m` },
          },
          volumeMounts: [{ name: 'data', mountPath: DATA_FOLDER, readOnly: isReadOnly }],
        },
      ],
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: claim.metadata.name } }],
    },
  };
}

const hasEnded = ({ status }: Pod) => status?.phase === 'Succeeded' || status?.phase === 'Failed';

/** What the API server's refusal means; null: it gets better by itself. */
function refusalOf(error: unknown): EngineError | null {
  const said = String(error);
  // A namespace that was just made gets its account a moment later.
  if (said.includes('serviceaccount')) return null;
  if (said.includes('exceeded quota')) {
    const message =
      'The quota of the org has no room for the pod that reads and writes volumes: it needs one pod and 64 MiB.';
    return new EngineError('retryable', 'quota', message, { cause: error });
  }
  return unpreparedError(error);
}

/** The cluster refuses what its administrator has to allow. */
export function unpreparedError(cause: unknown): EngineError {
  const message =
    'The cluster refuses the pod that reads and writes volumes: its administrator has to apply engines/kubernetes/rbac.yaml and policies.yaml again.';
  return new EngineError('permanent', 'unsupported', message, { cause });
}

export function transferPodsCreate(
  installationId: string,
  api: KubeApi,
  { image, hasUserNamespaces }: { image: string; hasUserNamespaces(): boolean },
): TransferPods {
  async function remove(
    { namespace = '', name, uid }: Pod['metadata'],
    signal: AbortSignal,
  ): Promise<void> {
    const path = `${folderOf(namespace)}/${name}`;
    const body = { gracePeriodSeconds: 1, preconditions: { uid } };
    try {
      await unlessMissing(api.call({ method: 'DELETE', path, body, signal }));
    } catch (error) {
      // Another one has that name now.
      if (!isKubeStatus(error, 409)) throw error;
    }
  }

  async function read(namespace: string, signal: AbortSignal): Promise<TransferPod | undefined> {
    const path = `${folderOf(namespace)}/${POD_NAME}`;
    const found = await unlessMissing(api.call<TransferPod>({ method: 'GET', path, signal }));
    if (found === undefined || found.metadata.labels?.[LABELS.role] === ROLE) return found;
    const message = `The namespace of the org has a pod "${POD_NAME}" that is not DollarBox's.`;
    throw new EngineError('conflict', 'name_taken', message);
  }

  /** @returns null: another is there. */
  async function create(order: TransferOrder, signal: AbortSignal): Promise<Pod | null> {
    const { namespace = '' } = order.claim.metadata;
    const body = podRender(installationId, image, order);
    try {
      return await api.call<Pod>({ method: 'POST', path: folderOf(namespace), body, signal });
    } catch (error) {
      if (isKubeStatus(error, 409, 'AlreadyExists')) {
        const other = await read(namespace, signal);
        if (other !== undefined && hasEnded(other)) await remove(other.metadata, signal);
        return null;
      }
      if (!isKubeStatus(error, 403) && !isKubeStatus(error, 422)) throw error;
      const refusal = refusalOf(error);
      if (refusal !== null) throw refusal;
      return null;
    }
  }

  /** @returns why it does not run yet; null: it does. @throws EngineError if it never will. */
  function waitsFor(pod: Pod | undefined): string | null {
    const { state } = pod?.status?.containerStatuses?.[0] ?? {};
    if (pod !== undefined && state?.running !== undefined) return null;
    if (pod === undefined || hasEnded(pod)) {
      const message = 'The pod that reads and writes volumes was ended by others.';
      throw new EngineError('retryable', 'engine_error', message);
    }
    if (PULL_FAILURES.has(state?.waiting?.reason ?? '')) {
      const message = `The cluster can't pull the image ${image}, by which volumes are read and written: set PROBE_IMAGE to one with BusyBox that the nodes can pull.`;
      throw new EngineError('retryable', 'image_pull_error', message);
    }
    const unscheduled = pod.status?.conditions?.find(
      ({ type, status }) => type === 'PodScheduled' && status === 'False',
    );
    return unscheduled?.message ?? state?.waiting?.message ?? 'it has not started yet.';
  }

  async function running(pod: Pod, signal: AbortSignal, note: (why: string) => void) {
    const { namespace = '', uid } = pod.metadata;
    await poll(signal, async () => {
      const found = await read(namespace, signal);
      const why = waitsFor(found?.metadata.uid === uid ? found : undefined);
      if (why !== null) note(why);
      return why === null;
    });
  }

  async function close({ namespace, name, uid }: ObjectRef): Promise<void> {
    const signal = AbortSignal.timeout(REMOVE_MS);
    const isGone = async () => {
      const found = await read(namespace, signal);
      return found?.metadata.uid !== uid;
    };
    // One that stays ends by itself, and is removed by a sweep.
    await remove({ namespace, name, uid } as Pod['metadata'], signal)
      .then(() => poll(signal, isGone))
      .catch(() => undefined);
  }

  return {
    close,

    async open(order, closing) {
      if (!hasUserNamespaces()) {
        const message =
          'This cluster has no user namespaces for pods, without which the owners of files can be neither read nor kept.';
        throw new EngineError('permanent', 'unsupported', message);
      }
      const late = AbortSignal.timeout(START_MS);
      const signal = AbortSignal.any([closing, late]);
      let why = 'another volume of the org is being read or written.';
      let opened: ObjectRef | undefined;
      try {
        const pod = await poll(signal, () => create(order, signal));
        const { namespace = '', name, uid } = pod.metadata;
        opened = { namespace, name, uid };
        await running(pod, signal, (found) => (why = found));
        return opened;
      } catch (error) {
        if (opened !== undefined) await close(opened);
        if (!late.aborted || closing.aborted) throw error;
        const message = `The pod that reads and writes volumes did not start within ${START_MS / 1000} s: ${why}`;
        throw new EngineError('retryable', 'unschedulable', message, { cause: error });
      }
    },

    async clear({ namespace, name }, signal) {
      const pod = await read(namespace, signal);
      const mounts = pod?.spec?.volumes?.some(
        ({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName === name,
      );
      if (pod !== undefined && mounts === true) await remove(pod.metadata, signal);
    },

    async tidy(now, signal) {
      const query = { labelSelector: ownSelector(installationId, { [LABELS.role]: ROLE }) };
      const list = { method: 'GET', path: '/api/v1/pods', query, signal } as const;
      for (const pod of (await api.call<KubeList<Pod>>(list)).items) {
        const ageMs = now.getTime() - Date.parse(pod.metadata.creationTimestamp);
        const isAbandoned = pod.status?.phase !== 'Running' && ageMs > ABANDONED_MS;
        if (hasEnded(pod) || isAbandoned) await remove(pod.metadata, signal);
      }
    },
  };
}
