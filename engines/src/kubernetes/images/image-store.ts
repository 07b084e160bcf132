/**
 * Which images each tenant may use, by which reference, and what is known of them: a ConfigMap for each, in the
 * installation's own namespace. So every process knows what any process has pulled.
 */
import { createHash } from 'node:crypto';
import { unlessMissing } from '../api/client.ts';
import type { KubeApi } from '../api/client.ts';
import type { ConfigMap, KubeList } from '../api/objects.ts';
import { imageObjectName, LABELS, ownLabels, ownSelector, systemNamespace } from '../base/names.ts';
import type { ImageFacts } from './image-facts.ts';

export interface KnownImage extends ImageFacts {
  tenantId: number;
  /** The full reference that it was pulled by. */
  ref: string;
  pulledAt: Date;
  /** The credential that the pull used; null: none. */
  credentialId: number | null;
}

export interface ImageStore {
  find(tenantId: number, ref: string, signal: AbortSignal): Promise<KnownImage | undefined>;
  /** What the tenant may run by the image's own identity. */
  findById(tenantId: number, imageId: string, signal: AbortSignal): Promise<KnownImage | undefined>;
  put(image: KnownImage, signal: AbortSignal): Promise<void>;
  list(signal: AbortSignal): Promise<KnownImage[]>;
  remove(image: KnownImage, signal: AbortSignal): Promise<void>;
}

/** A turn that has looked at an image and then starts its container need not ask twice. In milliseconds. */
const FRESH_MS = 5000;
const IMAGE_LABEL = 'dollarbox.io/image';
const DATA_KEY = 'image';

/** A label's value may have 63 characters. */
function imageHash(imageId: string): string {
  return createHash('sha256').update(imageId).digest('hex').slice(0, 40);
}

function imageRead({ data }: ConfigMap): KnownImage {
  const found = JSON.parse(data?.[DATA_KEY] ?? '{}') as Omit<KnownImage, 'pulledAt'> & {
    pulledAt: string;
  };
  return { ...found, pulledAt: new Date(found.pulledAt) };
}

export function imageStoreCreate(installationId: string, api: KubeApi): ImageStore {
  const folder = `/api/v1/namespaces/${systemNamespace(installationId)}/configmaps`;
  const pathOf = ({ tenantId, ref }: { tenantId: number; ref: string }) =>
    `${folder}/${imageObjectName(tenantId, ref)}`;
  /** What was found or recorded last, for a moment. */
  const fresh = new Map<string, KnownImage>();
  const keyOf = (tenantId: number, imageId: string) => `${tenantId} ${imageId}`;

  function remember(image: KnownImage): KnownImage {
    const key = keyOf(image.tenantId, image.imageId);
    fresh.set(key, image);
    setTimeout(() => {
      if (fresh.get(key) === image) fresh.delete(key);
    }, FRESH_MS).unref();
    return image;
  }

  async function listBy(
    labels: Record<string, string>,
    signal: AbortSignal,
  ): Promise<KnownImage[]> {
    const query = {
      labelSelector: ownSelector(installationId, { [LABELS.role]: 'image', ...labels }),
    };
    const found = await api.call<KubeList<ConfigMap>>({
      ...{ method: 'GET', path: folder, query, signal },
    });
    return found.items.map(imageRead);
  }

  return {
    async find(tenantId, ref, signal) {
      const path = pathOf({ tenantId, ref });
      const found = await unlessMissing(api.call<ConfigMap>({ method: 'GET', path, signal }));
      return found && remember(imageRead(found));
    },

    async findById(tenantId, imageId, signal) {
      const seen = fresh.get(keyOf(tenantId, imageId));
      if (seen !== undefined) return seen;
      const labels = { [LABELS.tenant]: String(tenantId), [IMAGE_LABEL]: imageHash(imageId) };
      return (await listBy(labels, signal)).find((image) => image.imageId === imageId);
    },

    async put(image, signal) {
      fresh.delete(keyOf(image.tenantId, image.imageId));
      const labels = {
        ...ownLabels(installationId),
        [LABELS.role]: 'image',
        [LABELS.tenant]: String(image.tenantId),
        [IMAGE_LABEL]: imageHash(image.imageId),
      };
      const name = imageObjectName(image.tenantId, image.ref);
      await api.apply(
        pathOf(image),
        {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name, namespace: systemNamespace(installationId), labels },
          data: { [DATA_KEY]: JSON.stringify(image) },
        },
        signal,
      );
    },

    list: (signal) => listBy({}, signal),

    async remove(image, signal) {
      fresh.delete(keyOf(image.tenantId, image.imageId));
      await unlessMissing(api.call({ method: 'DELETE', path: pathOf(image), signal }));
    },
  };
}
