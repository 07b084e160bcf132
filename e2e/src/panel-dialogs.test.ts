import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { chromiumSkip } from '@dollarbox/testbed/chromium';
import type { Locator, Page } from 'playwright-core';
import { authenticatorCreate } from './authenticator.ts';
import {
  type PanelScene,
  axeNone,
  focusSeen,
  panelSceneOpen,
  requestsHold,
  signIn,
} from './panel-scene.ts';

/** Tries every way to close a dialog and checks that it stays open. @param what is visible in it while it is open. */
async function leaveInVain(page: Page, what: Locator): Promise<void> {
  await page.keyboard.press('Escape');
  await page.mouse.click(5, 5);
  assert.equal(await what.isVisible(), true);
  assert.equal(await page.getByRole('dialog').getByRole('button', { name: 'Close' }).count(), 0);
}

describe('a dialog', { skip: chromiumSkip() }, () => {
  let scene: PanelScene;
  let page: Page;
  before(async () => {
    scene = await panelSceneOpen();
    page = await scene.visit();
    await signIn(page, scene.owner);
  });
  after(() => scene.close());

  async function tokenMake(name: string): Promise<void> {
    await page.getByRole('button', { name: 'New token' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill(name);
    await page.getByRole('button', { name: 'Create token' }).click();
  }

  it('keeps a token visible until it was copied, whatever else is pressed', async () => {
    await page.goto('/settings/api-tokens/');
    const tokensSend = await requestsHold(page, '**/api/account/tokens/');
    await tokenMake('one');
    const sending = page.getByRole('button', { name: 'Create token', disabled: true });
    await sending.waitFor();
    await leaveInVain(page, sending);
    tokensSend();
    const token = page.getByRole('region', { name: 'Token' });
    await token.waitFor();
    await leaveInVain(page, token);
    await axeNone(page, 'the token');
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await focusSeen(page, 'New token');
    scene.faultsNone();
  });

  it('moves the focus to a heading if the element that opened it is gone', async () => {
    await page.goto('/settings/api-tokens/');
    await tokenMake('two');
    await page.getByRole('button', { name: 'Done' }).click();
    // In the end the whole list is gone.
    for (const name of ['one', 'two', 'first token']) {
      await page.getByRole('button', { name: `Revoke ${name}` }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
      await page.getByText(`Token “${name}” revoked`).waitFor();
      await focusSeen(page, 'Your tokens');
    }
    scene.faultsNone();
  });

  it('keeps backup codes visible, and the page behind it shows the new state', async () => {
    await page.goto('/settings/security/');
    await page.getByRole('button', { name: 'Turn on' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Password', { exact: true }).fill(scene.owner.password);
    await dialog.getByRole('button', { name: 'Continue' }).click();
    const app = authenticatorCreate(await dialog.getByLabel('Secret for the app').innerText());
    const codeSend = await requestsHold(page, '**/api/account/two-factor/confirm/');
    await dialog.getByLabel('Code', { exact: true }).fill(await app.next());
    await dialog.getByRole('button', { name: 'Turn on' }).click();
    const sending = dialog.getByRole('button', { name: 'Turn on', disabled: true });
    await sending.waitFor();
    await leaveInVain(page, sending);
    codeSend();
    const codes = dialog.getByRole('list', { name: 'Backup codes' });
    await codes.waitFor();
    await leaveInVain(page, codes);
    await page.getByRole('button', { name: 'Turn off', includeHidden: true }).waitFor();
    await dialog.getByRole('button', { name: 'I have saved them' }).click();
    await focusSeen(page, 'Two-factor');

    await page.getByRole('button', { name: 'New backup codes' }).click();
    await codes.waitFor();
    await leaveInVain(page, codes);
    await dialog.getByRole('button', { name: 'I have saved them' }).click();
    await focusSeen(page, 'New backup codes');

    await page.getByRole('button', { name: 'Turn off' }).click();
    await dialog.getByRole('button', { name: 'Turn off' }).click();
    await page.getByRole('button', { name: 'Turn on' }).waitFor();
    await focusSeen(page, 'Two-factor');
    scene.faultsNone();
  });
});
