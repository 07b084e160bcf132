import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { chromiumSkip } from '@dollarbox/testbed/chromium';
import type { Page } from 'playwright-core';
import {
  type PanelScene,
  headingSeen,
  homeSeen,
  panelSceneOpen,
  requestsHold,
  signIn,
} from './panel-scene.ts';

const sidebarOf = (page: Page) => page.getByRole('navigation', { name: 'Main' });

describe('the frame of the panel', { skip: chromiumSkip() }, () => {
  let scene: PanelScene;
  let page: Page;
  before(async () => {
    scene = await panelSceneOpen({ ISOLATION: 'weak' });
    page = await scene.visit();
    await signIn(page, scene.owner);
  });
  after(() => scene.close());

  it('is drawn before the server has said who is signed in', async () => {
    const release = await requestsHold(page, '**/api/account/');
    await page.goto('/settings/security/');
    await sidebarOf(page).getByRole('link', { name: 'API tokens' }).waitFor();
    assert.equal(await page.getByRole('heading', { level: 1 }).count(), 0);
    release();
    await headingSeen(page, 'Security');
    await page.unroute('**/api/account/');
    scene.faultsNone();
  });

  it('stays around pages that do not exist, and old links lead to pages that do', async () => {
    await page.goto('/nothing/here');
    await headingSeen(page, 'Page not found');
    await sidebarOf(page).waitFor();
    for (const [path, title] of [
      ['/settings/', 'Account'],
      ['/orgs/', 'Your orgs'],
      ['/orgs/main/people', 'Members'],
    ] as const) {
      await page.goto(path);
      await headingSeen(page, title);
      await sidebarOf(page).waitFor();
    }
    const visitor = await scene.visit();
    await visitor.goto('/accounts/login/');
    await headingSeen(visitor, 'Sign in');
    await visitor.goto('/accounts/signup/');
    await headingSeen(visitor, 'Sign-up is by invitation');
    scene.faultsNone();
  });

  it('creates an org, switches between orgs within a section, and remembers the last one', async () => {
    await page.goto('/new-org');
    await page.getByLabel('Name', { exact: true }).fill('Zweite Größe');
    assert.equal(await page.getByLabel('Slug', { exact: true }).inputValue(), 'zweite-gro-e');
    await page.getByLabel('Slug', { exact: true }).fill('main');
    await page.getByRole('button', { name: 'Create org' }).click();
    await page
      .getByRole('alert')
      .getByText(/already/)
      .waitFor();
    await page.getByLabel('Slug', { exact: true }).fill('second');
    await page.getByRole('button', { name: 'Create org' }).click();
    await headingSeen(page, 'Zweite Größe');

    await sidebarOf(page).getByRole('link', { name: 'Members' }).click();
    await headingSeen(page, 'Members');
    await page.getByRole('button', { name: /^Org:/ }).click();
    await page.getByRole('menuitem', { name: /Main/ }).click();
    await page.waitForURL(/\/orgs\/main\/members/);
    await page.goto('/settings/account/');
    await page.getByRole('button', { name: 'Org: Main' }).waitFor();
    await page.goto('/');
    await homeSeen(page);
    assert.match(page.url(), /\/orgs\/main\b/);
    await page.getByRole('button', { name: /^Org:/ }).click();
    await page.getByRole('menuitem', { name: 'All orgs' }).click();
    await headingSeen(page, 'Your orgs');
    assert.equal(await page.getByRole('list', { name: 'Your orgs' }).locator('li').count(), 2);
    scene.faultsNone();
  });

  it('says so when the server falls silent, since when, and when it is back', async () => {
    await page.goto('/orgs/main/members');
    await page.getByText('Live', { exact: true }).waitFor();
    scene.server.signal('SIGSTOP');
    try {
      await page
        .getByRole('alert')
        .getByText(/not responding.* as of \d\d:\d\d:\d\d/)
        .waitFor();
      // Which of the two depends on whether this machine has a network.
      await page.getByText(/^(Reconnecting|Offline)$/).waitFor();
      await headingSeen(page, 'Members');
    } finally {
      scene.server.signal('SIGCONT');
    }
    await page.getByText('Live', { exact: true }).waitFor();
    await page.getByRole('alert').waitFor({ state: 'hidden' });
  });
});
