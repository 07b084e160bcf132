/** Whether the cluster can run pods in user namespaces, found by trying. */
import type { KubeApi } from '../api/client.ts';
import { isKubeStatus } from '../api/client.ts';
import { systemNamespace } from '../base/names.ts';
import type { KubernetesContext } from '../base/options.ts';
import { probePodsCreate } from './probe-pods.ts';
import { listenCommand } from './probe-script.ts';

/** How much longer than an ordinary pod one in a user namespace may take to start. */
const LONGER_MS = 30_000;

export interface UserNamespaces {
  /** As it was found last; until then it is taken to be so. */
  isPossible(): boolean;
  find(run: { id: string; image: string; signal: AbortSignal }): Promise<boolean>;
}

export function userNamespacesCreate(
  { installationId, log }: KubernetesContext,
  api: KubeApi,
): UserNamespaces {
  let isPossible = true;
  const namespace = systemNamespace(installationId);

  async function tryOut(run: { id: string; image: string; signal: AbortSignal }): Promise<boolean> {
    const plain = probePodsCreate(installationId, api, { ...run, id: `${run.id}p` }, false);
    const apart = probePodsCreate(installationId, api, { ...run, id: `${run.id}a` }, true);
    try {
      const plainName = await plain.start(namespace, 'listener', listenCommand());
      const apartName = await apart
        .start(namespace, 'listener', listenCommand())
        .catch(unlessRefused);
      if (apartName === null) return false;
      await plain.running(namespace, plainName, run.signal);
      const longer = AbortSignal.any([run.signal, AbortSignal.timeout(LONGER_MS)]);
      await apart.running(namespace, apartName, longer).catch((error: unknown) => {
        if (run.signal.aborted || !longer.aborted) throw error;
        return null;
      });
      return !longer.aborted;
    } finally {
      const late = AbortSignal.timeout(LONGER_MS);
      await Promise.all([plain.clean(late), apart.clean(late)]);
    }
  }

  return {
    isPossible: () => isPossible,
    async find(run) {
      isPossible = await tryOut(run);
      if (!isPossible) {
        log.warn(
          {},
          'the cluster can not run pods in user namespaces: images that need root are refused',
        );
      }
      return isPossible;
    },
  };
}

/** @returns null: the API server does not take such a pod. */
function unlessRefused(error: unknown): null {
  if (isKubeStatus(error, 403) || isKubeStatus(error, 422)) return null;
  throw error;
}
