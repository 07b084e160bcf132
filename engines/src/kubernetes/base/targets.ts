/** What is watched in a cluster, and listed by sweeps: each the same way, so that a sweep reads what a watch has seen. */
import { LABELS, ownSelector } from './names.ts';

interface Target {
  path: string;
  labelSelector?: string;
}

export interface Targets {
  deployments: Target;
  pods: Target;
  services: Target;
  claims: Target;
  namespaces: Target;
  quotas: Target;
  limitRanges: Target;
  networkPolicies: Target;
  nodes: Target;
  serviceCidrs: Target;
  storageClasses: Target;
}

export function targetsOf(installationId: string): Targets {
  const own = ownSelector(installationId);
  const ofContainers = `${own},${LABELS.container}`;
  return {
    deployments: { path: '/apis/apps/v1/deployments', labelSelector: ofContainers },
    pods: { path: '/api/v1/pods', labelSelector: ofContainers },
    services: { path: '/api/v1/services', labelSelector: ofContainers },
    claims: {
      path: '/api/v1/persistentvolumeclaims',
      labelSelector: `${own},${LABELS.volume}`,
    },
    namespaces: {
      path: '/api/v1/namespaces',
      // Those of tenants, without the probe's.
      labelSelector: `${own},${LABELS.tenant},!${LABELS.role}`,
    },
    quotas: { path: '/api/v1/resourcequotas', labelSelector: own },
    limitRanges: { path: '/api/v1/limitranges', labelSelector: own },
    networkPolicies: { path: '/apis/networking.k8s.io/v1/networkpolicies', labelSelector: own },
    nodes: { path: '/api/v1/nodes' },
    serviceCidrs: { path: '/apis/networking.k8s.io/v1/servicecidrs' },
    storageClasses: { path: '/apis/storage.k8s.io/v1/storageclasses' },
  };
}
