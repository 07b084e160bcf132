/** Tests of what is asked of a cluster where nothing happens. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SuiteContext } from '../../suite/context.ts';
import { mountOf } from '../../suite/context.ts';
import { poll } from '../base/poll.ts';
import { cutProxyStart } from './cut-proxy.ts';
import { faultTools } from './fault-tools.ts';
import type { KubernetesSetup } from './suite.ts';

/** The two of the container's Deployment and Service, what is asked before each, and what is known of its image. */
const START_REQUESTS = 5;
/** Its Deployment, its pods, its Service. */
const LOOK_REQUESTS = 3;

export function restTests(context: () => SuiteContext, setup: () => KubernetesSetup): void {
  const { kubectl, late } = faultTools(context, setup);

  test('at rest a sweep lists nothing, and still finds what somebody changes', async () => {
    const { apply, spec, images, volume, engine, tenant } = context();
    const wanted = await spec(images.web, { volumes: [mountOf(await volume())] });
    await apply(wanted);
    const proxy = await cutProxyStart(setup().kubeconfig, Infinity);
    const other = setup().engineCreate({ kubeconfig: proxy.kubeconfig });
    const stop = new AbortController();
    const following = (async () => {
      for await (const change of other.changes(stop.signal)) void change;
    })();
    const sweep = () =>
      Promise.all([other.containers.list(), other.volumes.list(), other.tenants.list()]);
    const listsOf = async (work: () => Promise<unknown>) => {
      const before = proxy.listCount();
      await work();
      return proxy.listCount() - before;
    };
    try {
      await poll(late(), async () => (await listsOf(sweep)) === 0);
      const found = await sweep();
      const { containers, volumes, tenants } = engine;
      assert.deepEqual(
        found,
        await Promise.all([containers.list(), volumes.list(), tenants.list()]),
      );
      assert.deepEqual(
        found.map(({ length }) => length),
        [1, 1, 1],
      );
      const { eventsSilentMs } = await other.host.capacity();
      assert.ok(typeof eventsSilentMs === 'number' && eventsSilentMs >= 0);

      await kubectl('delete', 'quota', 'dollarbox');
      await kubectl('scale', `deployment/${wanted.name}-${wanted.id}`, '--replicas=0');
      const lists = await listsOf(() =>
        poll(late(), async () => {
          const [[container], , [org]] = await sweep();
          return container?.specHash === '' && org?.needs === 'repair';
        }),
      );
      assert.equal(lists, 0);
      await engine.tenants.ensure(tenant);
    } finally {
      stop.abort();
      await following;
      await other.close();
      proxy.close();
    }
    const silent = await other.host.capacity();
    assert.equal(silent.eventsSilentMs, null);
  });

  test('a start and a look take no more requests than they need', async () => {
    const { spec, images, inState } = context();
    const wanted = await spec(images.web);
    const proxy = await cutProxyStart(setup().kubeconfig, Infinity);
    const other = setup().engineCreate({ kubeconfig: proxy.kubeconfig });
    const requestsOf = async (work: () => Promise<unknown>) => {
      const before = proxy.requestCount();
      await work();
      return proxy.requestCount() - before;
    };
    try {
      assert.equal(await requestsOf(() => other.containers.apply(wanted)), START_REQUESTS);
      await inState(wanted.id, 'running');
      assert.equal(await requestsOf(() => other.containers.observe(wanted.id)), LOOK_REQUESTS);
    } finally {
      await other.close();
      proxy.close();
    }
  });
}
