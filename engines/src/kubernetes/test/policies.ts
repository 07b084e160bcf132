/** Tests of `policies.yaml`: what may be in an org's namespace. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { isKubeStatus } from '../api/client.ts';
import { poll } from '../base/poll.ts';
import type { SuiteContext } from '../../suite/context.ts';
import {
  ADDRESS,
  CONTAINER,
  PODS_ACCEPTED,
  PODS_REFUSED,
  SERVICES_REFUSED,
  podSpec,
} from './policy-cases.ts';
import type { Fields } from './policy-cases.ts';
import type { KubernetesSetup } from './suite.ts';
import { tenantUserCreate } from './tenant-user.ts';
import type { TenantUser } from './tenant-user.ts';

export function policiesTests(context: () => SuiteContext, setup: () => KubernetesSetup): void {
  let user: TenantUser;
  const folder = (kind: string, group = '/api/v1') =>
    `${group}/namespaces/${setup().namespace}/${kind}`;
  const named = (spec: Fields, metadata: Fields = {}) => ({
    metadata: { name: 'mine', ...metadata },
    spec,
  });
  const deployment = (spec: Fields = {}, template: Fields = {}, metadata: Fields = {}) =>
    named(
      {
        selector: { matchLabels: { app: 'mine' } },
        template: { metadata: { labels: { app: 'mine' } }, spec: podSpec(), ...template },
        ...spec,
      },
      metadata,
    );
  const refused = async (path: string, body: object, message: RegExp) =>
    assert.match((await user.refusal(path, body)) ?? 'accepted', message);

  before(async () => {
    user = await tenantUserCreate(setup());
    // The API server hears of new policies and rights a moment later.
    await poll(AbortSignal.timeout(300_000), async () => {
      const refusals = await Promise.all([
        user.refusal(folder('services'), named({ type: 'NodePort', ports: [{ port: 80 }] })),
        user.refusal(folder('pods'), named(podSpec({ nodeName: 'node' }))),
        user.refusal(folder('configmaps'), {
          metadata: { name: 'a', labels: { 'dollarbox.io/a': '' } },
        }),
        user.refusal(folder('secrets'), serviceAccountToken()),
      ]);
      return refusals.every((said) => said?.includes('ValidatingAdmissionPolicy'));
    });
  });
  after(() => user.close());

  function serviceAccountToken() {
    const annotations = { 'kubernetes.io/service-account.name': 'default' };
    return { metadata: { name: 'a', annotations }, type: 'kubernetes.io/service-account-token' };
  }

  describe('a pod of an org', () => {
    for (const [what, spec] of PODS_ACCEPTED) {
      test(`${what} is accepted`, async () =>
        assert.equal(await user.refusal(folder('pods'), named(spec)), null));
    }
    for (const [what, spec, message] of PODS_REFUSED) {
      test(`${what} is refused`, () => refused(folder('pods'), named(spec), message));
    }
  });

  describe('a Service of an org', () => {
    test('with a name or an IPv6 address is accepted', async () => {
      const inside = named({ ports: [{ port: 80 }] });
      assert.equal(await user.refusal(folder('services'), inside), null);
      assert.equal(await user.refusal(folder('services'), named(ADDRESS)), null);
    });
    for (const [what, spec, message] of SERVICES_REFUSED) {
      test(`${what} is refused`, () => refused(folder('services'), named(spec), message));
    }
    test('with an annotation for a load balancer is refused', async () => {
      const annotations = { 'metallb.io/address-pool': 'others' };
      await refused(folder('services'), named(ADDRESS, { annotations }), /annotations/);
      const harmless = { annotations: { note: 'mine' } };
      assert.equal(await user.refusal(folder('services'), named(ADDRESS, harmless)), null);
    });
  });

  test('claims have the class of the org, and do not choose their volume', async () => {
    const path = folder('persistentvolumeclaims');
    const spec = {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
    };
    assert.equal(await user.refusal(path, named(spec)), null);
    await refused(path, named({ ...spec, storageClassName: 'other' }), /"other" is not offered/);
    await refused(path, named({ ...spec, volumeName: 'other' }), /leave out volumeName/);
    await refused(path, named({ ...spec, selector: { matchLabels: {} } }), /selector/);
  });

  test('claims may have a class that an administrator offers by a label', async () => {
    const { engine, tenant } = context();
    const { cluster } = setup();
    const name = 'longhorn';
    const labels = { 'dollarbox.io/offered': 'true' };
    const offered = { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', provisioner: 'a.b/c' };
    const spec = {
      ...{ accessModes: ['ReadWriteOnce'], storageClassName: name },
      resources: { requests: { storage: '1Gi' } },
    };
    const tried = () => user.refusal(folder('persistentvolumeclaims'), named(spec));
    const seen = (isOffered: boolean) =>
      poll(AbortSignal.timeout(300_000), async () => {
        await engine.tenants.ensure(tenant);
        return ((await tried()) === null) === isOffered;
      });
    await cluster.manifestApply({ ...offered, metadata: { name } });
    await seen(false);
    await cluster.manifestApply({ ...offered, metadata: { name, labels } });
    await seen(true);
    await cluster.kubectl('delete', 'storageclass', name);
    await seen(false);
    assert.match((await tried()) ?? 'accepted', /"longhorn" is not offered/);
  });

  test('a Secret for the token of an account is refused', () =>
    refused(folder('secrets'), serviceAccountToken(), /token of a ServiceAccount/));

  describe('what an org creates', () => {
    const path = () => folder('deployments', '/apis/apps/v1');

    test('is accepted if it is like this', async () =>
      assert.equal(await user.refusal(path(), deployment()), null));

    test("has no label or annotation of DollarBox's, nor have its pods", async () => {
      const own = { 'dollarbox.io/managed-by': 'control-panel' };
      await refused(path(), deployment({}, {}, { labels: own }), /DollarBox's own/);
      await refused(path(), deployment({}, {}, { annotations: own }), /DollarBox's own/);
      const labels = { app: 'mine', 'dollarbox.io/container': '1' };
      await refused(path(), deployment({}, { metadata: { labels } }), /of pods/);
    });

    test("has no selector that may match the panel's pods", async () => {
      const selector = {
        matchLabels: { app: 'mine' },
        matchExpressions: [{ key: 'other', operator: 'DoesNotExist' }],
      };
      await refused(path(), deployment({ selector }), /use matchLabels/);
    });

    test('pulls its images, says so at once, and chooses no class', async () => {
      const held = podSpec({}, { imagePullPolicy: 'IfNotPresent' });
      await refused(path(), deployment({}, { spec: held }), /imagePullPolicy/);
      const urgent = podSpec({ priorityClassName: 'urgent' });
      await refused(path(), deployment({}, { spec: urgent }), /priority class/);
      const apart = podSpec({ runtimeClassName: 'mine' });
      await refused(path(), deployment({}, { spec: apart }), /runtime class/);
    });

    test('is none of what guards the namespace', async () => {
      const kinds: [string, object][] = [
        [folder('serviceaccounts'), { metadata: { name: 'a' } }],
        [folder('serviceaccounts/default/token'), { spec: {} }],
        [folder('resourcequotas'), named({ hard: { pods: '100' } })],
        [folder('limitranges'), named({ limits: [] })],
        [
          folder('networkpolicies', '/apis/networking.k8s.io/v1'),
          named({ podSelector: {}, policyTypes: ['Ingress'], ingress: [{}] }),
        ],
        [
          folder('roles', '/apis/rbac.authorization.k8s.io/v1'),
          { metadata: { name: 'a' }, rules: [] },
        ],
      ];
      for (const [at, body] of kinds) await refused(at, body, /can not be created here/);
    });
  });

  test("the panel's objects are read-only, and its pods can not be entered", async () => {
    const { apply, spec, images, engine, observed } = context();
    const { kubectl } = setup().cluster;
    const container = await spec(images.web, { env: { SECRET: 'a' } });
    await apply(container);
    const name = `${container.name}-${container.id}`;
    const selector = ['-l', `dollarbox.io/container=${container.id}`, '-o', 'name'];
    const found = await kubectl('-n', setup().namespace, 'get', 'pod', ...selector);
    const pod = found.trim().replace('pod/', '');
    const patch = {
      method: 'PATCH',
      contentType: 'application/merge-patch+json',
      body: { metadata: { labels: { mine: 'yes' } } },
    } as const;
    const forbidden = (message: RegExp) => (error: unknown) => {
      assert.ok(isKubeStatus(error, 403) || isKubeStatus(error, 422), String(error));
      assert.match(String(error), message);
      return true;
    };
    const objects = [
      folder(`deployments/${name}`, '/apis/apps/v1'),
      folder(`pods/${pod}`),
      folder(`secrets/${name}`),
      folder(`services/${container.name}`),
      folder('networkpolicies/dollarbox', '/apis/networking.k8s.io/v1'),
      folder('resourcequotas/dollarbox'),
      folder('limitranges/dollarbox'),
    ];
    for (const path of objects) {
      const belongs = forbidden(/belongs to a container or volume of the panel/);
      await assert.rejects(user.api.call({ ...patch, path }), belongs, path);
      await assert.rejects(user.api.call({ method: 'DELETE', path }), belongs, path);
    }
    const scale = folder(`deployments/${name}/scale`, '/apis/apps/v1');
    const none = { ...patch, path: scale, body: { spec: { replicas: 0 } } };
    await assert.rejects(user.api.call(none), forbidden(/belongs to a container of the panel/));
    const entered = forbidden(/neither entered nor evicted/);
    // As a WebSocket would open it: a GET.
    for (const path of [`pods/${pod}/exec`, `pods/${pod}/attach`]) {
      const query = { command: 'id', stdout: '1' };
      for (const method of ['GET', 'POST'] as const) {
        await assert.rejects(user.api.call({ method, path: folder(path), query }), entered, path);
      }
    }
    const forward = { method: 'POST', path: folder(`pods/${pod}/portforward`) } as const;
    await assert.rejects(user.api.call({ ...forward, query: { ports: '8080' } }), entered);
    const eviction = {
      ...{ apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: pod } },
    };
    const evict = { method: 'POST', path: folder(`pods/${pod}/eviction`), body: eviction } as const;
    await assert.rejects(user.api.call(evict), entered);
    const ephemeral = {
      ...patch,
      contentType: 'application/strategic-merge-patch+json',
      path: folder(`pods/${pod}/ephemeralcontainers`),
      body: { spec: { ephemeralContainers: [{ ...CONTAINER, resources: {}, name: 'spy' }] } },
    };
    await assert.rejects(user.api.call(ephemeral), forbidden(/belongs to a container/));
    assert.equal((await observed(container.id)).state, 'running');
    await engine.containers.end((await observed(container.id)).ref, 0);
  });
}
