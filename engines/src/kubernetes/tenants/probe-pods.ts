/** Pods that try connections: they are made for one run of a probe, and removed after it. */
import { text } from 'node:stream/consumers';
import { isKubeStatus, KubeCallError, unlessMissing } from '../api/client.ts';
import type { KubeApi } from '../api/client.ts';
import type { KubeList, Pod } from '../api/objects.ts';
import { LABELS, ownLabels, ownSelector, probeNamespace, systemNamespace } from '../base/names.ts';
import { poll } from '../base/poll.ts';
import { connectCommand, connectRead } from './probe-script.ts';

/** Pods of a run whose process was killed end by themselves. */
const LIFETIME_SECONDS = 300;

export interface ProbePods {
  /** Starts one. @throws KubeCallError if the cluster refuses it. */
  start(namespace: string, role: string, command: readonly string[]): Promise<string>;
  /** Waits until it runs. @returns its addresses. */
  running(namespace: string, name: string, signal: AbortSignal): Promise<string[]>;
  /** Has a pod in that namespace try these targets. @returns which it reached; null: it could not try. */
  connect(namespace: string, targets: readonly string[]): Promise<Set<number> | null>;
  /** Removes all that this run has started. */
  clean(signal: AbortSignal): Promise<void>;
}

/** Of the node's runtime, which does not get better by waiting. */
const UNPULLABLE: ReadonlySet<string> = new Set(['ErrImagePull', 'ImagePullBackOff']);

/** @param isApart whether the pods have a user namespace, as those of orgs have. */
export function probePodsCreate(
  installationId: string,
  api: KubeApi,
  run: { id: string; image: string; signal: AbortSignal },
  isApart: boolean,
): ProbePods {
  const { id, image, signal } = run;
  const folderOf = (namespace: string) => `/api/v1/namespaces/${namespace}/pods`;

  function podRender(name: string, command: readonly string[]): object {
    const labels = { ...ownLabels(installationId), [LABELS.role]: 'probe', [RUN_LABEL]: id };
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, labels },
      spec: {
        restartPolicy: 'Never',
        activeDeadlineSeconds: LIFETIME_SECONDS,
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        terminationGracePeriodSeconds: 0,
        ...(isApart && { hostUsers: false }),
        securityContext: {
          runAsNonRoot: true,
          runAsUser: 65_534,
          seccompProfile: { type: 'RuntimeDefault' },
        },
        containers: [
          {
            name: 'main',
            image,
            command,
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
            resources: { limits: { memory: '32Mi' }, requests: { memory: '16Mi', cpu: '10m' } },
          },
        ],
      },
    };
  }

  async function start(namespace: string, role: string, command: readonly string[]) {
    const name = `probe-${id}-${role}`;
    const body = podRender(name, command);
    const path = folderOf(namespace);
    const made = await poll(signal, async () => {
      try {
        return await api.call<Pod>({ method: 'POST', path, body, signal });
      } catch (error) {
        // A namespace that was just made gets its account a moment later.
        const isEarly = isKubeStatus(error, 403) && String(error).includes('serviceaccount');
        if (!isEarly) throw error;
        return null;
      }
    });
    // An API server without the feature ignores the field.
    if (!isApart || made.spec?.hostUsers === false) return name;
    throw new KubeCallError(403, 'HostUsersIgnored', 'The API server ignores hostUsers: false.');
  }

  async function awaited<T>(
    namespace: string,
    name: string,
    until: AbortSignal,
    found: (pod: Pod) => T | null,
  ): Promise<T> {
    const path = `${folderOf(namespace)}/${name}`;
    return poll(until, async () => {
      const pod = await api.call<Pod>({ method: 'GET', path, signal: until });
      const reason = pod.status?.containerStatuses?.[0]?.state?.waiting?.reason ?? '';
      if (UNPULLABLE.has(reason)) throw new ProbeImageError(image);
      return found(pod);
    });
  }

  return {
    start,

    running: (namespace, name, until) =>
      awaited(namespace, name, until, ({ status }) =>
        status?.containerStatuses?.[0]?.state?.running === undefined
          ? null
          : (status.podIPs ?? []).map(({ ip }) => ip),
      ),

    async connect(namespace, targets) {
      const name = await start(namespace, 'prober', connectCommand(targets));
      await awaited(
        ...([namespace, name, signal] as const),
        ({ status }) => status?.phase === 'Succeeded' || status?.phase === 'Failed' || null,
      );
      const path = `${folderOf(namespace)}/${name}/log`;
      return connectRead(await text(await api.stream({ method: 'GET', path, signal })));
    },

    async clean(until) {
      const labelSelector = ownSelector(installationId, { [RUN_LABEL]: id });
      await Promise.all(
        probedNamespaces(installationId).map(async (namespace) => {
          const path = folderOf(namespace);
          const query = { labelSelector };
          const list = { method: 'GET', path, query, signal: until } as const;
          const found = await unlessMissing(api.call<KubeList<Pod>>(list));
          for (const { metadata } of found?.items ?? []) await remove(metadata, until);
        }),
      );
    },
  };

  async function remove({ name, namespace = '' }: Pod['metadata'], until: AbortSignal) {
    const body = { gracePeriodSeconds: 1 };
    const path = `${folderOf(namespace)}/${name}`;
    try {
      await unlessMissing(api.call({ method: 'DELETE', path, body, signal: until }));
    } catch (error) {
      if (!isKubeStatus(error, 409)) throw error;
    }
  }
}

const RUN_LABEL = 'dollarbox.io/probe-run';

function probedNamespaces(installationId: string): string[] {
  return [
    systemNamespace(installationId),
    probeNamespace(installationId, 1),
    probeNamespace(installationId, 2),
  ];
}

/** No node can pull the image that the probe needs. */
export class ProbeImageError extends Error {
  constructor(image: string) {
    super(`the cluster can't pull the image ${image}.`);
    this.name = 'ProbeImageError';
  }
}
