import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { canaryOf } from '@dollarbox/testbed/canary';
import { chromiumSkip } from '@dollarbox/testbed/chromium';
import { type MailCatcher, mailCatcherStart } from '@dollarbox/testbed/mail-catcher';
import { Client } from 'pg';
import type { Page } from 'playwright-core';
import { type PanelScene, headingSeen, homeSeen, panelSceneOpen, signIn } from './panel-scene.ts';

const PASSWORD = canaryOf('seven green bottles');

/** Invitations where mail is sent: `panel-people.test.ts` has those where none is. */
describe('invitations by mail', { skip: chromiumSkip() }, () => {
  let mails: MailCatcher;
  let scene: PanelScene;
  let owner: Page;
  before(async () => {
    mails = await mailCatcherStart();
    scene = await panelSceneOpen({ ISOLATION: 'weak', SMTP_URL: mails.url });
    owner = await scene.visit();
    await signIn(owner, scene.owner);
  });
  after(async () => {
    await scene.close();
    await mails.close();
  });

  const row = (list: string, text: string) =>
    owner.getByRole('table', { name: list }).getByRole('row').filter({ hasText: text });

  /** Invites someone on the page of members, where the owner stays. @returns the link that it shows. */
  async function invite(email: string): Promise<string> {
    await owner.goto('/orgs/main/members');
    await headingSeen(owner, 'Members');
    await owner.getByRole('button', { name: 'Invite', exact: true }).click();
    const dialog = owner.getByRole('dialog');
    await dialog.getByLabel('Email').fill(email);
    await dialog.getByRole('button', { name: 'Create invitation' }).click();
    return linkShown(owner);
  }

  /** The link in the n-th mail to an address. */
  async function mailed(address: string, path: string, nth: number): Promise<string> {
    const { text } = await mails.mailTo(address, nth);
    const link = text.split(/\s+/).find((word) => word.startsWith(`${scene.server.url}${path}?`));
    return link ?? assert.fail(text);
  }

  async function join(page: Page, name: string): Promise<void> {
    await headingSeen(page, 'Join Main');
    await page.getByLabel('Your name').fill(name);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Create account and join' }).click();
  }

  it('take a proof of the mailbox from who comes by the link that was handed over', async () => {
    const email = 'Grace@example.com';
    const link = await invite(email);
    const grace = await scene.visit();
    await grace.goto(link);
    await headingSeen(grace, 'Join Main');
    assert.equal(await grace.getByLabel('Email').inputValue(), email);
    await grace.getByText(`Owner (${scene.owner.email}) invites`).waitFor();
    await grace.getByText(/as a member\. The invitation expires on/).waitFor();
    await join(grace, 'Grace');
    await headingSeen(grace, 'Check your email');
    // Nobody is in the org before the mailbox is proved.
    assert.equal(await row('Members', email).count(), 0);
    await grace.goto(await mailed(email, '/verify-email', 2));
    await grace.getByRole('button', { name: 'Create account' }).click();
    await homeSeen(grace);
    assert.equal(new URL(grace.url()).pathname, '/orgs/main');
    // In effect on the owner's page, which was not loaded again.
    await row('Members', email).waitFor();
    await row('Invitations', email).getByText('accepted').waitFor();
    scene.faultsNone();
  });

  it('are accepted at once by the link in the mail', async () => {
    const email = 'bob@example.com';
    await invite(email);
    const bob = await scene.visit();
    await bob.goto(await mailed(email, '/invitations/accept', 1));
    await join(bob, 'Bob');
    await headingSeen(bob, 'Main');
    await row('Members', email).waitFor();
    scene.faultsNone();
  });

  it('that have expired say so, and get a new link, which ends the old one', async () => {
    const email = 'carol@example.com';
    const link = await invite(email);
    const client = new Client({ connectionString: scene.databaseUrl });
    await client.connect();
    await client.query(`update invitations set expires_at = now() - interval '1 minute'
      where accepted_at is null`);
    await client.end();
    const carol = await scene.visit();
    await carol.goto(link);
    await headingSeen(carol, 'This invitation has expired');
    await carol.getByText(`Ask Owner (${scene.owner.email}) to send it again.`).waitFor();
    await owner.getByRole('button', { name: `New link for ${email}` }).click();
    const dialog = owner.getByRole('dialog');
    await dialog.getByText(/stops? working/).waitFor();
    await dialog.getByRole('button', { name: 'Create link' }).click();
    const next = await linkShown(owner);
    await carol.goto(link);
    await headingSeen(carol, 'This invitation link doesn’t work');
    await carol.goto(next);
    await headingSeen(carol, 'Join Main');
    scene.faultsNone();
  });
});

describe('invitations where sign-up is closed', { skip: chromiumSkip() }, () => {
  let scene: PanelScene;
  before(async () => {
    scene = await panelSceneOpen({ SIGNUP: 'closed' });
  });
  after(() => scene.close());

  it('are for people who have an account, and say so to both sides', async () => {
    const notice = /only people who have an account/;
    const owner = await scene.visit();
    await signIn(owner, scene.owner);
    await owner.goto('/orgs/main/members');
    await headingSeen(owner, 'Members');
    await owner.getByRole('button', { name: 'Invite', exact: true }).click();
    const dialog = owner.getByRole('dialog');
    await dialog.getByLabel('Email').fill('dan@example.com');
    await dialog.getByRole('button', { name: 'Create invitation' }).click();
    await dialog.getByText(notice).waitFor();
    const link = await linkShown(owner);
    const dan = await scene.visit();
    await dan.goto(link);
    await headingSeen(dan, 'Join Main');
    await dan.getByText(notice).waitFor();
    assert.equal(await dan.getByLabel('Password').count(), 0);
    await dan.getByRole('link', { name: 'Sign in' }).waitFor();
    scene.faultsNone();
  });
});

/** The link that the open dialog shows. */
async function linkShown(page: Page): Promise<string> {
  const dialog = page.getByRole('dialog');
  const link = await dialog.getByText(/\/invitations\/accept\?token=/).innerText();
  await dialog.getByRole('button', { name: 'Done' }).click();
  await dialog.waitFor({ state: 'hidden' });
  return link.trim();
}
