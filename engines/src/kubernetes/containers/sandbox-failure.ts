/**
 * A pod whose node can't set it up. The pod's status does not say why: the node's events do, which are asked for when a
 * pod has been without a sandbox for some seconds, and not before.
 */
import { unlessMissing } from '../api/client.ts';
import type { KubeApi } from '../api/client.ts';
import { conditionOf } from '../api/objects.ts';
import type { Deployment, KubeEvent, KubeList, Pod } from '../api/objects.ts';
import type { ContainerObstacle } from '../../contract.ts';
import type { ContainerObjects } from './observation.ts';
import { podOf } from './observation.ts';

/** A pod has its sandbox after a second or two, unless its volumes are still being attached. */
const LOOK_AFTER_MS = 5000;
const EVENT_REASON = 'FailedCreatePodSandBox';
/**
 * containerd fails to start a process in the new user namespace, runc and crun to write its map of ids. The same word of
 * the kernel about anything else, such as the network, is no reason to replace a pod.
 */
const RANGE_REFUSED = /(?:\bunshare|[ug]id_map\b[^:]*): (?:[^:]*: )?invalid argument/i;

/** Since when a node has tried to set up a pod; null: it has, or does not try yet. Pure. */
export function waitsForSandboxSince({ metadata, spec, status }: Pod): Date | null {
  if (metadata.deletionTimestamp !== undefined || spec?.nodeName === undefined) return null;
  if (status?.containerStatuses?.[0]?.state?.running !== undefined) return null;
  const waiting = conditionOf(status?.conditions, 'PodReadyToStartContainers', 'False');
  if (waiting === undefined) return null;
  return new Date(waiting.lastTransitionTime ?? metadata.creationTimestamp);
}

/**
 * Whether the kernel refused the range of user ids that a kubelet gave to the pod. Each of its ranges is as likely, and
 * the last one has the id that stands for none (`(uid_t) -1`). The pod keeps its range for as long as it exists. Pure.
 */
export function isRangeRefused({ spec }: Pod, messages: readonly string[]): boolean {
  return spec?.hostUsers === false && messages.some((text) => RANGE_REFUSED.test(text));
}

/**
 * Whether a pod may be replaced: at once for the first time, and later ones after twice as long each time, should
 * something else be the cause. Pure.
 */
export function isReplaceable({ status }: Deployment, { metadata }: Pod, now: Date): boolean {
  const down = conditionOf(status?.conditions, 'Available', 'False');
  const createdMs = Date.parse(metadata.creationTimestamp);
  const downMs = Date.parse(down?.lastTransitionTime ?? metadata.creationTimestamp);
  // Times of the cluster are whole seconds.
  return now.getTime() - createdMs >= createdMs - downMs - 1000;
}

export interface SandboxFailures {
  /** Why a container's pod is not set up; undefined: it is, or will be. Replaces a pod that never will be. */
  find(objects: ContainerObjects, signal: AbortSignal): Promise<ContainerObstacle | undefined>;
}

export function sandboxFailuresCreate(api: KubeApi, now: () => Date): SandboxFailures {
  async function messagesOf({ metadata }: Pod, signal: AbortSignal): Promise<string[]> {
    const { namespace = '', uid } = metadata;
    const fieldSelector = `involvedObject.uid=${uid},reason=${EVENT_REASON}`;
    const { items } = await api.call<KubeList<KubeEvent>>({
      ...{ method: 'GET', path: `/api/v1/namespaces/${namespace}/events`, signal },
      query: { fieldSelector },
    });
    return items.map(({ message }) => message ?? '');
  }

  return {
    async find({ deployment, pods }, signal) {
      const pod = podOf(pods);
      const since = pod === undefined ? null : waitsForSandboxSince(pod);
      const isEnding = deployment.metadata.deletionTimestamp !== undefined;
      if (pod === undefined || since === null || isEnding) return undefined;
      if (now().getTime() - since.getTime() < LOOK_AFTER_MS) return undefined;
      const messages = await messagesOf(pod, signal);
      if (messages.length === 0) return undefined;
      const down = conditionOf(deployment.status?.conditions, 'Available', 'False');
      const obstacle = {
        reason: 'engine_error',
        since: new Date(down?.lastTransitionTime ?? since),
      } as const;
      if (!isRangeRefused(pod, messages)) {
        return { ...obstacle, message: 'Its node could not set up its pod, and tries again.' };
      }
      if (isReplaceable(deployment, pod, now())) {
        const { namespace, name, uid } = pod.metadata;
        const path = `/api/v1/namespaces/${namespace}/pods/${name}`;
        const body = { preconditions: { uid }, gracePeriodSeconds: 1 };
        await unlessMissing(api.call({ method: 'DELETE', path, body, signal }));
      }
      const message = 'Its node gave its pod user ids that do not work. The pod is replaced.';
      return { ...obstacle, message };
    },
  };
}
