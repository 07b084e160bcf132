/**
 * What was last seen of each container, by the watches or by a look of this process. Most changes of its objects show
 * nothing new of the container: a Deployment alone changes its status four times while its first pod starts.
 */
import { createHash } from 'node:crypto';
import type { Deployment, KubeObject, Pod, Service } from '../api/objects.ts';
import { LABELS } from '../base/names.ts';
import { observationOf } from './observation.ts';
import type { ContainerObjects } from './observation.ts';

interface Parts {
  deployments: Map<string, Deployment>;
  pods: Map<string, Pod>;
  services: Map<string, Service>;
  /** Of what was seen last; null: nothing. */
  digest: string | null;
}

export type Part = 'deployments' | 'pods' | 'services';

export interface SeenContainers {
  /** A watch has seen an object of a container. @returns whether it shows something new of the container. */
  changed(part: Part, object: KubeObject): boolean;
  /** A watch has seen that it is gone. @returns as `changed`. */
  removed(part: Part, object: KubeObject): boolean;
  /** This process has looked itself: the watches will tell it nothing new with the same objects. */
  looked(id: number, objects: ContainerObjects | undefined): void;
  /** A container's Service as the watch has seen this very one last; undefined: it has not. */
  serviceOf(id: number, uid: string): Service | undefined;
  /** Where a container is; undefined: it is not known. A container stays in its namespace. */
  namespaceOf(id: number): string | undefined;
}

export function containerOf({ metadata }: KubeObject): number {
  return Number(metadata.labels?.[LABELS.container]);
}

export function seenContainersCreate(installationId: string): SeenContainers {
  const seen = new Map<number, Parts>();

  function digestOf(all: readonly ContainerObjects[]): string | null {
    if (all.length === 0) return null;
    const found = all.map((objects) => observationOf(installationId, objects));
    return createHash('sha256').update(JSON.stringify(found)).digest('base64');
  }

  function partsOf(id: number): Parts {
    const known = seen.get(id);
    if (known !== undefined) return known;
    const made = { deployments: new Map(), pods: new Map(), services: new Map(), digest: null };
    seen.set(id, made);
    return made;
  }

  /** Without a Deployment there is no container: the watch of Services may be ahead of the one of Deployments. */
  function newsTake(parts: Parts): boolean {
    const { deployments, pods, services } = parts;
    if (deployments.size === 0) return false;
    const [service] = services.values();
    const digest = digestOf(
      Array.from(deployments.values(), (deployment) => ({
        deployment,
        pods: [...pods.values()],
        service,
      })),
    );
    const hasNews = digest !== parts.digest;
    parts.digest = digest;
    return hasNews;
  }

  function forgetEmpty(id: number, { deployments, pods, services, digest }: Parts): void {
    if (digest === null && deployments.size + pods.size + services.size === 0) seen.delete(id);
  }

  return {
    changed(part, object) {
      const parts = partsOf(containerOf(object));
      (parts[part] as Map<string, KubeObject>).set(object.metadata.uid, object);
      return newsTake(parts);
    },

    removed(part, object) {
      const id = containerOf(object);
      const parts = partsOf(id);
      parts[part].delete(object.metadata.uid);
      const isEnd = part === 'deployments' && parts.deployments.size === 0;
      if (isEnd) parts.digest = null;
      const hasNews = isEnd || newsTake(parts);
      forgetEmpty(id, parts);
      return hasNews;
    },

    looked(id, objects) {
      const parts = partsOf(id);
      parts.digest = digestOf(objects === undefined ? [] : [objects]);
      forgetEmpty(id, parts);
    },

    serviceOf: (id, uid) => seen.get(id)?.services.get(uid),

    namespaceOf(id) {
      const [found] = seen.get(id)?.deployments.values() ?? [];
      return found?.metadata.namespace;
    },
  };
}
