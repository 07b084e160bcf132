/** The container verbs. */
import { containerSpecHash, EngineError, volumePathsUncovered } from '../../contract.ts';
import type { ContainerListing, ContainerObservation, ContainerSpec } from '../../contract.ts';
import { isKubeStatus, unlessMissing } from '../api/client.ts';
import type { KubeApi } from '../api/client.ts';
import type { Deployment, Service } from '../api/objects.ts';
import { LABELS, containerObjectName, pullSecretName, tenantNamespace } from '../base/names.ts';
import type { KubernetesContext } from '../base/options.ts';
import type { ImageStore, KnownImage } from '../images/image-store.ts';
import { pathOf, stillEnding } from './container-objects.ts';
import type { ContainerStore } from './container-objects.ts';
import type { NameWaiters } from '../../name-waiters.ts';
import { listingOf, observationOf } from './observation.ts';
import type { ContainerObjects } from './observation.ts';
import type { SeenContainers } from './seen.ts';
import { sandboxFailuresCreate } from './sandbox-failure.ts';
import {
  deploymentRender,
  isLeadingTo,
  secretRender,
  serviceRender,
  serviceResetRender,
} from './render.ts';

export interface Containers {
  apply(spec: ContainerSpec, signal: AbortSignal): Promise<ContainerObservation>;
  observe(id: number, signal: AbortSignal): Promise<ContainerObservation | null>;
  end(ref: string, graceMs: number, signal: AbortSignal): Promise<void>;
  list(signal: AbortSignal): Promise<ContainerListing[]>;
  release(id: number, signal: AbortSignal): Promise<void>;
}

export interface ContainerParts {
  api: KubeApi;
  store: ContainerStore;
  images: ImageStore;
  nameWaiters: NameWaiters;
  seen: SeenContainers;
  /** A Secret of that name for whoever pulls the image; null: the tenant has no credential for it any more. */
  pullSecret(image: KnownImage, name: string): Promise<object | null>;
  tenantEnsure(id: number, signal: AbortSignal): Promise<void>;
  /** Whether the cluster can run pods in user namespaces. */
  hasUserNamespaces(): boolean;
  /** @throws EngineError if one of its volumes is missing, not startable, or held by another container. */
  volumesRequire(spec: ContainerSpec, signal: AbortSignal): Promise<void>;
}

export function containersCreate(
  { installationId, now }: KubernetesContext,
  parts: ContainerParts,
): Containers {
  const { api, store, seen, images, nameWaiters, pullSecret, tenantEnsure, volumesRequire } = parts;
  const sandboxes = sandboxFailuresCreate(api, now);

  async function observe(id: number, signal: AbortSignal): Promise<ContainerObservation | null> {
    const objects = await store.find(id, seen.namespaceOf(id), signal);
    seen.looked(id, objects);
    if (objects === undefined) return null;
    await store.exitsRecord(objects, signal);
    const unready = await sandboxes.find(objects, signal);
    return observationOf(installationId, objects, unready);
  }

  /** How often the Deployment of a new container is applied. */
  const putsOf = ({ volumes }: ContainerSpec) => (volumes.length > 0 ? 2 : 1);

  async function imageOf(spec: ContainerSpec, signal: AbortSignal): Promise<KnownImage> {
    const found = await images.findById(spec.tenantId, spec.imageId, signal);
    if (found !== undefined) return found;
    throw new EngineError('not_found', 'image_missing', 'The image is not in the cluster.');
  }

  /** The one of its env is usually gone with its Deployment. Secrets are never listed or read. */
  async function secretsRemove(
    namespace: string,
    container: { name: string; id: number },
    signal: AbortSignal,
  ): Promise<void> {
    const name = containerObjectName(container);
    for (const secret of [name, pullSecretName(name)]) {
      const path = pathOf('secrets', namespace, secret);
      await unlessMissing(api.call({ method: 'DELETE', path, signal }));
    }
  }

  function servicePath({ tenantId, name }: ContainerSpec): string {
    return pathOf('services', tenantNamespace(installationId, tenantId), name);
  }

  /** The Service that has the container's name, whoever's it is. */
  function serviceFind(spec: ContainerSpec, signal: AbortSignal): Promise<Service | undefined> {
    return unlessMissing(api.call<Service>({ method: 'GET', path: servicePath(spec), signal }));
  }

  /**
   * Makes the container's name lead to it. A name whose holder is gone is taken from it.
   * @param found what has that name.
   */
  async function serviceEnsure(
    spec: ContainerSpec,
    image: KnownImage,
    found: Service | undefined,
    signal: AbortSignal,
  ): Promise<Service> {
    const namespace = tenantNamespace(installationId, spec.tenantId);
    const path = servicePath(spec);
    const holder = Number(found?.metadata.labels?.[LABELS.container]);
    if (found !== undefined && holder !== spec.id) {
      const [held] = await store.listKind<Deployment>('deployments', holder, signal);
      if (held !== undefined || Number.isNaN(holder)) {
        nameWaiters.add(holder, spec.id);
        const message = `The name "${spec.name}" is still in use.`;
        throw new EngineError('retryable', 'name_busy', message);
      }
      // With the Service, nobody would find them any more.
      await secretsRemove(namespace, { name: spec.name, id: holder }, signal);
      const body = { preconditions: { uid: found.metadata.uid } };
      await unlessMissing(api.call({ method: 'DELETE', path, body, signal }));
    }
    const wanted = serviceRender(installationId, spec, image);
    if (found !== undefined && holder === spec.id && !isLeadingTo(installationId, spec.id, found)) {
      const contentType = 'application/merge-patch+json';
      const body = serviceResetRender(wanted, found.metadata.uid);
      await unlessMissing(api.call({ method: 'PATCH', path, contentType, body, signal }));
    }
    return api.apply<Service>(path, wanted, signal);
  }

  /**
   * @param named what has its name.
   * @returns what the cluster has of it now.
   */
  async function create(
    spec: ContainerSpec,
    image: KnownImage,
    named: Service | undefined,
    signal: AbortSignal,
  ): Promise<ContainerObjects> {
    const uncovered = volumePathsUncovered(image.volumePaths, spec.volumes);
    if (uncovered.length > 0) {
      const message = `The image has a VOLUME at ${uncovered.join(', ')}, for which there is no volume.`;
      throw new EngineError('conflict', 'image_volumes', message);
    }
    await volumesRequire(spec, signal);
    const made = await serviceEnsure(spec, image, named, signal);
    const deployment = await objectsApply(spec, image, undefined, signal);
    // A new one may have got its address meanwhile. Of one that was changed, the watch may know less.
    const later = named === undefined ? seen.serviceOf(spec.id, made.metadata.uid) : undefined;
    return { deployment, pods: [], service: later ?? made };
  }

  /**
   * A container with volumes is created without a process. Only when no other container's object holds one of them is
   * it started: of two that look at the same time, at least one sees the other.
   * @param known its Deployment, if it has one.
   */
  async function objectsApply(
    spec: ContainerSpec,
    image: KnownImage,
    known: Deployment | undefined,
    signal: AbortSignal,
  ): Promise<Deployment> {
    const namespace = tenantNamespace(installationId, spec.tenantId);
    const name = containerObjectName(spec);
    const path = pathOf('deployments', namespace, name);
    if (Object.keys(spec.env).length > 0) {
      const secret = secretRender(installationId, spec);
      await api.apply(pathOf('secrets', namespace, name), secret, signal);
    }
    if (image.credentialId !== null) {
      const secretName = pullSecretName(name);
      const secret = await pullSecret(image, secretName);
      const secretPath = pathOf('secrets', namespace, secretName);
      if (secret !== null) await api.apply(secretPath, secret, signal);
    }
    const isApart = parts.hasUserNamespaces();
    const put = (replicas: 0 | 1, before: Deployment | undefined) =>
      deploymentPut(
        path,
        (generation) =>
          deploymentRender(installationId, spec, image, replicas, isApart, generation),
        before,
        signal,
      );
    let before = known;
    if (spec.volumes.length > 0) {
      before ??= await unlessMissing(api.call<Deployment>({ method: 'GET', path, signal }));
      if (before?.spec.replicas !== 1) {
        before = await put(0, before);
        try {
          await volumesRequire(spec, signal);
        } catch (error) {
          // It has never run: it must hold nothing.
          const { uid } = before.metadata;
          await store.end({ namespace, name, uid, id: spec.id }, 0, signal);
          throw error;
        }
      }
    }
    return put(1, before);
  }

  /** Applies a Deployment with a note of the generation that it then has. */
  async function deploymentPut(
    path: string,
    render: (generation: number) => object,
    before: Deployment | undefined,
    signal: AbortSignal,
  ): Promise<Deployment> {
    const expected = (before?.metadata.generation ?? 0) + 1;
    const made = await api.apply<Deployment>(path, render(expected), signal);
    const { generation = expected } = made.metadata;
    if (generation === expected) return made;
    // Another worker had it, or has just changed it. The correction of the note is one more change.
    return api.apply<Deployment>(path, render(generation + 1), signal);
  }

  /** @throws EngineError `differs` if the object is another spec's. */
  function requireSame(spec: ContainerSpec, observed: ContainerObservation): void {
    if (observed.specHash === containerSpecHash(spec) && observed.imageId === spec.imageId) return;
    const message = 'The engine has this container with other settings.';
    throw new EngineError('conflict', 'differs', message);
  }

  /** @returns what the cluster has of it now, if that is all that it has. */
  async function bringUp(
    spec: ContainerSpec,
    signal: AbortSignal,
  ): Promise<ContainerObjects | undefined> {
    const namespace = tenantNamespace(installationId, spec.tenantId);
    const [[known], named] = await Promise.all([
      store.listKind<Deployment>('deployments', spec.id, signal, namespace),
      serviceFind(spec, signal),
    ]);
    if (known === undefined) {
      const made = await create(spec, await imageOf(spec, signal), named, signal);
      // Unless another worker has made it meanwhile, it is as old as this.
      return made.deployment.metadata.generation === putsOf(spec) ? made : undefined;
    }
    const objects = await store.find(spec.id, namespace, signal);
    if (objects !== undefined) await bringUpExisting(spec, objects, signal);
    return undefined;
  }

  async function bringUpExisting(
    spec: ContainerSpec,
    objects: ContainerObjects,
    signal: AbortSignal,
  ): Promise<void> {
    if (objects.deployment.metadata.deletionTimestamp !== undefined) throw stillEnding();
    requireSame(spec, observationOf(installationId, objects));
    const image = await images.findById(spec.tenantId, spec.imageId, signal);
    const { service, deployment } = objects;
    // One that was never started is checked while it is, and removed if it can't be.
    if (spec.volumes.length > 0 && deployment.spec.replicas === 1)
      await volumesRequire(spec, signal);
    if (image === undefined) return;
    const isReachable = service !== undefined && isLeadingTo(installationId, spec.id, service);
    if (!isReachable) {
      await serviceEnsure(spec, image, await serviceFind(spec, signal), signal);
    }
    const isHalf = deployment.spec.replicas !== 1 || deployment.spec.paused === true;
    if (isHalf) await objectsApply(spec, image, deployment, signal);
  }

  return {
    observe,

    async apply(spec, signal) {
      const fresh = await bringUp(spec, signal).catch(async (error: unknown) => {
        if (!isKubeStatus(error, 404)) throw error;
        // The namespace is gone.
        await tenantEnsure(spec.tenantId, signal);
        return bringUp(spec, signal);
      });
      if (fresh !== undefined) {
        seen.looked(spec.id, fresh);
        return observationOf(installationId, fresh);
      }
      const made = await observe(spec.id, signal);
      if (made !== null) return made;
      throw new EngineError('retryable', 'engine_error', 'The container was removed by another.');
    },

    async end(ref, graceMs, signal) {
      const found = await store.findRef(ref, signal);
      if (found !== undefined) await store.end(found, graceMs, signal);
    },

    list: async (signal) =>
      (await store.list(signal)).map((objects) => listingOf(installationId, objects)),

    async release(id, signal) {
      for (const { metadata } of await store.listKind<Service>('services', id, signal)) {
        const { namespace = '', name, uid } = metadata;
        await secretsRemove(namespace, { name, id }, signal);
        const path = pathOf('services', namespace, name);
        const body = { preconditions: { uid } };
        await unlessMissing(api.call({ method: 'DELETE', path, body, signal }));
      }
    },
  };
}
