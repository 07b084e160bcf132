import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { canaryOf } from '@dollarbox/testbed/canary';
import { chromiumSkip } from '@dollarbox/testbed/chromium';
import { type MailCatcher, mailCatcherStart } from '@dollarbox/testbed/mail-catcher';
import type { Page } from 'playwright-core';
import {
  type PanelScene,
  axeNone,
  faultSeen,
  headingSeen,
  homeSeen,
  panelSceneOpen,
  passwordSend,
  signIn,
} from './panel-scene.ts';
import { until } from './wait.ts';

const PASSWORD = canaryOf('seven green bottles');
const OTHER_PASSWORD = canaryOf('eight blue bottles hang');
/** A script that must never run. */
const SCRIPT = '<img src=x onerror="globalThis.hit=1"><script>globalThis.hit=1</script>';

describe('people who sign up', { skip: chromiumSkip() }, () => {
  let mails: MailCatcher;
  let scene: PanelScene;
  before(async () => {
    mails = await mailCatcherStart();
    scene = await panelSceneOpen({ SIGNUP: 'open', SMTP_URL: mails.url });
  });
  after(async () => {
    await scene.close();
    await mails.close();
  });

  /** The path of the link in the n-th mail to an address. */
  async function linkTo(address: string, path: string, nth = 1): Promise<string> {
    const { text } = await mails.mailTo(address, nth);
    const link = text.split(/\s+/).find((word) => word.startsWith(`${scene.server.url}${path}?`));
    assert.ok(link, text);
    return link;
  }

  async function signUp(page: Page, email: string, org: string, name = 'Ada'): Promise<void> {
    await page.goto('/sign-up');
    await page.getByLabel('Your name').fill(name);
    await page.getByLabel('Email').fill(email);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByLabel('Org').fill(org);
    await page.getByRole('button', { name: 'Create account' }).click();
  }

  it('open the link in the mail, and are in their org', async () => {
    const page = await scene.visit();
    await signUp(page, 'ada@example.com', 'Engines');
    await headingSeen(page, 'Check your email');
    await axeNone(page, 'the mail is sent');
    await page.getByText('ada@example.com').waitFor();
    await page.goto(await linkTo('ada@example.com', '/verify-email'));
    await page.getByRole('button', { name: 'Create account' }).click();
    await homeSeen(page);
    await page.getByRole('link', { name: 'Engines' }).waitFor();
    assert.equal(await page.getByText('This installation doesn’t send email').count(), 0);
    scene.faultsNone();
  });

  it('prove that they asked if the link is opened elsewhere', async () => {
    const [here, elsewhere] = [await scene.visit(), await scene.visit()];
    await signUp(here, 'bob@example.com', 'Bees');
    await headingSeen(here, 'Check your email');
    await elsewhere.goto(await linkTo('bob@example.com', '/verify-email'));
    await elsewhere.getByRole('button', { name: 'Create account' }).click();
    await headingSeen(elsewhere, 'Is this account yours?');
    assert.equal(await elsewhere.getByRole('alert').count(), 0);
    await axeNone(elsewhere, 'asked for the password');
    await elsewhere.getByLabel('Password').fill(canaryOf('quite another sentence'));
    await elsewhere.getByRole('button', { name: 'Create account' }).click();
    assert.match(await faultSeen(elsewhere.getByLabel('Password')), /not you who asked/);
    await elsewhere.getByLabel('Password').fill(PASSWORD);
    await elsewhere.getByRole('button', { name: 'Create account' }).click();
    await homeSeen(elsewhere);
    // A link works once.
    await here.goto(await linkTo('bob@example.com', '/verify-email'));
    await here.getByRole('button', { name: 'Create account' }).click();
    await here.getByRole('alert').waitFor();
    scene.faultsNone();
  });

  it('see at the fields what is wrong', async () => {
    const page = await scene.visit();
    await page.goto('/sign-up');
    await page.getByRole('button', { name: 'Create account' }).click();
    assert.equal(await faultSeen(page.getByLabel('Your name')), 'This field is required.');
    assert.equal(await faultSeen(page.getByLabel('Org')), 'This field is required.');
    assert.equal(await page.evaluate('document.activeElement.name'), 'name');
    await page.getByLabel('Your name').fill('Eve');
    await page.getByLabel('Email').fill('not an address');
    await page.getByLabel('Password').fill('short');
    await page.getByLabel('Org').fill('Evening');
    await page.getByRole('button', { name: 'Create account' }).click();
    assert.match(await faultSeen(page.getByLabel('Email')), /\w/);
    await page.getByLabel('Email').fill('eve@example.com');
    await page.getByRole('button', { name: 'Create account' }).click();
    assert.match(await faultSeen(page.getByLabel('Password')), /12/);
    await axeNone(page, 'faults');
    scene.faultsNone();
  });

  it('set a new password by a link, with which they sign in', async () => {
    const page = await scene.visit();
    await page.goto('/sign-in');
    await page.getByRole('link', { name: 'Forgot password?' }).click();
    await headingSeen(page, 'Forgot your password?');
    await page.getByLabel('Email').fill('ada@example.com');
    await page.getByRole('button', { name: 'Send link' }).click();
    await headingSeen(page, 'Check your email');
    await page.goto(await linkTo('ada@example.com', '/reset-password', 2));
    await page.getByLabel('New password', { exact: true }).fill(OTHER_PASSWORD);
    await page.getByRole('button', { name: 'Set password' }).click();
    await page.getByText('Your password has been changed').waitFor();
    await passwordSend(page, { email: 'ada@example.com', password: OTHER_PASSWORD });
    await homeSeen(page);
    scene.faultsNone();
  });

  it('change their address by a link to the new one', async () => {
    const page = await scene.visit();
    await signIn(page, { email: 'bob@example.com', password: PASSWORD });
    await page.goto('/settings/account/');
    const form = page.getByRole('form', { name: 'Change your email' });
    await form.getByLabel('New email').fill('robert@example.com');
    await form.getByLabel('Password').fill(PASSWORD);
    await form.getByRole('button', { name: 'Change email' }).click();
    await page.getByText('We sent a link to robert@example.com').waitFor();
    await page.goto(await linkTo('robert@example.com', '/confirm-email'));
    await page.getByRole('button', { name: 'Use this address' }).click();
    await headingSeen(page, 'Account');
    await page.getByText('You sign in with robert@example.com').waitFor();
    scene.faultsNone();
  });

  it('can write what looks like a script anywhere: it is text', async () => {
    const page = await scene.visit();
    await signUp(page, 'mallory@example.com', SCRIPT, SCRIPT);
    await page.goto(await linkTo('mallory@example.com', '/verify-email'));
    await page.getByRole('button', { name: 'Create account' }).click();
    await homeSeen(page);
    await page.getByRole('link', { name: SCRIPT }).waitFor();
    await page.getByRole('link', { name: SCRIPT }).click();
    await headingSeen(page, SCRIPT);
    await page.goto('/settings/account/');
    await page.getByRole('button', { name: `Account: ${SCRIPT}` }).waitFor();
    await page.goto('/settings/api-tokens/');
    await page.getByRole('button', { name: 'New token' }).click();
    await page.getByLabel('Name').fill(SCRIPT);
    await page.getByRole('button', { name: 'Create token' }).click();
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('button', { name: `Revoke ${SCRIPT}` }).click();
    await page.getByRole('dialog').getByText(SCRIPT).waitFor();
    assert.equal(await page.evaluate('globalThis.hit'), undefined);
    scene.faultsNone();
  });

  it('change their name, and delete their account', async () => {
    const page = await scene.visit();
    await signIn(page, { email: 'robert@example.com', password: PASSWORD });
    await page.goto('/settings/account/');
    const form = page.getByRole('form', { name: 'Your name' });
    await form.getByLabel('Name').fill('Robert');
    await form.getByRole('button', { name: 'Change name' }).click();
    await page.getByText('Name changed.').waitFor();
    await page.getByRole('button', { name: /^Account: Robert/ }).waitFor();

    await page.getByRole('button', { name: 'Delete account' }).click();
    await page.getByRole('button', { name: 'Delete account' }).click();
    await page.getByText('Your account has been deleted.').waitFor();
    await passwordSend(page, { email: 'robert@example.com', password: PASSWORD });
    await page.getByRole('alert').waitFor();
    scene.faultsNone();
  });
});

/** Signs up with the operator's invitation, and with the mail that is kept for the operator. */
async function inviteAccept(scene: PanelScene, page: Page): Promise<void> {
  const { link } = await scene.server.admin('user-invite', '--email', 'guest@example.com');
  await page.goto(String(link));
  await headingSeen(page, 'Create your account');
  await page.getByLabel('Your name').fill('Guest');
  await page.getByLabel('Email').fill('guest@example.com');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByLabel('Org').fill('Guests');
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByText('This installation doesn’t send email').waitFor();
  const confirm = await until('the mail is kept', async () => {
    const mails = JSON.stringify(
      await scene.server.admin('mail-list', '--to', 'guest@example.com'),
    );
    return /http\S+verify-email\?token=[\w-]+/.exec(mails)?.[0];
  });
  await page.goto(confirm);
  await page.getByRole('button', { name: 'Create account' }).click();
  await homeSeen(page);
}

describe('where sign-up is not open', { skip: chromiumSkip() }, () => {
  for (const [signup, title, whom] of [
    ['invite', 'Sign-up is by invitation', 'ask the operator of this installation'],
    ['closed', 'Sign-up is closed', 'Ask its operator for one'],
  ] as const) {
    it(`says so kindly: ${signup}`, async () => {
      const scene = await panelSceneOpen({ SIGNUP: signup });
      try {
        const page = await scene.visit();
        await page.goto('/sign-up');
        await headingSeen(page, title);
        await axeNone(page, title);
        await page.getByText(whom).waitFor();
        await page.getByRole('link', { name: 'Sign in' }).click();
        await headingSeen(page, 'Sign in');
        assert.equal(await page.getByRole('link', { name: 'Create an account' }).count(), 0);
        if (signup === 'invite') await inviteAccept(scene, page);
        scene.faultsNone();
      } finally {
        await scene.close();
      }
    });
  }
});
