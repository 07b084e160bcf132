import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { canaryOf } from '@dollarbox/testbed/canary';
import { chromiumSkip } from '@dollarbox/testbed/chromium';
import type { Locator, Page } from 'playwright-core';
import {
  type PanelScene,
  axeNone,
  focusSeen,
  headingSeen,
  loadedSeen,
  homeSeen,
  containerMake,
  panelSceneOpen,
  passwordSend,
  signIn,
  widthFits,
} from './panel-scene.ts';

const OPEN_PAGES = [
  ['/sign-in', 'Sign in'],
  ['/sign-up', 'Create your account'],
  ['/verify-email', 'This link is incomplete'],
  ['/verify-email?token=x', 'Confirm your email address'],
  ['/forgot-password', 'Forgot your password?'],
  ['/reset-password?token=x', 'Set a new password'],
  ['/confirm-email?token=x', 'Confirm your new email address'],
  ['/invitations/accept', 'This link is incomplete'],
  ['/invitations/accept?token=x', 'This invitation link doesn’t work'],
  ['/nothing-here', 'Page not found'],
] as const;
const LOOPBACK = new URLSearchParams({
  client: 'dollarbox on laptop',
  redirect_uri: 'http://127.0.0.1:50123/callback',
  state: 'abc',
  code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  code_challenge_method: 'S256',
}).toString();
const MEMBER_PAGES = [
  ['/orgs/', 'Your orgs'],
  ['/new-org', 'New org'],
  ['/orgs/main/', 'Main'],
  ['/orgs/main/containers/', 'Containers · Main'],
  ['/orgs/main/new-container/', 'New container · Main'],
  ['/orgs/main/containers/web/', 'web · Main'],
  ['/orgs/main/containers/web/logs', 'web · Main'],
  ['/orgs/main/containers/web/env', 'web · Main'],
  ['/orgs/main/containers/web/volumes', 'web · Main'],
  ['/orgs/main/containers/web/events', 'web · Main'],
  ['/orgs/main/containers/web/settings', 'web · Main'],
  ['/orgs/main/containers/unknown/', 'Container not found · Main'],
  ['/orgs/main/volumes/', 'Volumes · Main'],
  ['/orgs/main/volumes/unknown/', 'Volume not found · Main'],
  ['/orgs/main/registries/', 'Registries · Main'],
  ['/orgs/main/kubectl/', 'kubectl · Main'],
  ['/orgs/main/usage/', 'Usage · Main'],
  ['/orgs/main/members/', 'Members · Main'],
  ['/orgs/main/audit/', 'Audit log · Main'],
  ['/orgs/main/settings/', 'Settings · Main'],
  ['/orgs/unknown/', 'Page not found'],
  ['/orgs/unknown/members/', 'Page not found'],
  ['/nothing-here', 'Page not found'],
  ['/settings/account/', 'Account'],
  ['/settings/security/', 'Security'],
  ['/settings/api-tokens/', 'API tokens'],
  ['/client-login', 'This link is incomplete'],
  [`/client-login?${LOOPBACK}`, 'Sign in a program'],
  ['/device', 'Sign in a program'],
] as const;
const PHONE = { width: 390, height: 844 };

async function pageSeen(page: Page, path: string, title: string): Promise<void> {
  await page.goto(path);
  await headingSeen(page, title.split(' · ')[0] ?? '');
  await loadedSeen(page);
  assert.equal(await page.title(), `${title} · DollarBox`);
}

/** Opens a submenu and chooses one of its items. */
async function itemChoose(page: Page, menu: Locator, trigger: RegExp, item: string | RegExp) {
  await menu.getByRole('button', { name: trigger }).click();
  await page.getByRole('menuitem', { name: item }).click();
}

describe('every page of the panel', { skip: chromiumSkip() }, () => {
  let scene: PanelScene;
  before(async () => {
    scene = await panelSceneOpen({ SIGNUP: 'open' });
    await containerMake(scene);
  });
  after(() => scene.close());

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`has nothing that axe objects to, ${colorScheme}`, async () => {
      const page = await scene.visit({ colorScheme });
      for (const [path, title] of OPEN_PAGES) {
        await pageSeen(page, path, title);
        await axeNone(page, path);
      }
      await signIn(page, scene.owner);
      for (const [path, title] of MEMBER_PAGES) {
        await pageSeen(page, path, title);
        await axeNone(page, path);
      }
      scene.faultsNone();
    });
  }

  it('fits a phone, and its menu leads everywhere', async () => {
    const page = await scene.visit({ viewport: PHONE, hasTouch: true, isMobile: true });
    for (const [path, title] of OPEN_PAGES) {
      await pageSeen(page, path, title);
      await widthFits(page, path);
    }
    await signIn(page, scene.owner);
    for (const [path, title] of MEMBER_PAGES) {
      await pageSeen(page, path, title);
      await widthFits(page, path);
    }
    await page.getByRole('button', { name: 'Menu' }).click();
    const menu = page.getByRole('dialog', { name: 'Menu' });
    await axeNone(page, 'the menu');
    await menu.getByRole('link', { name: 'Security' }).click();
    await headingSeen(page, 'Security');
    await menu.waitFor({ state: 'hidden' });
    scene.faultsNone();
  });

  it('is shown after any choice in the menu on a phone', async () => {
    const page = await scene.visit({ viewport: PHONE, hasTouch: true, isMobile: true });
    await signIn(page, scene.owner);
    const menu = page.getByRole('dialog', { name: 'Menu' });
    const securityChoose = () => menu.getByRole('link', { name: 'Security' }).click();
    for (const [choose, title, isElsewhere] of [
      [() => itemChoose(page, menu, /^Account:/, 'Account settings'), 'Account', true],
      [() => itemChoose(page, menu, /^Org:/, /Main/), 'Main', true],
      [securityChoose, 'Security', true],
      [securityChoose, 'Security', false],
      // There the first field has the focus instead of the title.
      [() => itemChoose(page, menu, /^Account:/, 'Sign out'), 'Sign in', false],
    ] as const) {
      await page.getByRole('button', { name: 'Menu' }).click();
      await choose();
      await menu.waitFor({ state: 'hidden' });
      await headingSeen(page, title);
      if (isElsewhere) await focusSeen(page, title);
    }
    scene.faultsNone();
  });

  it('keeps the theme that was chosen, and follows the system again', async () => {
    const page = await scene.visit({ colorScheme: 'light' });
    await page.goto('/sign-in');
    await headingSeen(page, 'Sign in');
    await page.getByRole('button', { name: 'Theme: System' }).click();
    await page.getByRole('menuitemradio', { name: 'Dark' }).click();
    assert.equal(await page.evaluate('document.documentElement.dataset.theme'), 'dark');
    await page.reload();
    assert.equal(await page.evaluate('document.documentElement.dataset.theme'), 'dark');
    await headingSeen(page, 'Sign in');
    await page.getByRole('button', { name: 'Theme: Dark' }).click();
    await page.getByRole('menuitemradio', { name: 'System' }).click();
    assert.equal(await page.evaluate('document.documentElement.dataset.theme'), 'light');
    scene.faultsNone();
  });

  it('returns the focus when a dialog is closed with Escape', async () => {
    const page = await scene.visit();
    await signIn(page, scene.owner);
    await page.goto('/settings/api-tokens/');
    const opener = page.getByRole('button', { name: 'New token' });
    await opener.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    assert.equal(await page.evaluate('document.activeElement.name'), 'name');
    // The focus stays inside, however often Tab is pressed.
    for (let steps = 0; steps < 8; steps += 1) await page.keyboard.press('Tab');
    assert.equal(
      await page.evaluate('document.activeElement.closest("[role=dialog]") !== null'),
      true,
    );
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    assert.equal(await page.evaluate('document.activeElement.innerText'), 'New token');
    scene.faultsNone();
  });

  it('moves the focus to the heading on navigation', async () => {
    const page = await scene.visit();
    await signIn(page, scene.owner);
    await page.getByRole('link', { name: 'Security' }).click();
    await headingSeen(page, 'Security');
    assert.equal(await page.evaluate('document.activeElement.textContent'), 'Security');
    await page.goBack();
    await homeSeen(page);
    scene.faultsNone();
  });

  it('tells users without an org, or at a missing org, what they can do', async () => {
    const person = { email: 'lone@example.com', password: canaryOf('seven green bottles') };
    await scene.server.admin('user-create', '--email', person.email, '--password', person.password);
    const page = await scene.visit();
    await page.goto('/sign-in');
    await passwordSend(page, person);
    await headingSeen(page, 'Welcome');
    await page.getByRole('link', { name: 'Create an org' }).waitFor();
    await page.goto('/orgs/main/');
    await headingSeen(page, 'Page not found');
    // Inside the layout for signed-in users.
    await page.getByRole('navigation', { name: 'Main' }).waitFor();
    await page.getByRole('link', { name: 'Go to the home page' }).click();
    await headingSeen(page, 'Welcome');
    scene.faultsNone();
  });
});
