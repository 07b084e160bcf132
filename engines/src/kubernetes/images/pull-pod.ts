/** Has a node pull an image, by a pod of ours outside every tenant's namespace. Nothing of the image is run. */
import { randomBytes } from 'node:crypto';
import { PullError } from '../../registry/pull-error.ts';
import type { KubeApi } from '../api/client.ts';
import type { Pod } from '../api/objects.ts';
import { PULL_FAILURES, pullFailure } from '../base/pull-failure.ts';
import { LABELS, ownLabels, systemNamespace } from '../base/names.ts';
import { poll } from '../base/poll.ts';

/** A program that no image has: the node pulls the image, and then fails to start it. */
const NO_PROGRAM = '/dollarbox-pulls-only';
const REMOVE_MS = 10_000;

export interface PullPodOrder {
  imageId: string;
  /** The Secret that the node signs in to the registry with, under that name. */
  secret?: ((name: string) => object) | undefined;
  /** Whether the cluster has user namespaces for pods. */
  isApart: boolean;
}

function podRender(
  installationId: string,
  name: string,
  { imageId, secret, isApart }: PullPodOrder,
): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { ...ownLabels(installationId), [LABELS.role]: 'pull' } },
    spec: {
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      ...(isApart && { hostUsers: false }),
      ...(secret && { imagePullSecrets: [{ name }] }),
      terminationGracePeriodSeconds: 0,
      securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'main',
          image: imageId,
          imagePullPolicy: 'IfNotPresent',
          command: [NO_PROGRAM],
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
          resources: { limits: { memory: '64Mi' }, requests: { memory: '16Mi', cpu: '10m' } },
        },
      ],
    },
  };
}

/** @returns whether the node has the image now. @throws PullError if it can't have it. */
function hasImage({ status }: Pod): boolean {
  const { state, imageID } = status?.containerStatuses?.[0] ?? {};
  const reason = state?.waiting?.reason;
  if (reason !== undefined && PULL_FAILURES.has(reason)) {
    const { reason: word, message } = pullFailure(state?.waiting?.message ?? '');
    throw new PullError(word, message, { cause: state?.waiting });
  }
  const isDone = state?.terminated !== undefined || state?.running !== undefined;
  return isDone || (imageID !== undefined && imageID !== '') || status?.phase === 'Failed';
}

/** @throws PullError, or the signal's reason. */
export async function imagePullByPod(
  installationId: string,
  api: KubeApi,
  order: PullPodOrder,
  signal: AbortSignal,
): Promise<void> {
  const namespace = `/api/v1/namespaces/${systemNamespace(installationId)}`;
  const folder = `${namespace}/pods`;
  const name = `pull-${randomBytes(6).toString('hex')}`;
  if (order.secret !== undefined) {
    const secret = order.secret(name);
    await api.call({ method: 'POST', path: `${namespace}/secrets`, body: secret, signal });
  }
  try {
    const body = podRender(installationId, name, order);
    await api.call({ method: 'POST', path: folder, body, signal });
    await poll(signal, async () =>
      hasImage(await api.call<Pod>({ method: 'GET', path: `${folder}/${name}`, signal })),
    );
  } finally {
    const paths = [`${folder}/${name}`];
    if (order.secret !== undefined) paths.push(`${namespace}/secrets/${name}`);
    for (const path of paths) {
      const query = { gracePeriodSeconds: '0' };
      const signal = AbortSignal.timeout(REMOVE_MS);
      await api.call({ method: 'DELETE', path, query, signal }).catch(() => undefined);
    }
  }
}
