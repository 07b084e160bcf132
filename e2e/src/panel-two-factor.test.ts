import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { canaryOf } from '@dollarbox/testbed/canary';
import { chromiumSkip } from '@dollarbox/testbed/chromium';
import type { Page } from 'playwright-core';
import { type Authenticator, authenticatorCreate } from './authenticator.ts';
import {
  type PanelScene,
  axeNone,
  faultSeen,
  headingSeen,
  homeSeen,
  panelSceneOpen,
  passwordSend,
  proofsAge,
  signIn,
} from './panel-scene.ts';

describe('two-factor', { skip: chromiumSkip() }, () => {
  let scene: PanelScene;
  let page: Page;
  let app: Authenticator;
  let backupCodes: string[];
  before(async () => {
    scene = await panelSceneOpen();
    page = await scene.visit();
    await signIn(page, scene.owner);
  });
  after(() => scene.close());

  async function codeSend(where: Page, code: string): Promise<void> {
    await where.getByLabel('Code', { exact: true }).fill(code);
    await where.getByRole('button', { name: 'Continue' }).click();
  }

  async function signOut(): Promise<void> {
    await page.getByRole('button', { name: /^Account:/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await headingSeen(page, 'Sign in');
  }

  it('is turned on with the password and a code of the app', async () => {
    await page.goto('/settings/security/');
    await page.getByRole('button', { name: 'Turn on' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Password', { exact: true }).fill(canaryOf('not the password'));
    await dialog.getByRole('button', { name: 'Continue' }).click();
    await dialog
      .getByText(/password/i)
      .nth(1)
      .waitFor();
    await dialog.getByLabel('Password', { exact: true }).fill(scene.owner.password);
    await dialog.getByRole('button', { name: 'Continue' }).click();

    const picture = dialog.getByRole('img', { name: 'QR code for the authenticator app' });
    await picture.waitFor();
    await picture.evaluate((image: unknown) => (image as { decode(): Promise<void> }).decode());
    await axeNone(page, 'the picture');
    app = authenticatorCreate(await dialog.getByLabel('Secret for the app').innerText());
    await dialog.getByLabel('Code', { exact: true }).fill('000000');
    await dialog.getByRole('button', { name: 'Turn on' }).click();
    await faultSeen(dialog.getByLabel('Code', { exact: true }));
    await dialog.getByLabel('Code', { exact: true }).fill(await app.next());
    await dialog.getByRole('button', { name: 'Turn on' }).click();

    const codes = dialog.getByRole('list', { name: 'Backup codes' });
    await codes.waitFor();
    backupCodes = await codes.getByRole('listitem').allInnerTexts();
    assert.equal(new Set(backupCodes).size, 10);
    await axeNone(page, 'the backup codes');
    const downloading = page.waitForEvent('download');
    await dialog.getByRole('link', { name: 'Download' }).click();
    assert.equal((await downloading).suggestedFilename(), 'dollarbox-backup-codes.txt');
    await dialog.getByRole('button', { name: 'I have saved them' }).click();
    await page.getByRole('button', { name: 'Turn off' }).waitFor();
    scene.faultsNone();
  });

  it('asks for proof before a token is created; the token works until it is revoked', async () => {
    await proofsAge(scene.databaseUrl);
    await page.getByRole('link', { name: 'API tokens' }).click();
    await page.getByRole('button', { name: 'New token' }).click();
    const form = page.getByRole('dialog', { name: 'New API token' });
    await form.getByLabel('Name').fill('deploy');
    await form.getByLabel('Scope').selectOption('write');
    await form.getByLabel('Expires in').selectOption({ label: '7 days' });
    await form.getByRole('button', { name: 'Create token' }).click();

    const proof = page.getByRole('dialog', { name: 'Confirm your identity' });
    await proof.getByLabel('Password', { exact: true }).fill(scene.owner.password);
    await proof.getByLabel('Code', { exact: true }).fill('000000');
    await proof.getByRole('button', { name: 'Confirm' }).click();
    await faultSeen(proof.getByLabel('Code', { exact: true }));
    await axeNone(page, 'the proof');
    await proof.getByLabel('Code', { exact: true }).fill(await app.next());
    await proof.getByRole('button', { name: 'Confirm' }).click();

    const shown = page.getByRole('dialog', { name: 'Your new token' });
    const token = await shown.getByRole('region', { name: 'Token' }).innerText();
    assert.match(token, /^dbx_/);
    const line = await shown.getByRole('region', { name: 'curl line' }).innerText();
    assert.equal(
      line,
      `curl ${scene.server.url}/api/v1/containers/ -H "Authorization: Bearer ${token}"`,
    );
    await axeNone(page, 'the token');
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await shown.getByRole('button', { name: 'Copy token' }).click();
    await shown.getByText('Copied token.').waitFor();
    assert.equal(await page.evaluate('navigator.clipboard.readText()'), token);
    await shown.getByRole('button', { name: 'Done' }).click();

    const use = () =>
      fetch(`${scene.server.url}/api/v1/containers/`, {
        headers: { authorization: `Bearer ${token}` },
      });
    assert.equal((await use()).status, 200);

    const row = page
      .getByRole('table', { name: 'API tokens' })
      .getByRole('row')
      .filter({ hasText: 'deploy' });
    assert.match(await row.innerText(), new RegExp(token.slice(0, 16)));
    assert.match(await row.innerText(), /write[\s\S]*main[\s\S]*in 7 days/);
    assert.doesNotMatch(await page.content(), new RegExp(token));
    await row.getByRole('button', { name: 'Revoke deploy' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('Token “deploy” revoked').waitFor();
    assert.equal((await use()).status, 401);
    assert.equal(await row.count(), 0);
    scene.faultsNone();
  });

  it('asks for a code at sign-in, and accepts none twice', async () => {
    await signOut();
    await passwordSend(page, scene.owner);
    await headingSeen(page, 'Two-factor authentication');
    await axeNone(page, 'the code');
    const code = await app.next();
    await codeSend(page, code);
    await homeSeen(page);

    const elsewhere = await scene.visit();
    await elsewhere.goto('/sign-in');
    await passwordSend(elsewhere, scene.owner);
    await headingSeen(elsewhere, 'Two-factor authentication');
    await codeSend(elsewhere, code);
    await elsewhere.getByRole('alert').waitFor();
    await elsewhere.goto('/');
    await headingSeen(elsewhere, 'Sign in');
    scene.faultsNone();
  });

  it('accepts a backup code, once', async () => {
    const [code = ''] = backupCodes;
    for (const isFirst of [true, false]) {
      const visitor = await scene.visit();
      await visitor.goto('/sign-in');
      await passwordSend(visitor, scene.owner);
      await visitor.getByRole('button', { name: 'Use a backup code instead' }).click();
      await visitor.getByLabel('Backup code').fill(code);
      await visitor.getByRole('button', { name: 'Continue' }).click();
      if (isFirst) await homeSeen(visitor);
      else await visitor.getByRole('alert').waitFor();
      await visitor.context().close();
    }
    scene.faultsNone();
  });

  it('lets nobody guess: after some wrong codes the password is asked for again', async () => {
    const visitor = await scene.visit();
    await visitor.goto('/sign-in');
    await passwordSend(visitor, scene.owner);
    await headingSeen(visitor, 'Two-factor authentication');
    for (let tries = 0; tries < 5; tries += 1) {
      const answered = visitor.waitForResponse(/two-factor/);
      await codeSend(visitor, '000000');
      await answered;
    }
    await codeSend(visitor, await app.next());
    await visitor.getByRole('alert').waitFor();
    await visitor.goto('/');
    await headingSeen(visitor, 'Sign in');
    scene.faultsNone();
  });

  it('is turned off with a fresh proof', async () => {
    await proofsAge(scene.databaseUrl);
    await page.goto('/settings/security/');
    await page.getByRole('button', { name: 'Turn off' }).click();
    const asked = page.getByRole('dialog', { name: 'Turn off two-factor authentication?' });
    await asked.getByRole('button', { name: 'Turn off' }).click();
    const proof = page.getByRole('dialog', { name: 'Confirm your identity' });
    // Canceled: nothing changes, and it can be tried again.
    await proof.getByRole('button', { name: 'Close' }).click();
    await proof.waitFor({ state: 'hidden' });
    assert.equal(await asked.getByRole('alert').count(), 0);
    await asked.getByRole('button', { name: 'Turn off' }).click();
    await proof.getByLabel('Password', { exact: true }).fill(scene.owner.password);
    await proof.getByLabel('Code', { exact: true }).fill(backupCodes[1] ?? '');
    await proof.getByRole('button', { name: 'Confirm' }).click();
    await page.getByText('Two-factor authentication is off').waitFor();
    await page.getByRole('button', { name: 'Turn on' }).waitFor();
    scene.faultsNone();
  });
});
