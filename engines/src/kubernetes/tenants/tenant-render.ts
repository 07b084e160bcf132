/** The objects that a tenant's containers live among. Pure. */
import { LABELS, ownLabels, systemNamespace, tenantNamespace } from '../base/names.ts';

/**
 * `baseline` allows what an ordinary server image needs; a policy of the cluster's asks for the rest of `restricted`
 * (see `policy-render.ts`).
 */
const POD_SECURITY = {
  'pod-security.kubernetes.io/enforce': 'baseline',
  'pod-security.kubernetes.io/enforce-version': 'latest',
};

export function tenantNamespaceRender(installationId: string, tenantId: number): object {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: tenantNamespace(installationId, tenantId),
      labels: {
        ...ownLabels(installationId),
        [LABELS.tenant]: String(tenantId),
        ...POD_SECURITY,
      },
    },
  };
}

export function systemNamespaceRender(installationId: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: systemNamespace(installationId),
      labels: { ...ownLabels(installationId), ...POD_SECURITY },
    },
  };
}

/** Private and special networks: other tenants' pods, nodes, the control plane, metadata services. */
const PRIVATE = {
  ipv4: [
    ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16'],
    ...['172.16.0.0/12', '192.168.0.0/16'],
  ],
  ipv6: ['::/8', 'fc00::/7', 'fe80::/10'],
};

/** Containers reach their own namespace, DNS and the Internet; everyone but other tenants' pods reaches them. */
export function networkPolicyRender(installationId: string, tenantId: number): object {
  const publicOnly = [
    { ipBlock: { cidr: '0.0.0.0/0', except: PRIVATE.ipv4 } },
    { ipBlock: { cidr: '::/0', except: PRIVATE.ipv6 } },
  ];
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: {
      name: 'dollarbox',
      namespace: tenantNamespace(installationId, tenantId),
      labels: ownLabels(installationId),
    },
    spec: {
      podSelector: {},
      policyTypes: ['Egress', 'Ingress'],
      egress: [
        { to: [{ podSelector: {} }] },
        { to: publicOnly },
        {
          ports: [
            { protocol: 'UDP', port: 53 },
            { protocol: 'TCP', port: 53 },
          ],
        },
      ],
      ingress: [{ from: [{ podSelector: {} }] }, { from: clientsRender() }],
    },
  };
}

/** Whoever comes through the load balancer: its address may be the node's own. */
function clientsRender(): object[] {
  return [{ ipBlock: { cidr: '0.0.0.0/0' } }, { ipBlock: { cidr: '::/0' } }];
}
