import { text } from 'node:stream/consumers';
import type { KubeApi } from '@dollarbox/engines/kubernetes/client';

/** Verbs as flow schemas name them. */
const VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'];
/** What the product asks for, with the group of each. */
const RESOURCES: Readonly<Record<string, string>> = {
  ...{ namespaces: '', pods: '', services: '', secrets: '', configmaps: '', nodes: '' },
  ...{ persistentvolumeclaims: '', resourcequotas: '', limitranges: '', events: '' },
  ...{ deployments: 'apps', replicasets: 'apps', networkpolicies: 'networking.k8s.io' },
  ...{ servicecidrs: 'networking.k8s.io', storageclasses: 'storage.k8s.io' },
};
const PREFIX = 'bench';
const REST = `${PREFIX}.other.other`;
/** Before the schema of all ServiceAccounts, which is 9000. */
const PRECEDENCE = 8000;
/** How requests of ServiceAccounts are served otherwise, too. */
const LEVEL = 'workload-low';
/** An API server reads its flow schemas a moment after they are created. */
const METRIC = 'apiserver_flowcontrol_dispatched_requests_total';

/** Requests by verb and resource: `list pods`. */
export type RequestCounts = ReadonlyMap<string, number>;

function schemaRender(name: string, verb: string, group: string, resource: string): object {
  const account = { name: 'dollarbox', namespace: 'dollarbox' };
  return {
    ...{ apiVersion: 'flowcontrol.apiserver.k8s.io/v1', kind: 'FlowSchema', metadata: { name } },
    spec: {
      priorityLevelConfiguration: { name: LEVEL },
      matchingPrecedence: name === REST ? PRECEDENCE + 1 : PRECEDENCE,
      distinguisherMethod: { type: 'ByUser' },
      rules: [
        {
          subjects: [{ kind: 'ServiceAccount', serviceAccount: account }],
          resourceRules: [
            {
              ...{ verbs: [verb], apiGroups: [group], resources: [resource] },
              ...{ clusterScope: true, namespaces: ['*'] },
            },
          ],
          ...(name === REST && { nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }] }),
        },
      ],
    },
  };
}

/**
 * Makes the API server count the product's own requests by verb and resource: its metrics name no user, but the flow
 * schema that a request belongs to.
 */
export function countingSchemas(): object {
  const items = Object.entries(RESOURCES).flatMap(([resource, group]) =>
    VERBS.map((verb) => schemaRender(`${PREFIX}.${verb}.${resource}`, verb, group, resource)),
  );
  return {
    ...{ apiVersion: 'v1', kind: 'List' },
    items: [...items, schemaRender(REST, '*', '*', '*')],
  };
}

/** What the product has asked for since the start of the API server. */
export async function requestCounts(api: KubeApi): Promise<RequestCounts> {
  const metrics = await text(await api.stream({ method: 'GET', path: '/metrics' }));
  const counts = new Map<string, number>();
  for (const line of metrics.split('\n')) {
    if (!line.startsWith(`${METRIC}{`)) continue;
    const [, verb, resource] = /flow_schema="bench\.(\w+)\.(\w+)"/.exec(line) ?? [];
    if (verb === undefined) continue;
    const key = `${verb} ${resource}`;
    const value = Number(line.slice(line.lastIndexOf(' ')));
    counts.set(key, (counts.get(key) ?? 0) + value);
  }
  return counts;
}

/** The requests between two counts, without those that did not occur, most first. */
export function requestsBetween(before: RequestCounts, after: RequestCounts): [string, number][] {
  return [...after]
    .map(([key, count]): [string, number] => [key, count - (before.get(key) ?? 0)])
    .filter(([, count]) => count > 0)
    .toSorted(([, one], [, other]) => other - one);
}
