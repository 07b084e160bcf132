/** Hints that a container or a volume changed, from watches of our objects. */
import type { KubeApi } from './api/client.ts';
import type { ObjectCache } from './api/object-cache.ts';
import type { Claim, Deployment, KubeObject, Pod, Service } from './api/objects.ts';
import { watchCreate } from './api/watch.ts';
import type { WatchListener, WatchTarget, WatchTiming } from './api/watch.ts';
import { LABELS, refRender } from './base/names.ts';
import type { KubernetesContext } from './base/options.ts';
import { targetsOf } from './base/targets.ts';
import { exitOf } from './containers/observation.ts';
import { containerOf } from './containers/seen.ts';
import type { Part, SeenContainers } from './containers/seen.ts';
import type { HintHub } from '../hints.ts';
import type { NameWaiters } from '../name-waiters.ts';

/** The ids of the volumes that a Deployment mounts, from the names of its claims. */
function volumesOf({ spec }: Deployment): number[] {
  return (spec.template.spec.volumes ?? []).flatMap(({ persistentVolumeClaim }) => {
    const id = /^v(\d+)-/.exec(persistentVolumeClaim?.claimName ?? '')?.[1];
    return id === undefined ? [] : Number(id);
  });
}

/** Feeds the hub and the cache until `signal` aborts. */
export async function changesFollow(
  { installationId, log }: KubernetesContext,
  api: KubeApi,
  cache: ObjectCache,
  hub: HintHub,
  nameWaiters: NameWaiters,
  seen: SeenContainers,
  timing: WatchTiming,
  onGap: () => void,
  signal: AbortSignal,
): Promise<void> {
  const targets = targetsOf(installationId);
  /** The Deployment of each container, by id: an exit is that of this exact object. */
  const refs = new Map<number, string>();

  function listen<T extends KubeObject>(
    target: WatchTarget,
    listener: Pick<WatchListener<T>, 'changed' | 'removed'>,
  ): Promise<void> {
    const failed = (error: unknown) =>
      log.warn(
        { err: error, path: target.path },
        'a watch of the cluster broke and is opened again',
      );
    const whole = { ...listener, gap: onGap, failed };
    return cache.follow(target, watchCreate<T>(api, target, whole, timing), signal);
  }

  /** Sweeps compare these; a change of one makes no hint. */
  const keep = (target: WatchTarget) => listen(target, { changed() {}, removed() {} });

  /** A turn that would find nothing new is not worth its requests. */
  const changed = (part: Part) => (object: KubeObject) => {
    if (seen.changed(part, object)) hub.tell('container', containerOf(object));
  };
  const removed = (part: Part) => (object: KubeObject) => {
    if (seen.removed(part, object)) hub.tell('container', containerOf(object));
  };

  await Promise.all([
    listen<Deployment>(targets.deployments, {
      changed(deployment) {
        const { name, namespace = '', uid } = deployment.metadata;
        refs.set(containerOf(deployment), refRender({ namespace, name, uid }));
        changed('deployments')(deployment);
      },
      removed(deployment) {
        const id = containerOf(deployment);
        refs.delete(id);
        seen.removed('deployments', deployment);
        hub.tell('container', id);
        for (const waiter of nameWaiters.take(id)) hub.tell('container', waiter);
        for (const volume of volumesOf(deployment)) hub.tell('volume', volume);
      },
    }),
    listen<Pod>(targets.pods, {
      changed(pod, previous) {
        const id = containerOf(pod);
        const ref = refs.get(id);
        const exit = exitOf(pod, previous);
        if (exit === undefined || ref === undefined) return changed('pods')(pod);
        seen.changed('pods', pod);
        hub.tell('container', id, exit === null ? null : { ref, exitCode: exit });
      },
      removed: removed('pods'),
    }),
    listen<Service>(targets.services, {
      changed: changed('services'),
      removed: removed('services'),
    }),
    listen<Claim>(targets.claims, {
      changed: ({ metadata }) => hub.tell('volume', Number(metadata.labels?.[LABELS.volume])),
      removed: ({ metadata }) => hub.tell('volume', Number(metadata.labels?.[LABELS.volume])),
    }),
    ...[targets.namespaces, targets.quotas, targets.limitRanges, targets.networkPolicies].map(keep),
    ...[targets.nodes, targets.serviceCidrs, targets.storageClasses].map(keep),
  ]);
}
