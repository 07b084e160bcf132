/** The objects of a credential. Pure. */
import { LABELS, ownLabels, tenantNamespace } from '../base/names.ts';
import type { CredentialKey } from '../../credentials.ts';

/**
 * Where the accounts of credentials are: outside every tenant's namespace, since whoever may create pods or Secrets beside
 * an account has its token. An administrator creates it (`rbac.yaml`), with DollarBox's rights in it.
 */
export const CREDENTIALS_NAMESPACE = 'dollarbox-credentials';
/** What a tenant may do in its namespace (`rbac.yaml`). DollarBox may bind it, and no other. */
const TENANT_ROLE = 'dollarbox-tenant';

const RBAC = 'rbac.authorization.k8s.io';

function labelsRender(installationId: string, tenantId: number): Record<string, string> {
  return {
    ...ownLabels(installationId),
    [LABELS.tenant]: String(tenantId),
    [LABELS.role]: 'credential',
  };
}

/** Its token is in no Secret, and pods have no access to it. */
export function accountRender(
  installationId: string,
  { account, tenantId }: CredentialKey,
): object {
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: account, labels: labelsRender(installationId, tenantId) },
    automountServiceAccountToken: false,
  };
}

/** It holds nothing: the token is valid as long as this exact object exists. */
export function anchorRender(installationId: string, { account, tenantId }: CredentialKey): object {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: account, labels: labelsRender(installationId, tenantId) },
    type: 'Opaque',
  };
}

export function bindingRender(
  installationId: string,
  { account, tenantId }: CredentialKey,
): object {
  const namespace = tenantNamespace(installationId, tenantId);
  return {
    apiVersion: `${RBAC}/v1`,
    kind: 'RoleBinding',
    metadata: { name: account, namespace, labels: labelsRender(installationId, tenantId) },
    roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: TENANT_ROLE },
    subjects: [{ kind: 'ServiceAccount', name: account, namespace: CREDENTIALS_NAMESPACE }],
  };
}

export function tokenRequestRender(
  account: string,
  anchorUid: string,
  expirationSeconds: number,
): object {
  return {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: {
      expirationSeconds,
      boundObjectRef: { apiVersion: 'v1', kind: 'Secret', name: account, uid: anchorUid },
    },
  };
}
