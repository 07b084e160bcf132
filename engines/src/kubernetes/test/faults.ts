/** Tests of what fails around the engine, and of what is left after it. */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { afterEach, test } from 'node:test';
import { EngineError } from '../../contract.ts';
import type { ContainerSpec, VolumeObservation } from '../../contract.ts';
import { mountOf, rejectsWith } from '../../suite/context.ts';
import type { SuiteContext } from '../../suite/context.ts';
import { kubeApiCreate } from '../api/client.ts';
import { LABELS } from '../base/names.ts';
import { poll } from '../base/poll.ts';
import {
  componentPaused,
  componentPid,
  componentSignal,
} from '@dollarbox/testbed/cluster-component';
import { cutProxyStart } from './cut-proxy.ts';
import { faultTools } from './fault-tools.ts';
import type { KubernetesSetup } from './suite.ts';

/** The engine of a process that is about to lose the cluster. */
type Dying = ReturnType<KubernetesSetup['engineCreate']>;

/** A start and an end take fewer, without the requests of waiting. As many containers are there at once. */
const [START_STEPS_MAX, END_STEPS_MAX] = [24, 12];

function many<T>(count: number, create: () => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, create));
}

export function faultsTests(context: () => SuiteContext, setup: () => KubernetesSetup): void {
  const { kubectl, late, repaired, endCheck, foreignMake } = faultTools(context, setup);
  const usual: Partial<KubernetesSetup['limits']> = {};
  afterEach(async () => {
    Object.assign(setup().limits, usual);
    await context().engine.tenants.ensure(context().tenant);
  });

  test('a process that is killed at any step of a start leaves what the next one goes on from', async () => {
    const { spec, images, volume, engine } = context();
    const unchanged = await foreignMake();
    const mounted: VolumeObservation[] = [];
    const wanted = async () => {
      const own = await volume();
      mounted.push(own);
      return spec(images.web, { env: { A: 'b' }, volumes: [mountOf(own)] });
    };
    const started = (each: ContainerSpec) => (dying: Dying) => dying.containers.apply(each);
    const first = await wanted();
    const steps = Math.min(await stepsOf(started(first)), START_STEPS_MAX);
    const specs = [first, ...(await many(steps, wanted))];
    await Promise.all(
      specs.map(async (each, allowed) => {
        if (each !== first) await cutAfter(allowed - 1, started(each));
        await repaired(each);
      }),
    );
    await endCheck(...specs);
    await endedAll(specs);
    for (const { ref } of mounted) await engine.volumes.remove(ref);
    await unchanged();
  });

  test('a process that is killed at any step of an end leaves what the next one goes on from', async () => {
    const { apply, spec, images } = context();
    const begun = async () => {
      const made = await spec(images.web, { env: { A: 'b' } });
      return { made, ref: (await apply(made)).ref };
    };
    const ended = (ref: string) => (dying: Dying) => dying.containers.end(ref, 0);
    const first = await begun();
    const steps = Math.min(await stepsOf(ended(first.ref)), END_STEPS_MAX);
    await endedAll([first.made]);
    const cut = async () => {
      const all = await many(steps, begun);
      await Promise.all(all.map(({ ref }, allowed) => cutAfter(allowed, ended(ref))));
      return all.map(({ made }) => made);
    };
    await endedAll(await cut());
    // The other way: the end is not wanted any more.
    const kept = await cut();
    await Promise.all(kept.map((each) => repaired(each)));
    await endCheck(...kept);
    await endedAll(kept);
  });

  /** Ends these containers for good, whatever state they are in, at the same time. */
  async function endedAll(specs: readonly ContainerSpec[]): Promise<void> {
    const { engine } = context();
    await Promise.all(
      specs.map(async ({ id }) => {
        const found = await engine.containers.observe(id);
        if (found !== null) await context().endNow(found.ref);
        await engine.containers.release?.(id);
      }),
    );
    await endCheck();
  }

  /** How many requests the work takes. */
  async function stepsOf(work: (dying: Dying) => Promise<unknown>): Promise<number> {
    const count = await cutAfter(Infinity, work);
    assert.ok(count > 2, `${count} requests`);
    return count;
  }

  /** Does the work in a process that loses the cluster after so many requests. @returns how many it sent. */
  async function cutAfter(
    allowed: number,
    work: (dying: Dying) => Promise<unknown>,
  ): Promise<number> {
    const proxy = await cutProxyStart(setup().kubeconfig, allowed);
    const dying = setup().engineCreate({ kubeconfig: proxy.kubeconfig });
    try {
      await work(dying).catch((error: unknown) => {
        assert.ok(error instanceof EngineError && error.kind === 'retryable', String(error));
      });
      return proxy.requestCount();
    } finally {
      await dying.close();
      proxy.close();
    }
  }

  test('two reconcilers that act at the same time leave one of everything', async () => {
    const { spec, images, engine } = context();
    const other = await setup().worker();
    try {
      // Without env: the one that ends it last may remove the Secret of the next, which comes back when it is needed.
      const wanted = await spec(images.web);
      for (let round = 0; round < 3; round += 1) {
        const made = await Promise.allSettled(
          [engine, other, engine, other].map(({ containers }) => containers.apply(wanted)),
        );
        assert.ok(made.some(({ status }) => status === 'fulfilled'));
        const { ref } = await repaired(wanted);
        await endCheck(wanted);
        await Promise.allSettled([
          ...[engine, other].map(({ containers }) => containers.end(ref, 0)),
          ...[engine, other].map(({ containers }) => containers.apply(wanted)),
        ]);
        await repaired(wanted);
        await endCheck(wanted);
        await context().endNow((await context().observed(wanted.id)).ref);
        await endCheck();
      }
    } finally {
      await other.close();
    }
  });

  test('a pod that is removed while no engine runs comes back by itself', async () => {
    const { apply, spec, images, inState, reach } = context();
    const wanted = await spec(images.web);
    const { ref } = await apply(wanted);
    const before = await setup().podUid(wanted.id);
    await kubectl('delete', 'pod', '-l', `dollarbox.io/container=${wanted.id}`, '--grace-period=1');
    await poll(late(), async () => {
      const uid = await setup()
        .podUid(wanted.id)
        .catch(() => before);
      return uid !== '' && uid !== before;
    });
    assert.equal((await inState(wanted.id, 'running')).ref, ref);
    await context().waitFor('an answer', () => reach(wanted, '/').catch(() => null));
    await endCheck(wanted);
  });

  test('an API server that is killed ends no container, and the engine goes on after it', async () => {
    const { apply, spec, images, engine, reach } = context();
    const [one, two] = [await spec(images.web), await spec(images.web)];
    await apply(one);
    const before = await context().observed(one.id);
    componentSignal(setup().cluster.folder, 'kube-apiserver', 'SIGKILL');
    assert.equal((await repaired(two)).state, 'running');
    const { ref, startedAt } = await context().observed(one.id);
    assert.deepEqual([ref, startedAt], [before.ref, before.startedAt]);
    await context().waitFor('an answer', () => reach(one, '/').catch(() => null));
    await engine.ping();
    await endCheck(one, two);
  });

  test('while etcd stands still verbs fail in time, containers run, and then all goes on', async () => {
    const { apply, spec, images, addressed, read } = context();
    const [one, two] = [await spec(images.web), await spec(images.web)];
    await apply(one);
    const address = await addressed(one.id);
    const before = await context().observed(one.id);
    const hasty = setup().engineCreate({ verbDeadlineMs: 2000 });
    try {
      await componentPaused(setup().cluster.folder, 'etcd', async () => {
        await rejectsWith(hasty.containers.apply(two), 'retryable');
        await context().waitFor('an answer', () => read(address, 8080, '/').catch(() => null));
      });
    } finally {
      await hasty.close();
    }
    await repaired(two);
    assert.equal((await context().observed(one.id)).ref, before.ref);
    await endCheck(one, two);
  });

  test('a node that does not answer is reported, and its containers run on', async () => {
    const { apply, spec, images, addressed, engine, read } = context();
    const wanted = await spec(images.web);
    await apply(wanted);
    const address = await addressed(wanted.id);
    const before = await context().observed(wanted.id);
    await componentPaused(setup().cluster.folder, 'kubelet', async () => {
      const { obstacle } = await poll(late(), async () => {
        const found = await engine.containers.observe(wanted.id);
        return found?.obstacle && found;
      });
      assert.equal(obstacle?.reason, 'node_lost');
    });
    await poll(late(), async () => {
      const found = await engine.containers.observe(wanted.id);
      return found !== null && found.obstacle === undefined;
    });
    await context().waitFor('an answer', () => read(address, 8080, '/').catch(() => null));
    const { ref, startedAt } = await context().observed(wanted.id);
    assert.deepEqual([ref, startedAt], [before.ref, before.startedAt]);
    await endCheck(wanted);
  });

  test('a pod that was given user ids that the kernel refuses is replaced, and said so', async () => {
    const { spec, images, engine } = context();
    const { cluster, namespace, podUid } = setup();
    const wanted = await spec(images.web);
    // Only what this test binds reaches the node.
    await cluster.kubectl('cordon', 'node');
    await engine.containers.apply(wanted);
    const stuck = await poll(late(), () => podUid(wanted.id).catch(() => null));
    const own = `${LABELS.container}=${wanted.id}`;
    const name = await kubectl(
      'get',
      'pods',
      '-l',
      own,
      '-o',
      'jsonpath={.items[0].metadata.name}',
    );
    const admin = kubeApiCreate(cluster.kubeconfig);
    const kubelet = `/proc/${componentPid(cluster.folder, 'kubelet')}/root/var/lib/kubelet`;
    componentSignal(cluster.folder, 'kubelet', 'SIGSTOP');
    try {
      // As the kubelet notes it when a pod gets the last of its ranges.
      const range = [{ hostId: 2 ** 32 - 65_536, containerId: 0, length: 65_536 }];
      const note = JSON.stringify({ uidMappings: range, gidMappings: range });
      await mkdir(`${kubelet}/pods/${stuck}`, { recursive: true });
      await writeFile(`${kubelet}/pods/${stuck}/userns`, note);
      await admin.call({
        ...{ method: 'POST', path: `/api/v1/namespaces/${namespace}/pods/${name}/binding` },
        body: { metadata: { name }, target: { kind: 'Node', name: 'node' } },
      });
    } finally {
      admin.close();
      // It is started again, and reads its notes.
      componentSignal(cluster.folder, 'kubelet', 'SIGKILL');
      await cluster.kubectl('uncordon', 'node');
    }
    const { obstacle } = await poll(late(), async () => {
      const found = await engine.containers.observe(wanted.id);
      return found?.obstacle?.reason === 'engine_error' && found;
    });
    assert.match(obstacle?.message ?? '', /gave its pod user ids that do not work/);
    await context().inState(wanted.id, 'running');
    assert.notEqual(await podUid(wanted.id), stuck);
    await endCheck(wanted);
  });

  test('a container that no node takes says what it lacks, until one does', async () => {
    const { spec, images, engine } = context();
    const { cluster } = setup();
    const wanted = await spec(images.web);
    const found = await cluster.kubectl('get', 'node', 'node', '-o', 'json');
    const { allocatable } = JSON.parse(found).status as { allocatable: { memory: string } };
    const freeKib = 600 * 1024;
    const memory = `${Number.parseInt(allocatable.memory, 10) - freeKib}Ki`;
    const main = { name: 'main', image: images.web, resources: { requests: { memory } } };
    await cluster.manifestApply({
      ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'large', namespace: 'default' } },
      spec: { terminationGracePeriodSeconds: 0, containers: [main] },
    });
    const scheduled = ['--for=condition=PodScheduled', '--timeout=300s'];
    await cluster.kubectl('wait', 'pod/large', '-n', 'default', ...scheduled);
    await engine.containers.apply(wanted);
    const { obstacle } = await poll(late(), async () => {
      const seen = await engine.containers.observe(wanted.id);
      return seen?.obstacle && seen;
    });
    assert.equal(obstacle?.reason, 'unschedulable');
    assert.match(obstacle?.message ?? '', /needs: memory\.$/);
    await cluster.kubectl('-n', 'default', 'delete', 'pod', 'large');
    await endCheck(wanted);
  });

  test('a container above the quota says so, until there is room', async () => {
    const { apply, spec, images, engine, tenant } = context();
    // Those of earlier tests' containers stay until they are given up.
    await kubectl('delete', 'service', '-l', LABELS.container);
    Object.assign(usual, setup().limits);
    setup().limits.containers = 1;
    await engine.tenants.ensure(tenant);
    const [one, two] = [await spec(images.web), await spec(images.web)];
    const { ref } = await apply(one);
    await engine.containers.apply(two);
    const { obstacle } = await poll(late(), async () => {
      const found = await engine.containers.observe(two.id);
      return found?.obstacle && found;
    });
    assert.equal(obstacle?.reason, 'quota');
    await context().endNow(ref);
    await endCheck(two);
  });

  test('a quota that is removed comes back, and nothing that runs is touched', async () => {
    const { apply, spec, images, engine, tenant } = context();
    const wanted = await spec(images.web);
    const before = await apply(wanted);
    await kubectl('delete', 'quota', 'dollarbox');
    const listed = (await engine.tenants.list()).find(({ id }) => id === tenant.id);
    assert.equal(listed?.needs, 'repair');
    await engine.tenants.ensure(tenant);
    await endCheck(wanted);
    assert.equal((await context().observed(wanted.id)).ref, before.ref);
  });
}
