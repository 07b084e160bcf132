/** The test suite that every engine passes. It covers each sentence of the contract. */
import { after, afterEach, before, describe } from 'node:test';
import { accessTests } from './access.ts';
import { changesTests } from './changes.ts';
import { commandsTests } from './commands.ts';
import { containersApplyTests } from './containers-apply.ts';
import { containersEndTests } from './containers-end.ts';
import { containersLogsTests } from './containers-logs.ts';
import { containersRepairTests } from './containers-repair.ts';
import { suiteContextCreate } from './context.ts';
import type { SuiteContext } from './context.ts';
import { hostTests } from './host.ts';
import { imagesTests } from './images.ts';
import type { SuiteSetup } from './setup.ts';
import { tenantsTests } from './tenants.ts';
import { volumesArchivesTests } from './volumes-archives.ts';
import { volumesCommandsTests } from './volumes-commands.ts';
import { volumesDataTests } from './volumes-data.ts';
import { volumesMountedTests } from './volumes-mounted.ts';
import { volumesOfImagesTests } from './volumes-of-images.ts';
import { volumesTests } from './volumes.ts';

/**
 * Defines the suite's tests for one engine.
 * @param name the engine's name in the report.
 * @param setup called once, before the first test.
 * @param options.volumesOnly leaves out everything that is unrelated to volumes.
 * @param options.runsCommands false: it only pretends to, and tests of what commands see are left out.
 * @param options.without what an engine can't do yet, each with the reason. Those tests are reported as skipped.
 * @param options.skip a reason why this engine can't be tested here.
 */
export function engineSuite(
  name: string,
  setup: () => Promise<SuiteSetup>,
  options: {
    skip?: string | false;
    runsCommands?: boolean;
    volumesOnly?: boolean;
    without?: { volumeOwners?: string; largeIds?: string; reaper?: string };
  } = {},
): void {
  describe(`${name} engine`, { skip: options.skip ?? false }, () => {
    let context: SuiteContext | null = null;
    function current(): SuiteContext {
      if (context === null) throw new Error('The setup of the engine suite failed.');
      return context;
    }
    before(async () => {
      context = suiteContextCreate(await setup());
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
    volumesOfImagesTests(current);
    volumesDataTests(current);
    const { volumeOwners, largeIds } = options.without ?? {};
    if (options.runsCommands ?? true) {
      volumesArchivesTests(current, largeIds);
      describe('owners of volumes', { skip: volumeOwners ?? false }, () =>
        volumesCommandsTests(current),
      );
    }
    if (options.volumesOnly ?? false) return;
    hostTests(current);
    tenantsTests(current);
    imagesTests(current);
    containersApplyTests(current);
    containersRepairTests(current);
    containersEndTests(current);
    containersLogsTests(current);
    accessTests(current);
    changesTests(current);
    if (options.runsCommands ?? true) commandsTests(current, options.without?.reaper);
  });
}
