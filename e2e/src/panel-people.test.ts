import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { canaryOf } from '@dollarbox/testbed/canary';
import { chromiumSkip } from '@dollarbox/testbed/chromium';
import type { Page } from 'playwright-core';
import {
  type PanelScene,
  axeNone,
  headingSeen,
  panelSceneOpen,
  signIn,
  widthFits,
} from './panel-scene.ts';

const PASSWORD = canaryOf('seven green bottles');
const PHONE = { width: 390, height: 844 };

describe('the people of an org', { skip: chromiumSkip() }, () => {
  let scene: PanelScene;
  let owner: Page;
  before(async () => {
    // Without SMTP_URL: the links are handed over by those who invite.
    scene = await panelSceneOpen({ ISOLATION: 'weak' });
    owner = await scene.visit();
    await signIn(owner, scene.owner);
  });
  after(() => scene.close());

  async function peopleOpen(page: Page, org = 'main'): Promise<void> {
    await page.goto(`/orgs/${org}/members`);
    await headingSeen(page, 'Members');
  }

  /** The link that the open dialog shows. */
  async function linkShown(page: Page): Promise<string> {
    const dialog = page.getByRole('dialog');
    const link = await dialog.getByText(/\/invitations\/accept\?token=/).innerText();
    await dialog.getByRole('button', { name: 'Done' }).click();
    await dialog.waitFor({ state: 'hidden' });
    return link.trim();
  }

  /** Invites someone on the people page. @returns the link. */
  async function invite(page: Page, email: string, role: 'admin' | 'member'): Promise<string> {
    await page.getByRole('button', { name: 'Invite', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Email').fill(email);
    await dialog.getByLabel('Role', { exact: true }).selectOption(role);
    await dialog.getByRole('button', { name: 'Create invitation' }).click();
    return linkShown(page);
  }

  /** Opens a link in a browser of its own, and makes an account. */
  async function join(link: string, name: string, org: string): Promise<Page> {
    const page = await scene.visit();
    await page.goto(link);
    await headingSeen(page, `Join ${org}`);
    await page.getByLabel('Your name').fill(name);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Create account and join' }).click();
    await headingSeen(page, org);
    return page;
  }

  const row = (page: Page, list: string, text: string) =>
    page.getByRole('table', { name: list }).getByRole('row').filter({ hasText: text });

  it('come by invitation, get roles, and leave', async () => {
    await peopleOpen(owner);
    const forGrace = await invite(owner, 'Grace@example.com', 'admin');
    await row(owner, 'Invitations', 'Grace@example.com')
      .getByText(/^pending/)
      .waitFor();
    await axeNone(owner, 'people, with an invitation');
    const grace = await join(forGrace, 'Grace', 'Main');

    // An admin invites, and may not touch the owner.
    await peopleOpen(grace);
    assert.equal(await row(grace, 'Members', scene.owner.email).getByRole('button').count(), 0);
    const forBob = await invite(grace, 'bob@example.com', 'member');
    const bob = await join(forBob, 'Bob', 'Main');
    await peopleOpen(bob);
    assert.equal(await bob.getByRole('button', { name: 'Invite', exact: true }).count(), 0);
    assert.equal(await bob.getByRole('table', { name: 'Invitations' }).count(), 0);

    // Bob is in a second org, which he joins while he is signed in.
    const made = await grace.evaluate(`fetch('/api/v1/orgs/', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ slug: 'two', name: 'Two' }),
    }).then((reply) => reply.status)`);
    assert.equal(made, 201);
    await peopleOpen(grace, 'two');
    await bob.goto(await invite(grace, 'BOB@example.com', 'member'));
    await headingSeen(bob, 'Join Two');
    await axeNone(bob, 'joining');
    await bob.getByRole('button', { name: 'Accept invitation' }).click();
    await headingSeen(bob, 'Two');

    // The owner changes a role and removes a member: in effect for the others at their next request.
    await peopleOpen(owner);
    await owner.getByRole('button', { name: 'Change role of Grace@example.com' }).click();
    await owner.getByRole('dialog').getByLabel('Role', { exact: true }).selectOption('member');
    await owner.getByRole('dialog').getByRole('button', { name: 'Change role' }).click();
    await row(owner, 'Members', 'Grace@example.com').getByText('member', { exact: true }).waitFor();
    await peopleOpen(grace);
    assert.equal(await grace.getByRole('button', { name: 'Invite', exact: true }).count(), 0);
    await owner.getByRole('button', { name: 'Remove bob@example.com' }).click();
    await owner.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await owner.getByRole('dialog').waitFor({ state: 'hidden' });
    await row(owner, 'Members', 'bob@example.com').waitFor({ state: 'detached' });
    await bob.goto('/orgs/main');
    await headingSeen(bob, 'Page not found');
    await bob.goto('/orgs/two');
    await headingSeen(bob, 'Two');
    await peopleOpen(bob, 'two');
    await bob.getByRole('button', { name: 'Leave this org' }).click();
    await bob.getByRole('dialog').getByRole('button', { name: 'Leave' }).click();
    await headingSeen(bob, 'Welcome');

    // The last owner is told why they stay.
    await peopleOpen(owner);
    await owner.getByRole('button', { name: 'Leave this org' }).click();
    await owner.getByRole('dialog').getByRole('button', { name: 'Leave' }).click();
    await owner
      .getByRole('dialog')
      .getByRole('alert')
      .getByText(/last owner/)
      .waitFor();
    await owner.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    scene.faultsNone();
  });

  it('see a page of its own for each link that can not be used', async () => {
    await peopleOpen(owner);
    const old = await invite(owner, 'carol@example.com', 'member');
    await owner.getByRole('button', { name: 'New link for carol@example.com' }).click();
    await owner.getByRole('dialog').getByRole('button', { name: 'Create link' }).click();
    const next = await linkShown(owner);
    const visitor = await scene.visit({ viewport: PHONE, hasTouch: true, isMobile: true });
    await visitor.goto(old);
    await headingSeen(visitor, 'This invitation link doesn’t work');
    await axeNone(visitor, 'a link that was replaced');
    await visitor.goto('/invitations/accept');
    await headingSeen(visitor, 'This link is incomplete');

    // Someone else is signed in.
    await owner.goto(next);
    await headingSeen(owner, 'This invitation is for someone else');
    await owner.getByText('carol@example.com').waitFor();
    await owner.getByText(scene.owner.email).waitFor();
    await axeNone(owner, 'signed in with another address');
    await owner.getByRole('button', { name: 'Sign out and continue' }).click();
    await headingSeen(owner, 'Join Main');
    await axeNone(owner, 'joining with a new account');
    await visitor.goto(next);
    await headingSeen(visitor, 'Join Main');
    await widthFits(visitor, 'joining');

    // Sign-in leads back to the invitation.
    await owner.getByRole('link', { name: 'Sign in' }).click();
    await headingSeen(owner, 'Sign in');
    await owner.getByLabel('Email').fill(scene.owner.email);
    await owner.getByLabel('Password').fill(scene.owner.password);
    await owner.getByRole('button', { name: 'Sign in', exact: true }).click();
    await headingSeen(owner, 'This invitation is for someone else');

    await peopleOpen(owner);
    await owner.getByRole('button', { name: 'Revoke the invitation of carol@example.com' }).click();
    await owner.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await owner.getByRole('dialog').waitFor({ state: 'hidden' });
    await row(owner, 'Invitations', 'carol@example.com').waitFor({ state: 'detached' });
    await visitor.goto(next);
    await headingSeen(visitor, 'This invitation was revoked');

    const forDan = await invite(owner, 'dan@example.com', 'member');
    const dan = await join(forDan, 'Dan', 'Main');
    await dan.goto(forDan);
    await headingSeen(dan, 'You’re already a member');
    await visitor.goto(forDan);
    await headingSeen(visitor, 'This invitation was already used');
    scene.faultsNone();
  });
});
