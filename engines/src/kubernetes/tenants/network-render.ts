/** Which connections the pods of a namespace may have. Pure. */
import { ownLabels } from '../base/names.ts';

/** Private and special networks: other tenants' pods, nodes, the control plane, metadata services. */
const PRIVATE = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16'],
  ...['172.16.0.0/12', '192.168.0.0/16'],
  ...['::/8', 'fc00::/7', 'fe80::/10'],
];

/** Where NodeLocal DNSCache listens on each node. */
const NODE_DNS = '169.254.20.10/32';

function isIpv6(cidr: string): boolean {
  return cidr.includes(':');
}

/**
 * Containers reach their own namespace, DNS and the Internet. Whoever comes through the load balancer reaches them: that
 * may be anyone, and the address may be the node's own. Other tenants' pods are kept away by what they may reach.
 * @param clusterNetworks public networks of the cluster's own, as CIDR.
 */
export function networkPolicyRender(
  installationId: string,
  namespace: string,
  clusterNetworks: readonly string[],
): object {
  const closed = [...PRIVATE, ...clusterNetworks];
  const ports = [
    { protocol: 'UDP', port: 53 },
    { protocol: 'TCP', port: 53 },
  ];
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'dollarbox', namespace, labels: ownLabels(installationId) },
    spec: {
      podSelector: {},
      policyTypes: ['Egress', 'Ingress'],
      egress: [
        { to: [{ podSelector: {} }] },
        {
          to: [
            { ipBlock: { cidr: '0.0.0.0/0', except: closed.filter((cidr) => !isIpv6(cidr)) } },
            { ipBlock: { cidr: '::/0', except: closed.filter(isIpv6) } },
          ],
        },
        {
          to: [
            {
              namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
              podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
            },
            { ipBlock: { cidr: NODE_DNS } },
          ],
          ports,
        },
      ],
      ingress: [
        { from: [{ podSelector: {} }] },
        { from: [{ ipBlock: { cidr: '0.0.0.0/0' } }, { ipBlock: { cidr: '::/0' } }] },
      ],
    },
  };
}
