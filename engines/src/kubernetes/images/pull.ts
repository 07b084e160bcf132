/** Pulls an image: what is known of it comes from its registry, by the client that all engines use; then a node pulls it. */
import type { ImageReference } from '../../registry/image-reference.ts';
import { canonicalReference } from '../../registry/image-reference.ts';
import type { Platform } from '../../registry/manifest.ts';
import { PullError } from '../../registry/pull-error.ts';
import { remoteImageOpen } from '../../registry/registry-client.ts';
import { registryHost } from '../../registry/registry-guard.ts';
import type { KubeApi } from '../api/client.ts';
import type { KubeList, Node } from '../api/objects.ts';
import type { KubernetesEngineOptions } from '../base/options.ts';
import { imageFactsRead } from './image-facts.ts';
import type { KnownImage } from './image-store.ts';
import { imagePullByPod } from './pull-pod.ts';
import { pullSecretRender } from './pull-secret.ts';

const HUB_ENDPOINTS = ['https://registry-1.docker.io'];
const LOOPBACK = /^(?:127\.|::1$|localhost$)/;

/** As for Docker, a registry on loopback needs no certificate. */
function isInsecure(registry: string): boolean {
  return LOOPBACK.test(registryHost(registry));
}

/** The platform of the cluster's nodes. Clusters with several are not supported: the first node's counts. */
async function platformRead(api: KubeApi, signal: AbortSignal): Promise<Platform> {
  const { items } = await api.call<KubeList<Node>>({
    ...{ method: 'GET', path: '/api/v1/nodes', query: { limit: '1' }, signal },
  });
  const info = items[0]?.status.nodeInfo;
  return { os: info?.operatingSystem ?? 'linux', architecture: info?.architecture ?? 'amd64' };
}

const NEEDS_ROOT =
  'The image starts as root, and this cluster can not run it so that root is nobody outside: it has no user namespaces for pods. Use an image whose user is not root.';

/** @param hasUserNamespaces whether images that start as root can be run. */
export function pullCreate(
  options: KubernetesEngineOptions,
  api: KubeApi,
  hasUserNamespaces: () => boolean,
) {
  const { installationId, allowedRegistries, now, proxyEnvironment } = options;
  let platform: Promise<Platform> | undefined;

  /** @throws PullError */
  return async function pull(
    tenantId: number,
    reference: ImageReference,
    signal: AbortSignal,
  ): Promise<KnownImage> {
    platform ??= platformRead(api, signal).catch((error: unknown) => {
      platform = undefined;
      throw error;
    });
    const credential = (await options.registryCredential?.(tenantId, reference)) ?? null;
    const remote = await remoteImageOpen(
      reference,
      {
        platform: await platform,
        hubEndpoints: HUB_ENDPOINTS,
        trusted: allowedRegistries,
        isInsecure,
        ...(proxyEnvironment && { proxyEnvironment }),
        ...(credential && { credential }),
      },
      signal,
    );
    const facts = imageFactsRead(reference, remote);
    if (facts.isRoot && !hasUserNamespaces()) throw new PullError('image_rejected', NEEDS_ROOT);
    const secret =
      credential === null
        ? undefined
        : (name: string) => pullSecretRender(installationId, name, reference.registry, credential);
    const order = { imageId: facts.imageId, secret, isApart: hasUserNamespaces() };
    await imagePullByPod(installationId, api, order, signal);
    return {
      ...facts,
      tenantId,
      ref: canonicalReference(reference),
      pulledAt: now(),
      credentialId: credential?.id ?? null,
    };
  };
}
