/** What a start asks the API server for, and what of it waits for what. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerSpec } from '../../contract.ts';
import { nameWaitersCreate } from '../../name-waiters.ts';
import { KubeCallError } from '../api/client.ts';
import type { KubeApi } from '../api/client.ts';
import { objectCacheCreate } from '../api/object-cache.ts';
import type { Deployment, KubeObject, Service } from '../api/objects.ts';
import { imageStoreCreate } from '../images/image-store.ts';
import { containerStoreCreate } from './container-objects.ts';
import { containersCreate } from './containers.ts';
import { seenContainersCreate } from './seen.ts';

const INSTALLATION = 'a1b2c3d4e5f6';
const SPEC: ContainerSpec = {
  ...{ id: 7, tenantId: 3, name: 'web', image: 'web:1', imageId: 'web@sha256:1' },
  ...{ env: { GREETING: 'good day' }, command: [], ports: [80], ipv6Address: null, volumes: [] },
  init: false,
};

const { signal } = new AbortController();

/** An empty cluster that answers what was asked of it at the same time together. */
function clusterCreate() {
  const objects = new Map<string, KubeObject>();
  /** What was asked before each of its answers: the last parts of the paths. */
  const rounds: string[][] = [];
  let waiting: (() => void)[] = [];

  async function answered(text: string): Promise<void> {
    if (waiting.length === 0) {
      rounds.push([]);
      setImmediate(() => {
        const all = waiting;
        waiting = [];
        for (const answer of all) answer();
      });
    }
    rounds.at(-1)?.push(text);
    await new Promise<void>((resolve) => waiting.push(resolve));
  }

  const api: KubeApi = {
    async call<T>({ method, path, query }: Parameters<KubeApi['call']>[0]): Promise<T> {
      const isList = query !== undefined;
      const words = path.split('/');
      await answered(isList ? `LIST ${words.at(-1)}` : `${method} ${words.at(-2)}`);
      if (isList) return { items: [] } as T;
      const found = objects.get(path);
      if (found === undefined) throw new KubeCallError(404, 'NotFound', 'There is none.');
      return found as T;
    },
    async apply<T>(path: string, object: object): Promise<T> {
      await answered(`APPLY ${path.split('/').at(-2)}`);
      const { metadata, ...rest } = object as KubeObject;
      const creationTimestamp = '2026-01-01T00:00:00Z';
      const made = { ...metadata, uid: path, generation: 1, creationTimestamp };
      objects.set(path, { ...rest, metadata: made });
      return objects.get(path) as T;
    },
    stream: () => assert.fail('it streams nothing'),
    reach: () => assert.fail('it connects to nothing else'),
    server: () => assert.fail('it tells nobody where the API server is'),
    unchangedMs: () => 0,
    close() {},
  };
  return { api, objects, rounds };
}

/** The verbs on such a cluster, with an image that a turn has just looked at. */
async function containersOpen() {
  const { api, objects, rounds } = clusterCreate();
  const images = imageStoreCreate(INSTALLATION, api);
  const seen = seenContainersCreate(INSTALLATION);
  const containers = containersCreate(
    {
      installationId: INSTALLATION,
      log: { info() {}, warn() {}, error() {} },
      now: () => new Date(),
    },
    {
      ...{ api, images, seen, nameWaiters: nameWaitersCreate() },
      store: containerStoreCreate(INSTALLATION, api, objectCacheCreate(api)),
      pullSecret: async () => null,
      tenantEnsure: async () => {},
      hasUserNamespaces: () => true,
      volumesRequire: async () => {},
    },
  );
  const facts = { exposedPorts: [80], volumePaths: [], isRoot: true, credentialId: null };
  const [{ tenantId, imageId }, ref] = [SPEC, 'docker.io/library/web:1'];
  await images.put({ ...facts, tenantId, imageId, ref, pulledAt: new Date(0) }, signal);
  await images.find(tenantId, ref, signal);
  rounds.length = 0;
  return { containers, seen, objects, rounds };
}

/** As the watch of a kind sees the only object of it. */
function seenOf<T extends KubeObject>(objects: ReadonlyMap<string, KubeObject>, kind: string): T {
  const [found] = [...objects].flatMap(([path, object]) => (path.includes(kind) ? object : []));
  return found as T;
}

function addressed(service: Service): Service {
  return { ...service, status: { loadBalancer: { ingress: [{ ip: 'fd00::7' }] } } };
}

test('a start asks side by side for what does not depend on each other', async () => {
  const { containers, rounds } = await containersOpen();
  const made = await containers.apply(SPEC, signal);
  assert.equal(made.id, SPEC.id);
  assert.deepEqual(rounds, [
    ['LIST deployments', 'GET services'],
    ['APPLY services'],
    // Without the Service, nobody would find it any more.
    ['APPLY secrets'],
    ['APPLY deployments'],
  ]);
});

test('an address that comes during a start takes no look of its own', async () => {
  const { containers, seen, objects } = await containersOpen();
  const starting = containers.apply(SPEC, signal);
  while (![...objects.keys()].some((path) => path.includes('/services/'))) {
    await new Promise(setImmediate);
  }
  const service = seenOf<Service>(objects, '/services/');
  assert.equal(seen.changed('services', service), false);
  seen.changed('services', addressed(service));
  assert.equal((await starting).ipv6Address, 'fd00::7');
  assert.equal(seen.changed('deployments', seenOf<Deployment>(objects, '/deployments/')), false);
});

test('the address of a Service that was changed is not taken from before', async () => {
  const { containers, seen, objects } = await containersOpen();
  await containers.apply(SPEC, signal);
  const service = seenOf<Service>(objects, '/services/');
  seen.changed('services', addressed(service));
  assert.equal((await containers.apply(SPEC, signal)).ipv6Address, null);
});
