/** Access for kubectl: tests with issued kubeconfigs on a real cluster. */
import { after, before, describe } from 'node:test';
import { clusterSkip } from '@dollarbox/testbed/cluster';
import { suiteContextCreate } from '../suite/context.ts';
import type { SuiteContext } from '../suite/context.ts';
import { credentialsTests } from './test/credentials.ts';
import { kubernetesSuiteSetup } from './test/suite.ts';
import type { KubernetesSetup } from './test/suite.ts';

describe('kubectl on Kubernetes', { skip: clusterSkip() }, () => {
  let setup: KubernetesSetup;
  let context: SuiteContext;
  before(async () => {
    setup = await kubernetesSuiteSetup();
    context = suiteContextCreate(setup);
    await context.engine.tenants.ensure(context.tenant);
  });
  after(async () => {
    await context.clean();
    await context.engine.tenants.remove(context.tenant.id);
    await context.engine.close();
    await setup.close();
  });

  describe('credentials', () =>
    credentialsTests(
      () => context,
      () => setup,
    ));
});
