/** What `policies.yaml` accepts of an org, and what it refuses with which words. */

export type Fields = Record<string, unknown>;

export const CONTAINER = {
  name: 'main',
  image: 'demo:1',
  imagePullPolicy: 'Always',
  securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
  resources: { limits: { memory: '16Mi' } },
};

/** What an org may run. */
export function podSpec(changes: Fields = {}, containerChanges: Fields = {}): Fields {
  return {
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [{ ...CONTAINER, ...containerChanges }],
    ...changes,
  };
}

const secure = (more: Fields) => ({
  securityContext: { ...CONTAINER.securityContext, ...more },
});
const adding = (...add: string[]) => secure({ capabilities: { drop: ['ALL'], add } });
const IN_USER_NAMESPACE = {
  hostUsers: false,
  securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
};

export const PODS_ACCEPTED: [string, Fields][] = [
  ['that is not root', podSpec()],
  ['of root in a user namespace', podSpec(IN_USER_NAMESPACE)],
  ['with the listed capabilities there', podSpec(IN_USER_NAMESPACE, adding('CHOWN', 'SETUID'))],
  ['with NET_BIND_SERVICE', podSpec({}, adding('NET_BIND_SERVICE'))],
  ['with a volume of its own', podSpec({ volumes: [{ name: 'a', emptyDir: {} }] })],
];

export const PODS_REFUSED: [string, Fields, RegExp][] = [
  ['of root', podSpec({ securityContext: IN_USER_NAMESPACE.securityContext }), /runAsNonRoot/],
  ['of uid 0', podSpec({}, secure({ runAsUser: 0 })), /runAsNonRoot/],
  [
    'that may gain privileges',
    podSpec({}, secure({ allowPrivilegeEscalation: true })),
    /allowPriv/,
  ],
  ['that keeps capabilities', podSpec({}, secure({ capabilities: {} })), /has to contain ALL/],
  ['that adds CHOWN', podSpec({}, adding('CHOWN')), /add no capabilities but these: NET_BIND/],
  ['that adds SYS_ADMIN', podSpec(IN_USER_NAMESPACE, adding('SYS_ADMIN')), /capabilities/],
  ['without seccomp', podSpec({ securityContext: { runAsNonRoot: true } }), /RuntimeDefault/],
  ['that is privileged', podSpec({}, secure({ privileged: true })), /privileged/],
  ['in the network of its node', podSpec({ hostNetwork: true }), /host namespaces/],
  ['with the processes of its node', podSpec({ hostPID: true }), /host namespaces/],
  [
    'with a port of its node',
    podSpec({}, { ports: [{ containerPort: 1, hostPort: 1 }] }),
    /hostPort/,
  ],
  [
    'with a folder of its node',
    podSpec({ volumes: [{ name: 'a', hostPath: { path: '/' } }] }),
    /hostPath/,
  ],
  [
    'with an NFS share',
    podSpec({ volumes: [{ name: 'a', nfs: { server: 'a', path: '/' } }] }),
    /these kinds/,
  ],
  ['that names its node', podSpec({ nodeName: 'node' }), /leave out nodeName/],
  ['that selects nodes', podSpec({ nodeSelector: { a: 'b' } }), /leave out nodeSelector/],
  ['with an affinity', podSpec({ affinity: { nodeAffinity: {} } }), /leave out nodeSelector/],
  [
    'that tolerates taints',
    podSpec({ tolerations: [{ operator: 'Exists' }] }),
    /leave out tolerations/,
  ],
  ['with a scheduler', podSpec({ schedulerName: 'mine' }), /scheduler/],
  [
    'that asks for a device',
    podSpec({}, { resources: { limits: { memory: '1Mi', 'a.b/gpu': '1' } } }),
    /cpu, memory/,
  ],
  [
    'from the images of a node',
    podSpec({}, { imagePullPolicy: 'IfNotPresent' }),
    /imagePullPolicy/,
  ],
  [
    'whose first container may gain privileges',
    podSpec({
      initContainers: [
        { ...CONTAINER, name: 'first', ...secure({ allowPrivilegeEscalation: true }) },
      ],
    }),
    /allowPriv/,
  ],
];

export const ADDRESS = {
  type: 'LoadBalancer',
  allocateLoadBalancerNodePorts: false,
  ipFamilies: ['IPv6'],
  ipFamilyPolicy: 'SingleStack',
  ports: [{ port: 80 }],
};

export const SERVICES_REFUSED: [string, Fields, RegExp][] = [
  ['of type NodePort', { type: 'NodePort', ports: [{ port: 80 }] }, /not NodePort/],
  ['of type ExternalName', { type: 'ExternalName', externalName: 'a.b' }, /not ExternalName/],
  ['with externalIPs', { ports: [{ port: 80 }], externalIPs: ['2001:db8::1'] }, /externalIPs/],
  ['with ports on nodes', { ...ADDRESS, allocateLoadBalancerNodePorts: true }, /ports on nodes/],
  [
    'with a chosen port on nodes',
    { ...ADDRESS, ports: [{ port: 80, nodePort: 30_080 }] },
    /ports on nodes/,
  ],
  [
    'with a health check on nodes',
    { ...ADDRESS, externalTrafficPolicy: 'Local' },
    /ports on nodes/,
  ],
  ['with a chosen address', { ...ADDRESS, loadBalancerIP: 'fd00::1' }, /leave out loadBalancerIP/],
  ['with a class', { ...ADDRESS, loadBalancerClass: 'a.b/c' }, /loadBalancerClass/],
  [
    'that selects a container',
    { ports: [{ port: 80 }], selector: { 'dollarbox.io/container': '1' } },
    /Selectors/,
  ],
];
