/** What an org created itself, and what each of it has of the org's quota. */
import type { Workload, WorkloadUse } from '../../workloads.ts';
import type { KubeApi } from '../api/client.ts';
import type { Claim, KubeList, KubeObject, Pod, PodContainer, Service } from '../api/objects.ts';
import { LABELS, tenantNamespace } from '../base/names.ts';
import { quantityParse } from '../base/quantities.ts';

/** Of a pod that has ended, which the quota counts no longer. */
const ENDED: ReadonlySet<string> = new Set(['Succeeded', 'Failed']);
const NOTHING: WorkloadUse = { containers: 0, memoryBytes: 0, volumeBytes: 0, addresses: 0 };

/** What the containers of a pod may use at most at the same time: those that prepare it run before the others. */
export function podMemoryBytes({ spec }: Pick<Pod, 'spec'>): number {
  const limitOf = ({ resources }: PodContainer) => quantityParse(resources?.limits?.['memory']);
  let [lasting, most] = [0, 0];
  for (const container of spec?.initContainers ?? []) {
    const memory = limitOf(container);
    most = Math.max(most, lasting + memory);
    if (container.restartPolicy === 'Always') lasting += memory;
  }
  const together = (spec?.containers ?? []).reduce((sum, each) => sum + limitOf(each), lasting);
  return Math.max(most, together);
}

function controllerOf({ metadata }: KubeObject): Workload['owner'] {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
  return owner === undefined ? null : { kind: owner.kind, name: owner.name };
}

export function workloadsCreate(installationId: string, api: KubeApi) {
  return async (tenantId: number, signal: AbortSignal): Promise<Workload[]> => {
    const namespace = tenantNamespace(installationId, tenantId);
    async function list<T extends KubeObject>(kind: string, group = '/api/v1'): Promise<T[]> {
      // Without those of the panel.
      const query = { labelSelector: `!${LABELS.managedBy}` };
      const path = `${group}/namespaces/${namespace}/${kind}`;
      return (await api.call<KubeList<T>>({ method: 'GET', path, query, signal })).items;
    }
    const [pods, claims, services, sets, jobs] = await Promise.all([
      list<Pod>('pods'),
      list<Claim>('persistentvolumeclaims'),
      list<Service>('services'),
      list<KubeObject>('replicasets', '/apis/apps/v1'),
      list<KubeObject>('jobs', '/apis/batch/v1'),
    ]);
    const ownersOf = (owners: readonly KubeObject[]) =>
      new Map(owners.map((owner) => [owner.metadata.name, controllerOf(owner)]));
    // People know the Deployment or the CronJob, not the ReplicaSet or the Job that it has.
    const between = new Map([
      ['ReplicaSet', ownersOf(sets)],
      ['Job', ownersOf(jobs)],
    ]);
    const show = (kind: string, object: KubeObject, uses: Partial<WorkloadUse>): Workload => {
      const { name, uid, creationTimestamp } = object.metadata;
      const owner = controllerOf(object);
      return {
        ...{ kind, name, uid, createdAt: new Date(creationTimestamp) },
        owner: (owner && between.get(owner.kind)?.get(owner.name)) ?? owner,
        uses: { ...NOTHING, ...uses },
      };
    };
    return [
      ...pods.map((pod) => {
        const isEnded = ENDED.has(pod.status?.phase ?? '');
        return show('Pod', pod, isEnded ? {} : { containers: 1, memoryBytes: podMemoryBytes(pod) });
      }),
      ...claims.map((claim) => {
        const asked = claim.spec.resources?.requests?.['storage'];
        return show('PersistentVolumeClaim', claim, { volumeBytes: quantityParse(asked) });
      }),
      ...services
        .filter(({ spec }) => spec.type === 'LoadBalancer')
        .map((service) => show('Service', service, { addresses: 1 })),
    ];
  };
}
