/** The namespaces of an installation. Pure. */
import {
  ANNOTATIONS,
  LABELS,
  ownLabels,
  probeNamespace,
  systemNamespace,
  tenantNamespace,
} from '../base/names.ts';

/**
 * `baseline` allows what an ordinary server image needs; the cluster's policies ask for the rest of `restricted`
 * (`policies.yaml`).
 */
const POD_SECURITY = {
  'pod-security.kubernetes.io/enforce': 'baseline',
  'pod-security.kubernetes.io/enforce-version': 'latest',
};

function namespaceRender(
  installationId: string,
  name: string,
  labels: Record<string, string>,
  annotations: Record<string, string> = {},
): object {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name,
      labels: { ...ownLabels(installationId), ...labels, ...POD_SECURITY },
      annotations,
    },
  };
}

interface NamespaceShape {
  /** null: the cluster has none. */
  storageClass: string | null;
  /** Others that claims may have. */
  offeredClasses: readonly string[];
  /** Whether people read and change it with kubectl. */
  hasKubectl: boolean;
}

/** @param specHash of what everything in the namespace is made from. */
export function tenantNamespaceRender(
  installationId: string,
  tenantId: number,
  { storageClass, offeredClasses, hasKubectl }: NamespaceShape,
  specHash: string,
): object {
  return namespaceRender(
    installationId,
    tenantNamespace(installationId, tenantId),
    { [LABELS.tenant]: String(tenantId) },
    {
      [ANNOTATIONS.tenantSpec]: specHash,
      ...(storageClass !== null && { [ANNOTATIONS.storageClass]: storageClass }),
      ...(offeredClasses.length > 0 && { [ANNOTATIONS.offeredClasses]: offeredClasses.join(',') }),
      ...(hasKubectl && { [ANNOTATIONS.kubectl]: 'on' }),
    },
  );
}

export function systemNamespaceRender(installationId: string): object {
  return namespaceRender(installationId, systemNamespace(installationId), {});
}

/** The same policies apply there as in a tenant's. */
export function probeNamespaceRender(installationId: string, side: 1 | 2): object {
  return namespaceRender(installationId, probeNamespace(installationId, side), {
    [LABELS.tenant]: 'probe',
    [LABELS.role]: 'probe',
  });
}
