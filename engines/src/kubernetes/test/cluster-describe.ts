import { after, afterEach, before, describe } from 'node:test';
import { clusterSkip } from '@dollarbox/testbed/cluster';
import { suiteContextCreate } from '../../suite/context.ts';
import type { SuiteContext } from '../../suite/context.ts';
import { kubernetesSuiteSetup } from './suite.ts';
import type { KubernetesSetup } from './suite.ts';

type ClusterTests = (context: () => SuiteContext, setup: () => KubernetesSetup) => void;

/**
 * Tests of this engine alone, on one real cluster and with one engine, whose first tenant exists.
 * @param parts by the name of each part.
 * @param options.cleansEach whether what a test left is removed before the next one, or after the last one only.
 */
export function clusterDescribe(
  name: string,
  parts: Record<string, ClusterTests>,
  { cleansEach = true } = {},
): void {
  describe(name, { skip: clusterSkip() }, () => {
    let setup: KubernetesSetup;
    let context: SuiteContext;
    before(async () => {
      setup = await kubernetesSuiteSetup();
      context = suiteContextCreate(setup);
      await context.engine.tenants.ensure(context.tenant);
    });
    if (cleansEach) afterEach(() => context.clean());
    after(async () => {
      try {
        await context.clean();
        await context.engine.tenants.remove(context.tenant.id);
        await context.engine.close();
      } finally {
        await setup.close();
      }
    });

    for (const [part, declare] of Object.entries(parts)) {
      describe(part, () =>
        declare(
          () => context,
          () => setup,
        ),
      );
    }
  });
}
