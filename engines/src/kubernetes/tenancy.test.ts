/** How orgs are kept apart in a cluster, and from the cluster: tests on a real one. */
import { after, afterEach, before, describe } from 'node:test';
import { clusterSkip } from '@dollarbox/testbed/cluster';
import { suiteContextCreate } from '../suite/context.ts';
import type { SuiteContext } from '../suite/context.ts';
import { isolationTests } from './test/isolation.ts';
import { limitsTests } from './test/limits.ts';
import { policiesTests } from './test/policies.ts';
import { kubernetesSuiteSetup } from './test/suite.ts';
import type { KubernetesSetup } from './test/suite.ts';

describe('tenancy on Kubernetes', { skip: clusterSkip() }, () => {
  let setup: KubernetesSetup;
  let context: SuiteContext;
  before(async () => {
    setup = await kubernetesSuiteSetup();
    context = suiteContextCreate(setup);
    await context.engine.tenants.ensure(context.tenant);
  });
  afterEach(() => context.clean());
  after(async () => {
    try {
      await context.engine.tenants.remove(context.tenant.id);
      await context.engine.close();
    } finally {
      await setup.close();
    }
  });

  describe('policies', () =>
    policiesTests(
      () => context,
      () => setup,
    ));
  describe('limits', () =>
    limitsTests(
      () => context,
      () => setup,
    ));
  describe('isolation', () =>
    isolationTests(
      () => context,
      () => setup,
    ));
});
