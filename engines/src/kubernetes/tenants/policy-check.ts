/** Finds out whether the cluster's policies for the namespaces of orgs are in force, by objects that they refuse. */
import { isKubeStatus } from '../api/client.ts';
import type { KubeApi } from '../api/client.ts';

const POD_OF_ROOT = {
  securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
  containers: [
    {
      name: 'main',
      image: 'none.invalid/none:1',
      imagePullPolicy: 'Always',
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
      resources: { limits: { memory: '16Mi' } },
    },
  ],
};

/** One for each of the policies, and what it is. */
const FORBIDDEN = [
  ['services', 'a Service of type NodePort', { type: 'NodePort', ports: [{ port: 80 }] }],
  ['pods', 'a pod that is root on its node', POD_OF_ROOT],
  [
    'persistentvolumeclaims',
    'a claim that chooses its volume',
    {
      accessModes: ['ReadWriteOnce'],
      volumeName: 'dollarbox-probe',
      resources: { requests: { storage: '1Gi' } },
    },
  ],
] as const;

/** @returns a sentence about each that the cluster would accept. Nothing is created. */
export async function policiesCheck(
  api: KubeApi,
  namespace: string,
  signal: AbortSignal,
): Promise<string[]> {
  const sentences = await Promise.all(
    FORBIDDEN.map(async ([kind, what, spec]) => {
      const body = { metadata: { generateName: 'probe-' }, spec };
      const path = `/api/v1/namespaces/${namespace}/${kind}`;
      try {
        await api.call({ method: 'POST', path, query: { dryRun: 'All' }, body, signal });
        return [`The cluster accepts ${what} in the namespace of an org.`];
      } catch (error) {
        // By a policy; other refusals say nothing of it.
        const isRefused =
          error instanceof Error && error.message.includes('ValidatingAdmissionPolicy');
        if (isRefused) return [];
        if (!isKubeStatus(error, 403) && !isKubeStatus(error, 422)) throw error;
        return [`No policy of the cluster's refuses ${what} in the namespace of an org.`];
      }
    }),
  );
  return sentences.flat();
}
