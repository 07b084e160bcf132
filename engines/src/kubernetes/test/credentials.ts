/** Tests of issued kubeconfigs: what they are good for, how they end, and that nothing makes them last. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { ContainerSpec } from '../../contract.ts';
import { suiteContextCreate } from '../../suite/context.ts';
import type { SuiteContext } from '../../suite/context.ts';
import { isKubeStatus, kubeApiCreate } from '../api/client.ts';
import type { KubeApi } from '../api/client.ts';
import { poll } from '../base/poll.ts';
import type { KubernetesEngine } from '../engine.ts';
import { credentialUserCreate } from './credential-user.ts';
import type { CredentialUser } from './credential-user.ts';
import { issuedPoliciesTests } from './issued-policies.ts';
import { rightsTests } from './rights.ts';
import type { KubernetesSetup } from './suite.ts';
import { workloadsTests } from './workloads.ts';

/** Only a state that never comes takes as long. */
const PATIENCE_MS = 300_000;
const CREDENTIALS = 'dollarbox-credentials';
const REGISTRY_SECRET = 'the-secret-of-a-registry';
/** What every account may do: read what is public, and ask who it is. */
const HARMLESS = /^ |^selfsubject|^clustertrustbundles\./;

export function credentialsTests(context: () => SuiteContext, setup: () => KubernetesSetup): void {
  let engine: KubernetesEngine;
  let user: CredentialUser;
  let other: CredentialUser;
  /** With DollarBox's own rights. */
  let asDollarBox: KubeApi;
  const users: CredentialUser[] = [];

  async function userAdd(tenantId: number): Promise<CredentialUser> {
    const made = await credentialUserCreate(setup(), engine, tenantId);
    users.push(made);
    return made;
  }

  /** Rights are known to the API server a moment after they were given. */
  const rightsWait = ({ api, namespace }: CredentialUser) =>
    poll(AbortSignal.timeout(PATIENCE_MS), async () => {
      try {
        const path = `/api/v1/namespaces/${namespace}/configmaps`;
        await api.call({ method: 'GET', path, query: { limit: '1' } });
        return true;
      } catch (error) {
        if (isKubeStatus(error, 403)) return false;
        throw error;
      }
    });

  const endedWait = ({ api, namespace }: CredentialUser) =>
    poll(AbortSignal.timeout(PATIENCE_MS), async () => {
      try {
        await api.call({ method: 'GET', path: `/api/v1/namespaces/${namespace}/pods` });
        return false;
      } catch (error) {
        // Its rights may be gone a moment before it is unknown.
        if (isKubeStatus(error, 403)) return false;
        assert.ok(isKubeStatus(error, 401), String(error));
        return true;
      }
    });

  /** What a request is refused with, which must be a lack of rights or a policy. */
  async function refusal(by: CredentialUser, path: string, body?: object): Promise<string> {
    try {
      await by.api.call(
        body === undefined ? { method: 'GET', path } : { method: 'POST', path, body },
      );
    } catch (error) {
      assert.ok(isKubeStatus(error, 403) || isKubeStatus(error, 422), String(error));
      return String(error);
    }
    return assert.fail(`${path} was allowed`);
  }

  /** A container of an image that its org has a credential for. */
  let privateSpec: ContainerSpec;
  const secretsOf = (...args: string[]) =>
    setup().cluster.kubectl('-n', setup().namespace, 'get', 'secrets', ...args);

  before(async () => {
    const { limits, images, workerWith } = setup();
    const credential = { id: 1, username: 'ada', secret: REGISTRY_SECRET };
    asDollarBox = kubeApiCreate(join(setup().cluster.folder, 'dollarbox.kubeconfig'));
    engine = await workerWith({ registryCredential: async () => credential });
    const privately = suiteContextCreate({ ...setup(), engine });
    privateSpec = await privately.spec(images.named, { id: 9001, name: 'private' });
    await privately.apply(privateSpec);
    const key = { account: 'kubectl-early', tenantId: privateSpec.tenantId };
    const early = engine.credentials.issue({ ...key, context: 'a', lifetimeSeconds: null });
    await assert.rejects(early, { name: 'EngineError', reason: 'kubectl_off' });
    assert.match(await secretsOf('-o', 'name'), /private-9001\.registry/);
    limits.hasKubectl = true;
    const [one, two] = setup().tenants;
    [user, other] = [await userAdd(one.id), await userAdd(two.id)];
    for (const each of users) await rightsWait(each);
  });
  after(async () => {
    for (const { key, close } of users) {
      await engine.credentials.revoke(key);
      close();
    }
    asDollarBox.close();
    const left = await engine.containers.observe(privateSpec.id);
    if (left !== null) await engine.containers.end(left.ref, 0);
    await engine.containers.release?.(privateSpec.id);
    await engine.tenants.remove(setup().tenants[1].id);
    await engine.close();
  });

  rightsTests(() => [user, other]);
  issuedPoliciesTests(() => user);
  workloadsTests(
    () => [user, other],
    () => engine,
  );

  describe('an issued kubeconfig', () => {
    test('runs, shows and enters what its holder creates', async () => {
      const image = context().images.web;
      const pod = {
        securityContext: {
          ...{ runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
        },
        containers: [
          {
            ...{ name: 'main', image, imagePullPolicy: 'Always' },
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
          },
        ],
      };
      const labels = { app: 'mine' };
      await user.api.call({
        method: 'POST',
        path: `/apis/apps/v1/namespaces/${user.namespace}/deployments`,
        body: {
          metadata: { name: 'mine' },
          spec: {
            selector: { matchLabels: labels },
            template: { metadata: { labels }, spec: pod },
          },
        },
      });
      assert.match(await user.kubectl('get', 'deploy'), /^mine /m);
      await user.kubectl('rollout', 'status', 'deploy/mine', `--timeout=${PATIENCE_MS / 1000}s`);
      await user.kubectl('logs', 'deploy/mine');
      assert.match(await user.kubectl('get', 'quota'), /dollarbox/);
      await user.kubectl('delete', 'deploy', 'mine');
    });

    test('neither changes nor enters what the panel runs', async () => {
      const belongs = /belongs to a container/;
      const deployment = `deploy/${privateSpec.name}-${privateSpec.id}`;
      await assert.rejects(user.kubectl('delete', deployment), belongs);
      await assert.rejects(user.kubectl('scale', deployment, '--replicas=0'), belongs);
      await assert.rejects(user.kubectl('label', deployment, 'mine=yes'), belongs);
      await assert.rejects(user.kubectl('delete', `service/${privateSpec.name}`), belongs);
      await assert.rejects(user.kubectl('exec', deployment, '--', 'id'), /neither entered/);
      const pods = ['get', 'pods', '-l', `dollarbox.io/container=${privateSpec.id}`, '-o', 'name'];
      const pod = (await user.kubectl(...pods)).trim();
      await assert.rejects(user.kubectl('delete', pod), belongs);
      // As a WebSocket opens it.
      const path = `/api/v1/namespaces/${user.namespace}/${pod.replace('pod/', 'pods/')}/exec`;
      const query = { command: 'id', stdout: '1' };
      await assert.rejects(user.api.call({ method: 'GET', path, query }), /neither entered/);
    });

    test('says why something is refused', async () => {
      const nodePort = ['create', 'service', 'nodeport', 'mine', '--tcp=80'];
      await assert.rejects(user.kubectl(...nodePort), /Services may be of type ClusterIP or/);
    });

    test('ends at its removal, and only it', async () => {
      const ending = await userAdd(setup().tenants[0].id);
      await rightsWait(ending);
      const keys = await engine.credentials.list();
      assert.ok(keys.some(({ account }) => account === ending.key.account));
      await engine.credentials.revoke(ending.key);
      await endedWait(ending);
      await engine.credentials.revoke(ending.key);
      const left = await engine.credentials.list();
      assert.ok(!left.some(({ account }) => account === ending.key.account));
      await user.kubectl('get', 'pods');
    });

    test('ends when another is issued for its account', async () => {
      const ending = await userAdd(setup().tenants[0].id);
      await rightsWait(ending);
      const again = await engine.credentials.issue({
        ...{ ...ending.key, context: 'again', lifetimeSeconds: 60 },
      });
      assert.ok(again.expiresAt !== null);
      await endedWait(ending);
    });

    test('is of no use in the namespace of another org, nor to its account', async () => {
      for (const [mine, theirs] of [
        [user, other],
        [other, user],
      ] as const) {
        for (const kind of ['pods', 'secrets', 'configmaps', 'services', 'resourcequotas']) {
          await refusal(mine, `/api/v1/namespaces/${theirs.namespace}/${kind}`);
          await refusal(mine, `/api/v1/namespaces/${CREDENTIALS}/${kind}`);
        }
        await refusal(mine, `/api/v1/namespaces/${CREDENTIALS}/serviceaccounts`);
        await refusal(mine, '/api/v1/namespaces');
        await refusal(mine, '/api/v1/secrets');
      }
    });
  });

  describe("no kubeconfig reads a registry's secret", () => {
    test('since it left the namespace before the first was issued', async () => {
      const { items } = JSON.parse(await user.kubectl('get', 'secrets', '-o', 'json')) as {
        items: { type: string; data?: Record<string, string> }[];
      };
      const texts = items.flatMap(({ data = {} }) =>
        Object.values(data).map((value) => Buffer.from(value, 'base64').toString()),
      );
      assert.ok(!texts.some((text) => text.includes(REGISTRY_SECRET)));
      assert.ok(!items.some(({ type }) => type === 'kubernetes.io/dockerconfigjson'));
      assert.equal((await engine.containers.observe(privateSpec.id))?.state, 'running');
    });

    test('and none comes back with the next container', async () => {
      const next = { ...privateSpec, id: 9002, name: 'private-too' };
      const { ref } = await engine.containers.apply(next);
      assert.doesNotMatch(await secretsOf('-o', 'name'), /registry/);
      await engine.containers.end(ref, 0);
      await engine.containers.release?.(next.id);
    });

    test('not even one that a slow call of DollarBox creates', async () => {
      const manifest = ['create', 'secret', 'docker-registry', 'late', '--docker-username=a'];
      const made = await setup().cluster.kubectl(
        ...['-n', user.namespace, ...manifest, '--docker-password=b', '--dry-run=client'],
        ...['-o', 'json'],
      );
      const secret = JSON.parse(made) as { metadata: object };
      const labels = { 'dollarbox.io/managed-by': 'control-panel' };
      const late = { ...secret, metadata: { ...secret.metadata, labels } };
      await assert.rejects(
        asDollarBox.call({
          method: 'POST',
          path: `/api/v1/namespaces/${user.namespace}/secrets`,
          body: late,
        }),
        /secrets of registries are not kept/,
      );
    });
  });

  describe('nobody prolongs a kubeconfig', () => {
    const own = (path: string) => `/api/v1/namespaces/${user.namespace}/${path}`;
    const account = (of: string) => ({
      metadata: { name: 'stays', annotations: { 'kubernetes.io/service-account.name': of } },
      type: 'kubernetes.io/service-account-token',
    });

    test('by a Secret for a token', async () => {
      assert.match(await refusal(user, own('secrets'), account('default')), /ServiceAccount/);
      await refusal(user, `/api/v1/namespaces/${CREDENTIALS}/secrets`, account(user.key.account));
    });

    test('by asking for a token', async () => {
      const request = { spec: { expirationSeconds: 86_400 } };
      await refusal(user, own('serviceaccounts/default/token'), request);
      const path = `/api/v1/namespaces/${CREDENTIALS}/serviceaccounts/${user.key.account}/token`;
      await refusal(user, path, request);
    });

    test('by an account or a right of their own', async () => {
      await refusal(user, own('serviceaccounts'), { metadata: { name: 'stays' } });
      const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${user.namespace}`;
      const role = { metadata: { name: 'stays' }, rules: [] };
      await refusal(user, `${rbac}/roles`, role);
      const binding = {
        metadata: { name: 'stays' },
        roleRef: {
          ...{ apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole' },
          name: 'dollarbox-tenant',
        },
        subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: user.namespace }],
      };
      await refusal(user, `${rbac}/rolebindings`, binding);
    });

    test('by a pod that has the rights of an account', async () => {
      const pod = (spec: object) => ({
        metadata: { name: 'stays' },
        spec: {
          securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [
            {
              ...{ name: 'main', image: 'demo:1', imagePullPolicy: 'Always' },
              securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
            },
          ],
          ...spec,
        },
      });
      const missing = pod({ serviceAccountName: user.key.account });
      assert.match(await refusal(user, own('pods'), missing), /service account .* not found/);
      await refusal(user, `/api/v1/namespaces/${CREDENTIALS}/pods`, pod({}));
      // The only account that a pod can have may do nothing.
      const who = `system:serviceaccount:${user.namespace}:default`;
      const review = await setup().cluster.kubectl(
        ...['auth', 'can-i', '--list', '--as', who, '-n', user.namespace, '--no-headers'],
      );
      const powers = review.split('\n').filter((line) => line !== '' && !HARMLESS.test(line));
      assert.deepEqual(powers, []);
    });

    test('by a container in a running pod', async () => {
      const path = own('pods/any/ephemeralcontainers');
      await assert.rejects(
        user.api.call({
          method: 'PATCH',
          path,
          contentType: 'application/strategic-merge-patch+json',
          body: { spec: { ephemeralContainers: [] } },
        }),
        (error) => isKubeStatus(error, 403),
      );
    });
  });

  test("DollarBox can't give rights to anyone else, or anywhere else", async () => {
    const { cluster } = setup();
    const as = ['--as', 'system:serviceaccount:dollarbox:dollarbox'];
    const bind = (namespace: string, role: string, who: string) =>
      cluster.kubectl(
        ...[...as, '-n', namespace, 'create', 'rolebinding', 'stolen', '--dry-run=server'],
        ...[`--clusterrole=${role}`, `--serviceaccount=${who}`],
      );
    const account = `${CREDENTIALS}:${user.key.account}`;
    await bind(user.namespace, 'dollarbox-tenant', account);
    const only = /binds the role dollarbox-tenant only/;
    await assert.rejects(bind('kube-system', 'dollarbox-tenant', account), only);
    await assert.rejects(bind(user.namespace, 'dollarbox-tenant', 'dollarbox:dollarbox'), only);
    await assert.rejects(bind(user.namespace, 'cluster-admin', account), /[Ff]orbidden|escalat/);
    const token = ['create', 'token', 'default'];
    await assert.rejects(cluster.kubectl(...as, '-n', 'kube-system', ...token), /[Ff]orbidden/);
  });
}
