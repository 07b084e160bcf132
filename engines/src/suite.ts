/** One test suite that every engine passes: each sentence of the contract. */
import { after, afterEach, before, describe } from 'node:test';
import { changesTests } from './suite/changes.ts';
import { commandsTests } from './suite/commands.ts';
import { containersApplyTests } from './suite/containers-apply.ts';
import { containersEndTests } from './suite/containers-end.ts';
import { containersLogsTests } from './suite/containers-logs.ts';
import { containersRepairTests } from './suite/containers-repair.ts';
import { createSuiteContext } from './suite/context.ts';
import type { SuiteContext } from './suite/context.ts';
import { hostTests } from './suite/host.ts';
import { imagesTests } from './suite/images.ts';
import type { SuiteSetup } from './suite/setup.ts';
import { tenantsTests } from './suite/tenants.ts';
import { volumesCommandsTests } from './suite/volumes-commands.ts';
import { volumesDataTests } from './suite/volumes-data.ts';
import { volumesMountedTests } from './suite/volumes-mounted.ts';
import { volumesTests } from './suite/volumes.ts';

/**
 * Defines the suite's tests for one engine.
 * @param name the engine's, in the report.
 * @param setup called once, before the first test.
 * @param options.volumesOnly leaves out all that has nothing to do with volumes.
 * @param options.runsCommands false: it only pretends to, and tests of what commands see are left out.
 * @param options.skip a reason why this engine can't be tested here.
 */
export function engineSuite(
  name: string,
  setup: () => Promise<SuiteSetup>,
  options: { skip?: string | false; runsCommands?: boolean; volumesOnly?: boolean } = {},
): void {
  describe(`${name} engine`, { skip: options.skip ?? false }, () => {
    let context: SuiteContext | null = null;
    function current(): SuiteContext {
      if (context === null) throw new Error('The setup of the engine suite failed.');
      return context;
    }
    before(async () => {
      context = createSuiteContext(await setup());
      await context.engine.tenants.ensure(context.tenant);
    });
    afterEach(() => context?.clean());
    after(async () => {
      if (context === null) return;
      try {
        await context.engine.tenants.remove(context.tenant.id);
        await context.engine.close();
      } finally {
        await context.close();
      }
    });

    volumesTests(current);
    volumesMountedTests(current);
    volumesDataTests(current);
    if (options.runsCommands ?? true) volumesCommandsTests(current);
    if (options.volumesOnly ?? false) return;
    hostTests(current);
    tenantsTests(current);
    imagesTests(current);
    containersApplyTests(current);
    containersRepairTests(current);
    containersEndTests(current);
    containersLogsTests(current);
    changesTests(current);
    if (options.runsCommands ?? true) commandsTests(current);
  });
}
