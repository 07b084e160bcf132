import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { chromiumSkip } from '@dollarbox/testbed/chromium';
import type { Page } from 'playwright-core';
import {
  type PanelScene,
  axeNone,
  beforeRequest,
  focusSeen,
  headingSeen,
  homeSeen,
  panelSceneOpen,
  passwordSend,
  proofsAge,
  signIn,
} from './panel-scene.ts';

/** Gives a page's browser a passkey device that always consents. */
async function deviceAdd(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}

describe('passkeys', { skip: chromiumSkip() }, () => {
  let scene: PanelScene;
  let page: Page;
  before(async () => {
    scene = await panelSceneOpen();
    page = await scene.visit();
    await deviceAdd(page);
    await signIn(page, scene.owner);
  });
  after(() => scene.close());

  it('are added under a name of their owner’s', async () => {
    await page.goto('/settings/security/');
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add a passkey' });
    assert.match(await dialog.getByLabel('Name').inputValue(), /^Chrome/);
    await dialog.getByLabel('Name').fill('My <b>device</b>');
    await axeNone(page, 'the form');
    await dialog.getByRole('button', { name: 'Continue' }).click();
    const row = page.getByRole('table', { name: 'Passkeys' }).locator('tbody').getByRole('row');
    await row.waitFor();
    assert.match(await row.innerText(), /My <b>device<\/b>\s+just now\s+never used/);
    scene.faultsNone();
  });

  it('sign in by themselves', async () => {
    await page.getByRole('button', { name: /^Account:/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await headingSeen(page, 'Sign in');
    await page.getByRole('button', { name: 'Use a passkey' }).click();
    await homeSeen(page);
    scene.faultsNone();
  });

  it('let no browser in that has none', async () => {
    const visitor = await scene.visit();
    const session = await visitor.context().newCDPSession(visitor);
    await session.send('WebAuthn.enable');
    await visitor.goto('/sign-in');
    await visitor.evaluate(
      // Nobody is there to press "cancel".
      'navigator.credentials.get = () => Promise.reject(new DOMException("x", "NotAllowedError"))',
    );
    await visitor.getByRole('button', { name: 'Use a passkey' }).click();
    await visitor.getByRole('alert').getByText('No passkey was chosen').waitFor();
    scene.faultsNone();
  });

  it('are not asked for any longer when the session has ended meanwhile', async () => {
    const visitor = await scene.visit();
    await deviceAdd(visitor);
    await signIn(visitor, scene.owner);
    await visitor.goto('/settings/security/');
    await proofsAge(scene.databaseUrl);
    await visitor.getByRole('button', { name: 'Add a passkey' }).click();
    await visitor.getByRole('button', { name: 'Continue' }).click();
    const proof = visitor.getByRole('dialog', { name: 'Confirm your identity' });
    await proof.waitFor();
    const sessionEnd = () => visitor.context().clearCookies();
    await beforeRequest(visitor, 'POST', '**/api/account/reauthentication/', sessionEnd);
    await proof.getByLabel('Password', { exact: true }).fill(scene.owner.password);
    await proof.getByRole('button', { name: 'Confirm' }).click();
    await headingSeen(visitor, 'Sign in');
    await visitor.getByText('Your session has ended').waitFor();
    assert.equal(await visitor.getByRole('dialog').count(), 0);
    await passwordSend(visitor, scene.owner);
    await headingSeen(visitor, 'Security');
    scene.faultsNone();
  });

  it('prove the user’s identity, and open nothing once they are removed', async () => {
    await proofsAge(scene.databaseUrl);
    await page.goto('/settings/security/');
    await page.getByRole('button', { name: /^Remove My/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    const proof = page.getByRole('dialog', { name: 'Confirm your identity' });
    await proof.getByRole('button', { name: 'Use a passkey' }).click();
    await page.getByText('No passkeys yet.').waitFor();
    await focusSeen(page, 'Passkeys');
    await page.getByRole('button', { name: /^Account:/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await headingSeen(page, 'Sign in');
    await page.getByRole('button', { name: 'Use a passkey' }).click();
    await page.getByRole('alert').waitFor();
    await page.goto('/');
    await headingSeen(page, 'Sign in');
    scene.faultsNone();
  });
});
