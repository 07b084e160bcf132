/** What tests of faults share: repairing as the reconciler does, and the check of what is left. */
import assert from 'node:assert/strict';
import { containerSpecHash, EngineError } from '../../contract.ts';
import type { ContainerObservation, ContainerSpec } from '../../contract.ts';
import type { SuiteContext } from '../../suite/context.ts';
import { LABELS, ownSelector } from '../base/names.ts';
import { poll } from '../base/poll.ts';
import type { KubernetesSetup } from './suite.ts';

const LATE_MS = 300_000;

export interface FaultTools {
  /** In the first tenant's namespace. */
  kubectl(...args: string[]): Promise<string>;
  late(): AbortSignal;
  /** Ends what is made from another spec, and applies until it runs. */
  repaired(spec: ContainerSpec): Promise<ContainerObservation>;
  /** Whether nothing is to be repaired, as a sweep sees it. */
  isWell(spec: ContainerSpec): Promise<boolean>;
  /** Each of these containers runs, with one of each of its objects; nothing else of ours is left. */
  endCheck(...specs: ContainerSpec[]): Promise<void>;
  /** What somebody else has in the namespace. @returns a check that it is as it was. */
  foreignMake(): Promise<() => Promise<void>>;
}

export function faultTools(context: () => SuiteContext, setup: () => KubernetesSetup): FaultTools {
  const kubectl = (...args: string[]) => setup().cluster.kubectl('-n', setup().namespace, ...args);
  const late = () => AbortSignal.timeout(LATE_MS);

  /** The containers that the objects of a kind belong to. */
  async function ownersOf(kind: string): Promise<string> {
    const { installationId } = setup();
    const label = LABELS.container.replaceAll('.', '\\.');
    const selector = `${ownSelector(installationId)},${LABELS.container}`;
    const path = `{range .items[*]}{.metadata.labels.${label}}{"\\n"}{end}`;
    const found = await kubectl('get', kind, '-l', selector, '-o', `jsonpath=${path}`);
    return found.trim().split('\n').filter(Boolean).toSorted().join();
  }

  /** @returns whether it was applied: what is still being removed also runs for a moment. */
  async function repairedOnce(spec: ContainerSpec): Promise<boolean> {
    const { engine } = context();
    try {
      await engine.containers.apply(spec);
      return true;
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      if (error.reason !== 'differs') {
        assert.equal(error.kind, 'retryable', error.message);
        return false;
      }
      const found = await engine.containers.observe(spec.id);
      if (found !== null) await context().endNow(found.ref);
      return false;
    }
  }

  return {
    kubectl,
    late,

    repaired: (spec) =>
      poll(late(), async () => {
        if (!(await repairedOnce(spec))) return false;
        const found = await context()
          .engine.containers.observe(spec.id)
          .catch(() => null);
        const isOwn = found?.specHash === containerSpecHash(spec);
        return found?.state === 'running' && found.connected && isOwn && found;
      }),

    async isWell(spec) {
      const listed = await context().engine.containers.list();
      const found = listed.find(({ id }) => id === spec.id);
      const isOwn = found?.specHash === containerSpecHash(spec);
      return isOwn && found?.state === 'running' && found.connected;
    },

    async endCheck(...specs) {
      const { engine } = context();
      const ids = specs.map(({ id }) => String(id)).toSorted();
      for (const kind of ['deployments', 'replicasets', 'pods']) {
        await poll(late(), async () => (await ownersOf(kind)) === ids.join());
      }
      const withEnv = specs.filter(({ env }) => Object.keys(env).length > 0);
      assert.equal(
        await ownersOf('secrets'),
        withEnv
          .map(({ id }) => String(id))
          .toSorted()
          .join(),
      );
      const listed = await engine.containers.list();
      assert.deepEqual(listed.map(({ id }) => String(id)).toSorted(), ids);
      for (const spec of specs) {
        const { state, specHash, obstacle, connected } = await context().inState(
          spec.id,
          'running',
        );
        assert.deepEqual(
          { state, specHash, obstacle, connected },
          {
            ...{ state: 'running', specHash: containerSpecHash(spec) },
            ...{ obstacle: undefined, connected: true },
          },
        );
      }
      assert.equal((await engine.tenants.list()).find(({ id }) => id === 1)?.needs, undefined);
    },

    async foreignMake() {
      const [name, { namespace }] = ['not-ours', setup()];
      const labels = { app: name };
      const manifests = [
        { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace } },
        {
          ...{ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace } },
          spec: { selector: labels, ports: [{ port: 80 }] },
        },
      ];
      for (const manifest of manifests) await setup().cluster.manifestApply(manifest);
      const versions = () =>
        kubectl(
          ...['get', 'configmap,service', name, '-o'],
          'jsonpath={range .items[*]}{.metadata.uid} {.metadata.resourceVersion}{"\\n"}{end}',
        );
      const before = await versions();
      return async () => {
        assert.equal(await versions(), before);
        await kubectl('delete', 'configmap,service', name);
      };
    },
  };
}
