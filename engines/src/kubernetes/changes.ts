/** Hints that a container or a volume changed, from watches of our objects. */
import type { KubeApi } from './api/client.ts';
import type { Claim, Deployment, KubeObject, Pod, Service } from './api/objects.ts';
import { watchRun } from './api/watch.ts';
import type { WatchListener, WatchTiming } from './api/watch.ts';
import { LABELS, ownSelector, refRender } from './base/names.ts';
import type { KubernetesContext } from './base/options.ts';
import { exitOf } from './containers/observation.ts';
import type { HintHub } from '../hints.ts';
import type { NameWaiters } from '../name-waiters.ts';

/** The ids of the volumes that a Deployment mounts, from the names of its claims. */
function volumesOf({ spec }: Deployment): number[] {
  return (spec.template.spec.volumes ?? []).flatMap(({ persistentVolumeClaim }) => {
    const id = /^v(\d+)-/.exec(persistentVolumeClaim?.claimName ?? '')?.[1];
    return id === undefined ? [] : Number(id);
  });
}

function containerOf({ metadata }: KubeObject): number {
  return Number(metadata.labels?.[LABELS.container]);
}

/** Feeds the hub until `signal` aborts. */
export async function changesFollow(
  { installationId, log }: KubernetesContext,
  api: KubeApi,
  hub: HintHub,
  nameWaiters: NameWaiters,
  timing: WatchTiming,
  onGap: () => void,
  signal: AbortSignal,
): Promise<void> {
  const selector = (label: string) => `${ownSelector(installationId)},${label}`;
  /** The Deployment of each container, by id: an exit is that of this exact object. */
  const refs = new Map<number, string>();

  function listen<T extends KubeObject>(
    path: string,
    label: string,
    listener: Pick<WatchListener<T>, 'changed' | 'removed'>,
  ): Promise<void> {
    const failed = (error: unknown) =>
      log.warn({ err: error, path }, 'a watch of the cluster broke and is opened again');
    const whole = { ...listener, gap: onGap, failed };
    return watchRun<T>(api, { path, labelSelector: selector(label) }, whole, timing, signal);
  }

  const tell = (object: KubeObject) => hub.tell('container', containerOf(object));

  await Promise.all([
    listen<Deployment>('/apis/apps/v1/deployments', LABELS.container, {
      changed(deployment) {
        const { name, namespace = '', uid } = deployment.metadata;
        refs.set(containerOf(deployment), refRender({ namespace, name, uid }));
        tell(deployment);
      },
      removed(deployment) {
        const id = containerOf(deployment);
        refs.delete(id);
        tell(deployment);
        for (const waiter of nameWaiters.take(id)) hub.tell('container', waiter);
        for (const volume of volumesOf(deployment)) hub.tell('volume', volume);
      },
    }),
    listen<Pod>('/api/v1/pods', LABELS.container, {
      changed(pod, previous) {
        const id = containerOf(pod);
        const ref = refs.get(id);
        const exit = exitOf(pod, previous);
        if (exit === undefined || ref === undefined) return tell(pod);
        hub.tell('container', id, exit === null ? null : { ref, exitCode: exit });
      },
      removed: tell,
    }),
    listen<Service>('/api/v1/services', LABELS.container, { changed: tell, removed: tell }),
    listen<Claim>('/api/v1/persistentvolumeclaims', LABELS.volume, {
      changed: ({ metadata }) => hub.tell('volume', Number(metadata.labels?.[LABELS.volume])),
      removed: ({ metadata }) => hub.tell('volume', Number(metadata.labels?.[LABELS.volume])),
    }),
  ]);
}
