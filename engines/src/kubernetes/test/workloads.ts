/** Tests of what is told of objects that people create with kubectl. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { poll } from '../base/poll.ts';
import type { KubernetesEngine } from '../engine.ts';
import type { CredentialUser } from './credential-user.ts';

const PATIENCE_MS = 300_000;
const MIB = 2 ** 20;

/** Of pods that an org may create, whose image nobody has. */
const podSpec = {
  terminationGracePeriodSeconds: 0,
  securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
  containers: [
    {
      ...{ name: 'main', image: 'nowhere.invalid/none:1', imagePullPolicy: 'Always' },
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
      resources: { limits: { memory: '64Mi' } },
    },
  ],
};

export function workloadsTests(
  people: () => readonly [CredentialUser, CredentialUser],
  engine: () => KubernetesEngine,
): void {
  const shown = async ({ key }: CredentialUser) =>
    (await engine().workloads.list(key.tenantId))
      .map(({ kind, name, owner, uses }) => ({ kind, name, owner, uses }))
      .toSorted((a, b) => (a.kind < b.kind ? -1 : 1));

  test('what its holder creates is listed with what it uses, and nothing of the panel', async () => {
    const [user, other] = people();
    const create = (path: string, body: object) =>
      user.api.call({ method: 'POST', path: `${path.replace('*', user.namespace)}`, body });
    assert.deepEqual(await shown(user), []);
    const labels = { app: 'listed' };
    const template = { metadata: { labels }, spec: podSpec };
    await create('/apis/apps/v1/namespaces/*/deployments', {
      metadata: { name: 'listed' },
      spec: { replicas: 1, selector: { matchLabels: labels }, template },
    });
    await create('/api/v1/namespaces/*/persistentvolumeclaims', {
      metadata: { name: 'listed' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '2Gi' } } },
    });
    const ports = [{ port: 80 }];
    await create('/api/v1/namespaces/*/services', {
      metadata: { name: 'inside' },
      spec: { ports },
    });
    await create('/api/v1/namespaces/*/services', {
      metadata: { name: 'listed' },
      spec: {
        ...{ type: 'LoadBalancer', allocateLoadBalancerNodePorts: false, ports },
        ...{ ipFamilies: ['IPv6'], ipFamilyPolicy: 'SingleStack' },
      },
    });
    const rows = await poll(AbortSignal.timeout(PATIENCE_MS), async () => {
      const found = await shown(user);
      return found.length === 3 && found;
    });
    const none = { containers: 0, memoryBytes: 0, volumeBytes: 0, addresses: 0 };
    const pod = rows[1]?.name ?? '';
    assert.match(pod, /^listed-/);
    assert.deepEqual(rows, [
      {
        ...{ kind: 'PersistentVolumeClaim', name: 'listed', owner: null },
        uses: { ...none, volumeBytes: 2048 * MIB },
      },
      {
        ...{ kind: 'Pod', name: pod, owner: { kind: 'Deployment', name: 'listed' } },
        uses: { ...none, containers: 1, memoryBytes: 64 * MIB },
      },
      { kind: 'Service', name: 'listed', owner: null, uses: { ...none, addresses: 1 } },
    ]);
    assert.deepEqual(await shown(other), []);
    await user.kubectl('delete', 'deployment,pvc,service', 'listed', '--wait=false');
    await user.kubectl('delete', 'service', 'inside');
    await poll(AbortSignal.timeout(PATIENCE_MS), async () => (await shown(user)).length === 0);
  });

  test('a pod of a Job is shown with the CronJob that made the Job, and otherwise with the Job', async () => {
    const [user] = people();
    const jobSpec = {
      template: { spec: { ...podSpec, restartPolicy: 'Never' } },
    };
    const path = `/apis/batch/v1/namespaces/${user.namespace}`;
    await user.api.call({
      ...{ method: 'POST', path: `${path}/cronjobs` },
      // Never by itself: there is no such day.
      body: {
        metadata: { name: 'nightly' },
        spec: { schedule: '0 0 31 2 *', jobTemplate: { spec: jobSpec } },
      },
    });
    // As the CronJob does it.
    await user.kubectl('create', 'job', 'nightly-1', '--from=cronjob/nightly');
    await user.api.call({
      ...{ method: 'POST', path: `${path}/jobs` },
      body: { metadata: { name: 'once' }, spec: jobSpec },
    });
    const owners = await poll(AbortSignal.timeout(PATIENCE_MS), async () => {
      const found = await shown(user);
      return found.length === 2 && found.map(({ owner }) => `${owner?.kind} ${owner?.name}`);
    });
    assert.deepEqual(owners.toSorted(), ['CronJob nightly', 'Job once']);
    await user.kubectl('delete', 'cronjob/nightly', 'job/once');
    await poll(AbortSignal.timeout(PATIENCE_MS), async () => (await shown(user)).length === 0);
  });
}
