/** What all objects of a tenant together may use. Pure. */
import { DOLLARBOX_LIMITS } from '../../contract.ts';
import { ownLabels } from '../base/names.ts';
import type { TenantLimits } from '../base/options.ts';
import { countRender, cpuRender, gibRender, mibRender } from '../base/quantities.ts';
import { TRANSFER_REQUEST } from '../base/transfer-request.ts';

/** What each container is certain to get, in thousandths of a CPU. */
const CPU_REQUEST_MILLIS = 100;
/** Of kinds that cost the cluster little: for each container, and for an org with few. */
const [SMALL_EACH, SMALL_LEAST] = [10, 20];

/** Kinds that anyone who may act in the namespace can create, and what these create in turn. */
const SMALL_KINDS = [
  ...['configmaps', 'secrets', 'services'],
  ...['count/deployments.apps', 'count/replicasets.apps', 'count/statefulsets.apps'],
  ...['count/controllerrevisions.apps', 'count/jobs.batch', 'count/cronjobs.batch'],
  'count/endpointslices.discovery.k8s.io',
];

/**
 * Without kubectl, nobody but DollarBox creates pods, and there is room for the one that reads and writes volumes. It is too
 * small for a container's.
 */
export function resourceQuotaRender(
  installationId: string,
  namespace: string,
  { containers, volumeGb, hasKubectl = false }: TenantLimits,
): object {
  const transfers = hasKubectl ? 0 : 1;
  const memory = mibRender(
    containers * DOLLARBOX_LIMITS.memoryMib + transfers * TRANSFER_REQUEST.memoryMib,
  );
  const small = countRender(SMALL_LEAST + SMALL_EACH * containers);
  return {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'dollarbox', namespace, labels: ownLabels(installationId) },
    spec: {
      hard: {
        pods: countRender(containers + transfers),
        'requests.memory': memory,
        'limits.memory': memory,
        'requests.cpu': cpuRender(
          containers * CPU_REQUEST_MILLIS + transfers * TRANSFER_REQUEST.cpuMillis,
        ),
        'requests.storage': gibRender(volumeGb),
        // None is smaller than 1 GiB.
        persistentvolumeclaims: countRender(volumeGb),
        // One for each container, and for each that is being removed.
        'services.loadbalancers': countRender(2 * containers),
        'services.nodeports': '0',
        ...Object.fromEntries(SMALL_KINDS.map((kind) => [kind, small])),
      },
    },
  };
}

/** What a container gets that names no limits, so that the quota can count it. */
export function limitRangeRender(installationId: string, namespace: string): object {
  const memory = gibRender(DOLLARBOX_LIMITS.memoryMib / 1024);
  return {
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: { name: 'dollarbox', namespace, labels: ownLabels(installationId) },
    spec: {
      limits: [
        {
          type: 'Container',
          default: { memory },
          defaultRequest: { memory, cpu: cpuRender(CPU_REQUEST_MILLIS) },
        },
        { type: 'PersistentVolumeClaim', min: { storage: gibRender(1) } },
      ],
    },
  };
}
