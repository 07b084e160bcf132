import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { chromiumSkip } from '@dollarbox/testbed/chromium';
import type { Page } from 'playwright-core';
import {
  type PanelScene,
  axeNone,
  containerMake,
  focusSeen,
  headingSeen,
  panelSceneOpen,
  signIn,
  widthFits,
} from './panel-scene.ts';

const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

describe('the search over all pages, and the keys', { skip: chromiumSkip() }, () => {
  let scene: PanelScene;
  let page: Page;
  before(async () => {
    scene = await panelSceneOpen({ ISOLATION: 'weak' });
    await containerMake(scene);
    const { email } = scene.owner;
    await scene.server.admin(
      ...['org-create', '--slug', 'second', '--name', 'Second', '--owner', email],
    );
    page = await scene.visit();
    await signIn(page, scene.owner);
  });
  after(() => scene.close());

  const palette = (on = page) => on.getByRole('dialog', { name: 'Search' });
  const results = () => palette().getByRole('option');
  async function open(path: string, title: string): Promise<void> {
    await page.goto(`/orgs/main/${path}`);
    await headingSeen(page, title);
  }
  /** Types into the search, and waits until this is the first result. */
  async function find(text: string, first: string): Promise<void> {
    await page.keyboard.press('Control+k');
    await palette().getByRole('combobox').fill(text);
    await results().first().filter({ hasText: first }).waitFor();
  }

  it('finds pages, containers, orgs and actions, and opens them with Enter', async () => {
    await open('members', 'Members');
    await find('web', 'web');
    await axeNone(page, 'the search');
    await page.keyboard.press('Enter');
    await headingSeen(page, 'web');
    await find('web log', 'web: Logs');
    await page.keyboard.press('Enter');
    await page.getByText('Following', { exact: true }).waitFor();
    await find('secur', 'Security');
    await page.keyboard.press('Enter');
    await headingSeen(page, 'Security');
    await find('second', 'Second');
    await page.keyboard.press('Enter');
    await headingSeen(page, 'Second');
    await find('theme dark', 'Theme: dark');
    await axeNone(page, 'the search with an action');
    await page.keyboard.press('Enter');
    await palette().waitFor({ state: 'hidden' });
    assert.equal(await page.evaluate('document.documentElement.dataset.theme'), 'dark');
    scene.faultsNone();
  });

  it('finds members, and stops and starts a container without opening it', async () => {
    await open('containers', 'Containers');
    await find(scene.owner.email, scene.owner.email);
    await page.keyboard.press('Enter');
    await headingSeen(page, 'Members');
    await open('containers', 'Containers');
    const row = page
      .getByRole('list', { name: 'Containers' })
      .getByRole('listitem')
      .filter({ hasText: 'web' });
    await row.getByText('Running').waitFor();
    await find('stop web', 'Stop web');
    await page.keyboard.press('Enter');
    await palette().waitFor({ state: 'hidden' });
    await row.getByText('Stopped').waitFor();
    await find('start web', 'Start web');
    await page.keyboard.press('Enter');
    await palette().waitFor({ state: 'hidden' });
    await row.getByText('Running').waitFor();
    await headingSeen(page, 'Containers');
    scene.faultsNone();
  });

  it('says when nothing matches, and gives the focus back', async () => {
    await open('members', 'Members');
    await page.getByRole('button', { name: 'Invite', exact: true }).focus();
    await page.keyboard.press('Control+k');
    await palette().getByRole('combobox').fill('nothing like it');
    await palette().getByText('Nothing matches.').waitFor();
    await page.keyboard.press('Escape');
    await palette().waitFor({ state: 'hidden' });
    await focusSeen(page, 'Invite');
    scene.faultsNone();
  });

  it('has keys for places, the search of a page, a new container and help', async () => {
    await open('members', 'Members');
    await page.keyboard.type('gc');
    await headingSeen(page, 'Containers');
    const search = page.getByLabel('Search containers');
    await search.waitFor();
    await page.keyboard.press('/');
    assert.equal(await page.evaluate('document.activeElement.type'), 'search');
    // In a field, keys are letters.
    await page.keyboard.type('gv?c/');
    assert.equal(await search.inputValue(), 'gv?c/');
    await headingSeen(page, 'Containers');
    await search.fill('');
    await search.blur();
    await page.keyboard.type('gv');
    await headingSeen(page, 'Volumes');
    // A page without a search of its own opens the one over all.
    await page.keyboard.press('/');
    await palette().waitFor();
    await page.keyboard.press('Escape');
    await palette().waitFor({ state: 'hidden' });
    await page.keyboard.press('c');
    await headingSeen(page, 'New container');
    await open('members', 'Members');
    await page.keyboard.press('?');
    const help = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await help.getByText('Go to Containers').waitFor();
    await axeNone(page, 'the keys');
    // Whom single keys get in the way of turns them off.
    await help.getByRole('switch', { name: 'Single-key shortcuts' }).click();
    await page.keyboard.press('Escape');
    await help.waitFor({ state: 'hidden' });
    await page.keyboard.type('gc');
    await page.keyboard.press('Control+k');
    await palette().waitFor();
    await page.keyboard.press('Escape');
    await headingSeen(page, 'Members');
    scene.faultsNone();
  });

  it('is in the menu of a phone', async () => {
    const phone = await scene.visit(PHONE);
    await signIn(phone, scene.owner);
    await phone.getByRole('button', { name: 'Menu' }).click();
    await phone
      .getByRole('dialog', { name: 'Menu' })
      .getByRole('button', { name: 'Search' })
      .click();
    await palette(phone).getByRole('option').filter({ hasText: 'Members' }).waitFor();
    await widthFits(phone, 'the search');
    await axeNone(phone, 'the search on a phone');
    await palette(phone).getByRole('option').filter({ hasText: 'Members' }).click();
    await headingSeen(phone, 'Members');
    await phone.context().close();
    scene.faultsNone();
  });
});
