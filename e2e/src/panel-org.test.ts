import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { canaryOf } from '@dollarbox/testbed/canary';
import { chromiumSkip } from '@dollarbox/testbed/chromium';
import type { Page } from 'playwright-core';
import {
  type PanelScene,
  axeNone,
  faultSeen,
  headingSeen,
  panelSceneOpen,
  proofsAge,
  signIn,
} from './panel-scene.ts';
import { until } from './wait.ts';

describe('the settings of an org', { skip: chromiumSkip() }, () => {
  let scene: PanelScene;
  let page: Page;
  before(async () => {
    scene = await panelSceneOpen({ ISOLATION: 'weak' });
    page = await scene.visit();
    await signIn(page, scene.owner);
  });
  after(() => scene.close());

  async function settingsOpen(tab: Page, slug: string): Promise<void> {
    await tab.goto(`/orgs/${slug}/settings`);
    await headingSeen(tab, 'Settings');
    await tab.getByLabel('Billing email').waitFor();
  }

  async function orgCreate(slug: string, name: string): Promise<void> {
    await page.goto('/new-org');
    await page.getByLabel('Name', { exact: true }).fill(name);
    await page.getByLabel('Slug', { exact: true }).fill(slug);
    await page.getByRole('button', { name: 'Create org' }).click();
    await page.getByText(`Org “${name}” created.`).waitFor();
  }

  it('save what was typed, and show faults at their field', async () => {
    await settingsOpen(page, 'main');
    await page.getByLabel('Billing email').fill('nobody');
    await page.getByRole('button', { name: 'Save changes' }).click();
    assert.match(await faultSeen(page.getByLabel('Billing email')), /e-mail address/);
    await page.getByLabel('Billing email').fill('bills@example.com');
    await page.getByLabel('Name', { exact: true }).fill('Main Street');
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByText('Org changed.').waitFor();
    await page.getByRole('button', { name: 'Org: Main Street' }).waitFor();
    await page.reload();
    await until('the saved address is there', async () => {
      const value = await page.getByLabel('Billing email').inputValue();
      return value === 'bills@example.com';
    });
    scene.faultsNone();
  });

  it('never save over what someone else saved meanwhile: yours, theirs and before are shown', async () => {
    const other = await page.context().newPage();
    await settingsOpen(page, 'main');
    await settingsOpen(other, 'main');
    const save = async (tab: Page, name: string) => {
      await tab.getByLabel('Name', { exact: true }).fill(name);
      await tab.getByRole('button', { name: 'Save changes' }).click();
    };
    // What is being typed stays, although the page notices what happened elsewhere.
    await page.getByLabel('Name', { exact: true }).fill('Mine');
    await save(other, 'Theirs');
    await other.getByText('Org changed.').waitFor();
    await page.getByText('These settings were changed elsewhere.').waitFor();
    assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), 'Mine');

    await page.getByRole('button', { name: 'Save changes' }).click();
    const view = page.getByRole('alert').filter({ hasText: 'Changed elsewhere' });
    const row = view.getByRole('row').filter({ hasText: 'Name' });
    await row.waitFor();
    assert.deepEqual(await row.getByRole('cell').allInnerTexts(), [
      'Main Street',
      'Theirs',
      'Mine',
    ]);
    await axeNone(page, 'the three-way view');
    await view.getByRole('button', { name: 'Save yours' }).click();
    await page.getByText('Org changed.').waitFor();

    await save(other, 'Theirs again');
    await other.getByRole('button', { name: 'Use theirs' }).click();
    assert.equal(await other.getByLabel('Name', { exact: true }).inputValue(), 'Mine');
    await other.close();
    scene.faultsNone();
  });

  it('turn access by tokens off after a question, and on again', async () => {
    await settingsOpen(page, 'main');
    const api = page.getByRole('switch', { name: 'API access' });
    await api.click();
    await axeNone(page, 'the question before the API is turned off');
    await page.getByRole('dialog').getByRole('button', { name: 'Turn off' }).click();
    await page.getByText('API access is off.').waitFor();
    assert.equal(await api.isChecked(), false);
    await api.click();
    await page.getByText('API access is on.').waitFor();
    await page.getByRole('switch', { name: 'kubectl access' }).click();
    await page.getByText('Kubectl access is on.').waitFor();
    scene.faultsNone();
  });

  it('delete an org after its slug was typed and its owner has proved who they are', async () => {
    await orgCreate('doomed', 'Doomed');
    await settingsOpen(page, 'doomed');
    await proofsAge(scene.databaseUrl);
    await page.getByRole('button', { name: 'Delete org' }).click();
    const dialog = page.getByRole('dialog', { name: 'Delete Doomed?' });
    const confirm = dialog.getByRole('button', { name: 'Delete org' });
    await dialog.getByLabel('Type doomed to confirm').fill('doom');
    await confirm.click();
    assert.match(await faultSeen(dialog.getByLabel('Type doomed to confirm')), /Type doomed/);
    await dialog.getByLabel('Type doomed to confirm').fill('doomed');
    await confirm.click();
    const identity = page.getByRole('dialog', { name: 'Confirm your identity' });
    await identity.waitFor();
    // Whoever closes the question is told nothing: they know.
    await page.keyboard.press('Escape');
    await identity.waitFor({ state: 'hidden' });
    assert.equal(await dialog.getByRole('alert').count(), 0);
    await confirm.click();
    await identity.getByLabel('Password').fill(scene.owner.password);
    await identity.getByRole('button', { name: 'Confirm' }).click();
    await page.getByText('Org “Doomed” deleted.').waitFor();
    await page.goto('/orgs/doomed/settings');
    await headingSeen(page, 'Page not found');
    scene.faultsNone();
  });

  it('are only shown to members, who see no audit log', async () => {
    const member = { email: 'member@example.com', password: canaryOf('seven green bottles') };
    const { email, password } = member;
    await scene.server.admin('user-create', '--email', email, '--password', password);
    await scene.server.admin('member-add', '--org', 'main', '--user', email, '--role', 'member');
    const theirs = await scene.visit();
    await signIn(theirs, member);
    await settingsOpen(theirs, 'main');
    assert.equal(await theirs.getByRole('button', { name: 'Save changes' }).count(), 0);
    assert.equal(await theirs.getByRole('switch', { name: 'API access' }).isDisabled(), true);
    assert.equal(await theirs.getByRole('button', { name: 'Delete org' }).isDisabled(), true);
    assert.equal(await theirs.getByRole('link', { name: 'Audit log' }).count(), 0);
    await theirs.goto('/orgs/main/audit');
    await theirs.getByText('Only admins and owners').waitFor();
    scene.faultsNone();
  });

  it('leave sentences in the audit log, which can be filtered and read whole', async () => {
    await page.goto('/orgs/main/audit');
    const table = page.getByRole('table', { name: 'Audit log' });
    const sentence = `${scene.owner.email} changed the org name`;
    await table.getByText(sentence).first().waitFor();
    await page.getByLabel('Action').selectOption('member.add');
    await page.waitForURL(/action=member\.add/);
    await table.getByText('added the member member@example.com as member').first().waitFor();
    await until('nothing else is left', async () => {
      return (await table.getByText(sentence).count()) === 0;
    });
    await page
      .getByRole('button', { name: /^JSON of entry/ })
      .first()
      .click();
    await page.getByRole('dialog').getByText('"action": "member.add"').waitFor();
    await axeNone(page, 'an entry of the audit log');
    await page.keyboard.press('Escape');
    await page.getByLabel('Person').fill('nobody@example.com');
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.getByText('Nothing matches').waitFor();
    await page.getByRole('button', { name: 'Clear' }).click();
    await table.getByText(sentence).first().waitFor();
    scene.faultsNone();
  });
});
