import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { chromiumSkip } from '@dollarbox/testbed/chromium';
import type { Locator, Page } from 'playwright-core';
import {
  type PanelScene,
  axeNone,
  focusSeen,
  headingSeen,
  panelSceneOpen,
  signIn,
  widthFits,
} from './panel-scene.ts';

const OPEN_PAGES = [
  ['/sign-in', 'Sign in'],
  ['/sign-up', 'Create your account'],
  ['/verify-email', 'The link is incomplete'],
  ['/verify-email?token=x', 'Confirm your address'],
  ['/forgot-password', 'Forgot your password?'],
  ['/reset-password?token=x', 'Set a new password'],
  ['/confirm-email?token=x', 'Confirm your new address'],
  ['/nothing-here', 'Nothing here'],
] as const;
const MEMBER_PAGES = [
  ['/', 'Home'],
  ['/orgs/main/', 'Main'],
  ['/orgs/unknown/', 'Nothing here'],
  ['/settings/account/', 'Account'],
  ['/settings/security/', 'Security'],
  ['/settings/api-tokens/', 'API tokens'],
] as const;
const PHONE = { width: 390, height: 844 };

async function pageSeen(page: Page, path: string, title: string): Promise<void> {
  await page.goto(path);
  await headingSeen(page, title);
  await page.waitForLoadState('networkidle');
  assert.equal(await page.title(), `${title} · DollarBox`);
}

/** Opens a menu that is inside another, and takes one of its items. */
async function itemChoose(page: Page, menu: Locator, trigger: RegExp, item: string | RegExp) {
  await menu.getByRole('button', { name: trigger }).click();
  await page.getByRole('menuitem', { name: item }).click();
}

describe('every page of the panel', { skip: chromiumSkip() }, () => {
  let scene: PanelScene;
  before(async () => {
    scene = await panelSceneOpen({ SIGNUP: 'open' });
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

  it('is what one sees after choosing it in the menu of a phone, whichever way', async () => {
    const page = await scene.visit({ viewport: PHONE, hasTouch: true, isMobile: true });
    await signIn(page, scene.owner);
    const menu = page.getByRole('dialog', { name: 'Menu' });
    const securityChoose = () => menu.getByRole('link', { name: 'Security' }).click();
    for (const [choose, title, isElsewhere] of [
      [() => itemChoose(page, menu, /^Org:/, /Main/), 'Main', true],
      [() => itemChoose(page, menu, /^Account:/, 'Account settings'), 'Account', true],
      [securityChoose, 'Security', true],
      [securityChoose, 'Security', false],
      [() => itemChoose(page, menu, /^Account:/, 'Sign out'), 'Sign in', true],
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
    await page.getByRole('button', { name: 'Theme: As the system' }).click();
    await page.getByRole('menuitemradio', { name: 'Dark' }).click();
    assert.equal(await page.evaluate('document.documentElement.dataset.theme'), 'dark');
    await page.reload();
    assert.equal(await page.evaluate('document.documentElement.dataset.theme'), 'dark');
    await page.getByRole('button', { name: 'Theme: Dark' }).click();
    await page.getByRole('menuitemradio', { name: 'As the system' }).click();
    assert.equal(await page.evaluate('document.documentElement.dataset.theme'), 'light');
    scene.faultsNone();
  });

  it('gives the focus back when a dialog is left by Escape', async () => {
    const page = await scene.visit();
    await signIn(page, scene.owner);
    await page.goto('/settings/api-tokens/');
    const opener = page.getByRole('button', { name: 'New token' });
    await opener.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    assert.equal(await page.evaluate('document.activeElement.name'), 'name');
    // The focus stays inside, however far one tabs.
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

  it('moves the focus to the heading of the page that one goes to', async () => {
    const page = await scene.visit();
    await signIn(page, scene.owner);
    await page.getByRole('link', { name: 'Security' }).click();
    await headingSeen(page, 'Security');
    assert.equal(await page.evaluate('document.activeElement.textContent'), 'Security');
    await page.goBack();
    await headingSeen(page, 'Home');
    scene.faultsNone();
  });

  it('tells who is in no org, and who is where none is, what they can do', async () => {
    const person = { email: 'lone@example.com', password: 'seven green bottles' };
    await scene.server.admin('user-create', '--email', person.email, '--password', person.password);
    const page = await scene.visit();
    await signIn(page, person);
    await page.getByText('The operator of this DollarBox can add you to one').waitFor();
    await page.goto('/orgs/main/');
    await headingSeen(page, 'Nothing here');
    // In the frame of those who are signed in.
    await page.getByRole('navigation', { name: 'Main' }).waitFor();
    await page.getByRole('link', { name: 'Go to your home page' }).click();
    await headingSeen(page, 'Home');
    scene.faultsNone();
  });
});
