/** Every resource of the cluster, with every verb: a credential may do what the committed list says, and no more. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeApi } from '../api/client.ts';
import { EVERYONES_RIGHTS, TENANT_RIGHTS } from '../credentials/tenant-rights.ts';
import type { Rights } from '../credentials/tenant-rights.ts';
import type { CredentialUser } from './credential-user.ts';

/** Also those of no request of its own: to give rights that one lacks, and to act as someone else. */
const VERBS = [
  ...['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'],
  ...['bind', 'escalate', 'impersonate'],
];
/** Not found by discovery. */
const UNLISTED = ['users', 'groups', 'nodes/metrics', 'nodes/stats', 'pods/resize'];
const AT_ONCE = 16;

interface GroupList {
  groups: { versions: { groupVersion: string }[] }[];
}

interface ResourceList {
  groupVersion: string;
  resources: { name: string }[];
}

/** As rights name them, of all versions of all groups. */
async function resourcesOf(api: KubeApi): Promise<string[]> {
  const get = <T>(path: string) => api.call<T>({ method: 'GET', path });
  const { groups } = await get<GroupList>('/apis');
  const paths = groups.flatMap(({ versions }) =>
    versions.map(({ groupVersion }) => `/apis/${groupVersion}`),
  );
  const lists = await Promise.all(['/api/v1', ...paths].map((path) => get<ResourceList>(path)));
  const names = lists.flatMap(({ groupVersion, resources }) => {
    const [group = ''] = groupVersion.includes('/') ? groupVersion.split('/') : [''];
    return resources.map(({ name }) => (group === '' ? name : `${name}.${group}`));
  });
  return [...new Set([...names, ...UNLISTED])].toSorted();
}

interface Question {
  resource: string;
  verb: string;
  namespace: string;
}

async function isAllowed(api: KubeApi, { resource, verb, namespace }: Question): Promise<boolean> {
  const [path = '', ...group] = resource.split('.');
  const [name, subresource] = path.split('/');
  const review = await api.call<{ status: { allowed: boolean } }>({
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    body: {
      spec: {
        resourceAttributes: {
          ...{ resource: name, group: group.join('.'), verb, namespace },
          ...(subresource !== undefined && { subresource }),
        },
      },
    },
  });
  return review.status.allowed;
}

async function rightsIn(
  api: KubeApi,
  resources: readonly string[],
  namespace: string,
): Promise<Rights> {
  const questions = resources.flatMap((resource) =>
    VERBS.map((verb): Question => ({ resource, verb, namespace })),
  );
  const allowed: Record<string, string[]> = {};
  const ask = async () => {
    for (let next = questions.shift(); next !== undefined; next = questions.shift()) {
      if (await isAllowed(api, next)) (allowed[next.resource] ??= []).push(next.verb);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, ask));
  return sorted(allowed);
}

const sorted = (rights: Rights) =>
  Object.fromEntries(
    Object.entries(rights)
      .map(([resource, verbs]) => [resource, verbs.toSorted()] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );

export function rightsTests(people: () => readonly [CredentialUser, CredentialUser]): void {
  test('a kubeconfig may do what the committed list says, in its own namespace alone', async () => {
    const [one, two] = people();
    for (const [mine, theirs] of [
      [one, two],
      [two, one],
    ] as const) {
      const resources = await resourcesOf(mine.api);
      assert.ok(resources.length > 100, `${resources.length} resources`);
      assert.deepEqual(
        await rightsIn(mine.api, resources, mine.namespace),
        sorted({ ...EVERYONES_RIGHTS, ...TENANT_RIGHTS }),
        'in its own namespace',
      );
      // Without a namespace: in the whole cluster.
      for (const other of [theirs.namespace, 'dollarbox-credentials', 'kube-system', '']) {
        const rights = await rightsIn(mine.api, resources, other);
        assert.deepEqual(rights, sorted(EVERYONES_RIGHTS), `in "${other}"`);
      }
    }
  });
}
