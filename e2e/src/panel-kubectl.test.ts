import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { chromiumSkip } from '@dollarbox/testbed/chromium';
import type { Page } from 'playwright-core';
import { type PanelScene, axeNone, headingSeen, panelSceneOpen, signIn } from './panel-scene.ts';

describe('the kubectl page of an org', { skip: chromiumSkip() }, () => {
  let scene: PanelScene;
  let page: Page;
  before(async () => {
    scene = await panelSceneOpen();
    page = await scene.visit();
    await signIn(page, scene.owner);
  });
  after(() => scene.close());

  async function pageOpen(): Promise<void> {
    await page.goto('/orgs/main/kubectl');
    await headingSeen(page, 'kubectl');
  }

  it('is said to be not available on Docker, and can not be turned on', async () => {
    const docker = await scene.visit();
    await docker.route('**/api/account/setup/', async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...(await response.json()), kubectl: false } });
    });
    await signIn(docker, scene.owner);
    await docker.goto('/orgs/main/kubectl');
    await docker.getByText('kubectl access is not available').waitFor();
    assert.equal(await docker.getByRole('link', { name: 'settings of the org' }).count(), 0);
    await axeNone(docker, 'kubectl that is not available');
    await docker.goto('/orgs/main/settings');
    await docker.getByText('Not available here: containers run on Docker').waitFor();
    assert.ok(await docker.getByRole('switch', { name: 'kubectl access' }).isDisabled());
    await docker.context().close();
    scene.faultsNone();
  });

  it('says how to turn kubectl access on where it is off', async () => {
    await pageOpen();
    await page.getByText('kubectl access is off').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Create credential' }).count(), 0);
    await axeNone(page, 'kubectl that is off');
    await page.getByRole('link', { name: 'settings of the org' }).click();
    await headingSeen(page, 'Settings');
    await page.getByRole('switch', { name: 'kubectl access' }).click();
    await page.getByText('Kubectl access is on.').waitFor();
    scene.faultsNone();
  });

  it('creates a credential, shows its kubeconfig once, and revokes it', async () => {
    await pageOpen();
    await page.getByRole('button', { name: 'Create credential' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('laptop');
    await dialog.getByLabel('Expires in').selectOption({ label: '30 days' });
    await axeNone(page, 'the form of a credential');
    await dialog.getByRole('button', { name: 'Create credential' }).click();
    await dialog.getByText('The credential is ready to use.').waitFor();
    await axeNone(page, 'a kubeconfig');
    const lines = dialog.getByRole('region', { name: 'kubectl lines' });
    assert.match(await lines.innerText(), /^export KUBECONFIG=\S+dollarbox-main\.kubeconfig\n/);
    const download = page.waitForEvent('download');
    await dialog.getByRole('link', { name: 'Download' }).click();
    const file = await download;
    assert.equal(file.suggestedFilename(), 'dollarbox-main.kubeconfig');
    assert.match(await readFile(await file.path(), 'utf8'), /^apiVersion: v1\nkind: Config\n/);
    await dialog.getByRole('button', { name: 'Done' }).click();
    await dialog.waitFor({ state: 'hidden' });

    const row = page.getByRole('row').filter({ hasText: 'laptop' });
    await row.waitFor();
    await page.getByRole('button', { name: 'Revoke laptop' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await row.waitFor({ state: 'detached' });
    await page.getByText('No kubectl credentials yet').waitFor();
    scene.faultsNone();
  });

  it('shows on the page of the usage what runs by kubectl', async () => {
    const none = { containers: 0, memory_bytes: 0, volume_gb: 0, addresses: 0 };
    const created_at = '2026-11-02T09:00:00.000Z';
    const results = [
      {
        ...{ kind: 'Pod', name: 'web-1', owner: { kind: 'Deployment', name: 'web' }, created_at },
        uses: { ...none, containers: 1, memory_bytes: 64 * 2 ** 20 },
      },
      {
        ...{ kind: 'PersistentVolumeClaim', name: 'data', owner: null, created_at },
        uses: { ...none, volume_gb: 2.5 },
      },
    ];
    // The server's engine has no cluster.
    await page.route('**/api/v1/orgs/main/workloads/**', (route) =>
      route.fulfill({ json: { next: null, previous: null, results } }),
    );
    await page.goto('/orgs/main/usage');
    await headingSeen(page, 'Usage');
    const table = page.getByRole('table', { name: 'Created with kubectl' });
    await table.waitFor();
    const texts = await table.getByRole('row').allInnerTexts();
    assert.deepEqual(
      texts.slice(1).map((text) => text.split(/\s*\t\s*/)),
      [
        ['web-1', 'Pod', 'Deployment web', '1 container, 64 MiB of memory'],
        ['data', 'PersistentVolumeClaim', '–', '2.5 GB of volumes'],
      ],
    );
    await page
      .getByText('1 container, 64 MiB of memory, 2.5 GB of volumes of the same limits.')
      .waitFor();
    await axeNone(page, 'the usage of kubectl');
    scene.faultsNone();
  });
});
