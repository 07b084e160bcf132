/** The Terraform provider's own tests, with OpenTofu, against servers that are started here. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { type TestContext, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { dockerSkip } from '@dollarbox/host/docker';
import { canaryOf } from '@dollarbox/testbed/canary';
import { tofuEnsure } from '@dollarbox/testbed/tofu';
import { type GoTestResult, goTest } from './go-tests.ts';
import { engineSceneOpen } from './engine-scene.ts';
import { type ServerProcess, serverStart } from './server-process.ts';

const MODULE = fileURLToPath(new URL('../../terraform', import.meta.url));
/** What the first start creates. */
const [OWNER, ORG] = ['owner@localhost', 'main'];
/** The examples of the documentation name this org and the first of these members. */
const OTHER_ORG = 'lab';
const MEMBERS = ['grace@example.com', 'alan@example.com'] as const;
const PASSWORD = canaryOf('a long password of a test');

const goSkip = await promisify(execFile)('go', ['version']).then(
  () => false as const,
  () => 'Go is not installed',
);

const dockerMissing = await dockerSkip();

/** Gives the first start's owner a second org and a member, and room for what the tests create. */
async function variablesOf(server: ServerProcess, image: string): Promise<Record<string, string>> {
  for (const member of MEMBERS) {
    await server.admin('user-create', '--email', member, '--password', PASSWORD);
    await server.admin('member-add', '--org', ORG, '--user', member, '--role', 'member');
  }
  await server.admin('org-limits', '--org', ORG, '--containers', '40', '--volume-gb', '100');
  await server.admin('org-create', '--slug', OTHER_ORG, '--name', 'Other', '--owner', OWNER);
  return {
    TF_ACC: '1',
    TF_ACC_TERRAFORM_PATH: await tofuEnsure(),
    TF_ACC_PROVIDER_NAMESPACE: 'dollarbox',
    TF_ACC_PROVIDER_HOST: 'dollarbox.dev',
    CHECKPOINT_DISABLE: '1',
    // As the release is built, so that each package is compiled once for both.
    CGO_ENABLED: '0',
    GOFLAGS: '-trimpath -buildvcs=false',
    // OpenTofu warns if it names a file that is missing, and plugin-testing can't read its version then.
    TF_CLI_CONFIG_FILE: '',
    DOLLARBOX_ENDPOINT: server.url,
    DOLLARBOX_TOKEN: server.token,
    DOLLARBOX_ORG: ORG,
    DOLLARBOX_TEST_OTHER_ORG: OTHER_ORG,
    DOLLARBOX_TEST_MEMBER: MEMBERS[1],
    DOLLARBOX_TEST_IMAGE: image,
  };
}

/** Reports each Go test as a subtest. */
async function report(context: TestContext, results: readonly GoTestResult[]): Promise<void> {
  assert.ok(results.length > 0, 'no Go test ran');
  for (const { name, outcome, output } of results) {
    await context.test(name, { skip: outcome === 'skip' && output }, () => {
      assert.equal(outcome, 'pass', output);
    });
  }
}

describe('the Terraform provider', { skip: goSkip }, () => {
  it('passes its tests on the fake engine', async (context) => {
    const server = await serverStart({ ENGINE: 'fake' });
    try {
      await server.admin('org-update', '--org', ORG, '--kubectl', 'on');
      await report(
        context,
        await goTest(
          MODULE,
          ['-skip=^TestDocker', './...'],
          await variablesOf(server, 'nginx:1.27'),
        ),
      );
    } finally {
      await server.remove();
    }
  });

  it(
    'passes those of containers and volumes on Docker',
    { skip: dockerMissing },
    async (context) => {
      const { server, images, close } = await engineSceneOpen();
      try {
        const args = ['-run=^Test(Container|Docker)', './internal/acceptance'];
        await report(context, await goTest(MODULE, args, await variablesOf(server, images.web)));
      } finally {
        await close();
      }
    },
  );
});
