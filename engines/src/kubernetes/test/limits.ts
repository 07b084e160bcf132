/** Tests of what an org may use in the cluster, and that it stays so. */
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { poll } from '../base/poll.ts';
import type { SuiteContext } from '../../suite/context.ts';
import { rejectsWith } from '../../suite/context.ts';
import type { KubernetesSetup } from './suite.ts';

export function limitsTests(context: () => SuiteContext, setup: () => KubernetesSetup): void {
  const kubectl = (...args: string[]) => setup().cluster.kubectl('-n', setup().namespace, ...args);
  const hard = async (kind: string) =>
    kubectl('get', 'quota', 'dollarbox', '-o', `jsonpath={.spec.hard.${kind}}`);
  const needs = async () => {
    const { engine, tenant } = context();
    return (await engine.tenants.list()).find(({ id }) => id === tenant.id)?.needs;
  };
  let usual: KubernetesSetup['limits'] | undefined;
  function limit(changes: Partial<KubernetesSetup['limits']>): void {
    usual ??= { hasKubectl: false, ...setup().limits };
    Object.assign(setup().limits, changes);
  }
  afterEach(async () => {
    Object.assign(setup().limits, usual);
    await context().engine.tenants.ensure(context().tenant);
  });

  test('an org may use what its limits say, and gets more when they are raised', async () => {
    const { engine, tenant } = context();
    limit({ containers: 2, volumeGb: 3 });
    assert.equal(await needs(), 'update');
    await engine.tenants.ensure(tenant);
    assert.equal(await needs(), undefined);
    assert.deepEqual(
      await Promise.all(['pods', 'requests\\.memory', 'requests\\.storage'].map(hard)),
      // With room for the pod that reads and writes volumes.
      [...['3', '2112Mi', '3Gi']],
    );
    limit({ containers: 1000, volumeGb: 1024 });
    assert.equal(await needs(), 'update');
    await engine.tenants.ensure(tenant);
    // As the API server writes them: they are not taken for changes of somebody else's.
    assert.equal(await needs(), undefined);
    assert.deepEqual(await Promise.all(['pods', 'requests\\.storage'].map(hard)), ['1001', '1Ti']);
    limit({ hasKubectl: true });
    assert.equal(await needs(), 'update');
    await engine.tenants.ensure(tenant);
    assert.deepEqual(await Promise.all(['pods', 'requests\\.memory'].map(hard)), ['1k', '1000Gi']);
  });

  test('what somebody removes or changes is found, and comes back', async () => {
    const { engine, tenant } = context();
    const open = '[{"op": "replace", "path": "/spec/egress", "value": [{}]}]';
    const changes = [
      ['delete', 'quota', 'dollarbox'],
      ['delete', 'limitrange', 'dollarbox'],
      ['delete', 'networkpolicy', 'dollarbox'],
      ['patch', 'quota', 'dollarbox', '-p', '{"spec": {"hard": {"pods": "1000"}}}'],
      ['patch', 'networkpolicy', 'dollarbox', '--type=json', '-p', open],
      ['label', 'namespace', setup().namespace, 'pod-security.kubernetes.io/enforce-'],
      ['label', 'namespace', setup().namespace, '--overwrite', 'dollarbox.io/managed-by=me'],
    ];
    for (const change of changes) {
      assert.equal(await needs(), undefined, change.join(' '));
      await kubectl(...change);
      assert.equal(await needs(), 'repair', change.join(' '));
      await engine.tenants.ensure(tenant);
    }
    assert.equal(await needs(), undefined);
    assert.equal(await hard('pods'), String(setup().limits.containers + 1));
  });

  test('a volume above the limit waits, and is made when there is room', async () => {
    const { engine, tenant, volumeSpec } = context();
    limit({ volumeGb: 2 });
    await engine.tenants.ensure(tenant);
    const [first, second] = [volumeSpec({ sizeGb: 2 }), volumeSpec({ sizeGb: 1 })];
    const { ref } = await engine.volumes.apply(first);
    await rejectsWith(engine.volumes.apply(second), 'retryable', 'quota');
    await engine.volumes.remove(ref);
    await poll(AbortSignal.timeout(300_000), () => engine.volumes.apply(second).catch(() => null));
  });

  test('a namespace that does not end holds up its org, and no other', async () => {
    const { engine, tenants } = context();
    const [, second] = tenants;
    const name = setup().namespace.replace(/-\d+$/, `-${second.id}`);
    await engine.tenants.ensure(second);
    const stuck = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'stuck', namespace: name, finalizers: ['example.com/never'] },
    };
    await setup().cluster.manifestApply(stuck);
    await engine.tenants.remove(second.id);
    const hasty = setup().engineCreate({ verbDeadlineMs: 2000 });
    try {
      await rejectsWith(hasty.tenants.ensure(second), 'retryable');
    } finally {
      await hasty.close();
    }
    assert.deepEqual(
      (await engine.tenants.list()).map(({ id }) => id),
      [context().tenant.id],
    );
    await engine.tenants.ensure(context().tenant);
    const free = '{"metadata": {"finalizers": null}}';
    await setup().cluster.kubectl('-n', name, 'patch', 'configmap', 'stuck', '-p', free);
    await poll(AbortSignal.timeout(300_000), () =>
      engine.tenants.ensure(second).then(
        () => true,
        () => false,
      ),
    );
    await engine.tenants.remove(second.id);
  });
}
