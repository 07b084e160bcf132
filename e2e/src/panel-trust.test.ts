import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { chromiumSkip } from '@dollarbox/testbed/chromium';
import type { Page } from 'playwright-core';
import {
  type PanelScene,
  focusSeen,
  headingSeen,
  panelSceneOpen,
  proofsAge,
  signIn,
} from './panel-scene.ts';
import { until } from './wait.ts';

/** The name of the form field that has the focus. */
async function fieldFocused(page: Page, name: string): Promise<void> {
  await until(`the field "${name}" has the focus`, async () => {
    return (await page.evaluate('document.activeElement?.name')) === name || undefined;
  });
}

describe('the panel', { skip: chromiumSkip() }, () => {
  let scene: PanelScene;
  let page: Page;
  before(async () => {
    scene = await panelSceneOpen();
    page = await scene.visit();
    await signIn(page, scene.owner);
  });
  after(async () => {
    await scene.close();
  });

  it('opens dialogs with the focus on the first field, after a click of the mouse too', async () => {
    await page.goto('/settings/api-tokens/');
    await page.getByRole('button', { name: 'New token' }).click();
    await fieldFocused(page, 'name');
    await page.keyboard.press('Escape');
  });

  it('asks for an identity in a dialog whose password field has the focus', async () => {
    await signIn(await scene.visit(), scene.owner);
    await proofsAge(scene.databaseUrl);
    await page.goto('/settings/security/');
    await page.getByRole('button', { name: 'End all other sessions' }).click();
    await fieldFocused(page, 'password');
    // A passphrase with a space would otherwise press the button that has the focus.
    await page.keyboard.type('one two');
    assert.equal(await page.getByRole('dialog').getByLabel('Password').inputValue(), 'one two');
    await page.keyboard.press('Escape');
  });

  it('opens confirmations with the focus on the safe choice', async () => {
    await page.goto('/settings/api-tokens/');
    await page.getByRole('button', { name: /^Revoke first token/ }).click();
    await focusSeen(page, 'Cancel');
    const text = await page.getByRole('dialog').innerText();
    assert.match(text, /dbx_\w{12}…/, 'tokens of one name can be told apart');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    assert.equal(await page.getByRole('button', { name: /^Revoke first token/ }).count(), 1);
  });

  it('leaves the focus in the field of a page that begins with one', async () => {
    const other = await scene.visit();
    await other.goto('/sign-in');
    await other.getByRole('link', { name: 'Forgot password?' }).click();
    await headingSeen(other, 'Forgot your password?');
    await fieldFocused(other, 'email');
  });

  it('does not silently overwrite a name that was changed in another tab', async () => {
    const [one, two] = [page, await page.context().newPage()];
    await one.goto('/settings/account/');
    await two.goto('/settings/account/');
    const save = async (tab: Page, name: string) => {
      const form = tab.getByRole('form', { name: 'Your name' });
      await form.getByLabel('Name').fill(name);
      await form.getByRole('button', { name: 'Change name' }).click();
    };
    await save(one, 'Changed in one');
    await one.getByText('Name changed.').waitFor();
    await save(two, 'Changed in two');
    await two.getByText('was changed to “Changed in one” elsewhere').waitFor();
    await save(two, 'Changed in two');
    await two.getByText('Name changed.').waitFor();
    await two.close();
  });

  it('says that the server is away, and keeps the page when another can’t be loaded', async () => {
    // A browser of its own, which has not cached the code of any page yet.
    const page = await scene.visit();
    await signIn(page, scene.owner);
    scene.faultsNone();
    scene.server.signal('SIGSTOP');
    await page.context().setOffline(true);
    try {
      await page.getByText('The server is not responding').waitFor({ timeout: 120_000 });
      await page.getByRole('link', { name: 'Security' }).click();
      await page.getByText('This page could not be loaded').waitFor({ timeout: 120_000 });
      assert.equal(await page.getByRole('link', { name: 'API tokens' }).count(), 1);
    } finally {
      scene.server.signal('SIGCONT');
      await page.context().setOffline(false);
    }
    await page.getByRole('button', { name: 'Try again' }).click();
    await headingSeen(page, 'Security');
    await page.getByText('The server is not responding').waitFor({ state: 'hidden' });
  });
});
