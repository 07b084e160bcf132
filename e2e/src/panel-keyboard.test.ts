import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { chromiumSkip } from '@dollarbox/testbed/chromium';
import type { Page } from 'playwright-core';
import { type PanelScene, headingSeen, homeSeen, panelSceneOpen } from './panel-scene.ts';
import { until } from './wait.ts';

/** More elements than any of these pages lets the focus rest on. */
const MOST_STOPS = 120;

/** What a screen reader would call the element with the focus, roughly; runs in the page. */
const FOCUSED = `(() => {
  const { activeElement: at } = document;
  return at.ariaLabel ?? at.labels?.[0]?.innerText ?? at.innerText?.trim() ?? '';
})()`;

describe('the panel with the keyboard alone', { skip: chromiumSkip() }, () => {
  let scene: PanelScene;
  let page: Page;
  before(async () => {
    scene = await panelSceneOpen();
    page = await scene.visit();
  });
  after(() => scene.close());

  const focused = () => page.evaluate(FOCUSED) as Promise<string>;
  const press = (key: string) => page.keyboard.press(key);

  /** Moves the focus by Tab until it is on an element with this name. */
  async function tabTo(name: string): Promise<void> {
    const passed: string[] = [];
    for (let stops = 0; stops < MOST_STOPS; stops += 1) {
      const at = await focused();
      if (at === name) return;
      passed.push(at);
      await press('Tab');
    }
    assert.fail(`Tab never came to “${name}”, only to ${[...new Set(passed)].join(', ')}`);
  }
  /** Waits until the focus is somewhere by itself. */
  const focusArrives = (name: string) =>
    until(`the focus is on “${name}”`, async () => (await focused()) === name || null);

  it('leads from sign-in to a container, its logs and its end', async () => {
    await page.goto('/');
    await headingSeen(page, 'Sign in');
    await focusArrives('Email');
    await page.keyboard.type(scene.owner.email);
    await tabTo('Password');
    await page.keyboard.type(scene.owner.password);
    await press('Enter');
    await homeSeen(page);
    await page.getByRole('heading', { name: 'Run your first container' }).waitFor();
    await tabTo('Image');
    await page.keyboard.type('keys:1');
    await press('Enter');
    await headingSeen(page, 'keys');
    await page.getByText('Running', { exact: true }).first().waitFor();

    await tabTo('Logs');
    await press('Enter');
    await page.getByText('Following', { exact: true }).waitFor();
    await tabTo('Wrap lines');
    await press('Space');
    await page.getByRole('button', { name: 'Wrap lines', pressed: true }).waitFor();
    await tabTo('Stop');
    await press('Enter');
    await page.getByRole('button', { name: 'Start', exact: true }).waitFor();
    await tabTo('Delete');
    await press('Enter');
    await page.getByRole('dialog', { name: 'Delete keys?' }).waitFor();
    await focusArrives('Cancel');
    await tabTo('Delete');
    await press('Enter');
    await page.getByRole('heading', { name: 'Run your first container' }).waitFor();
    scene.faultsNone();
  });

  it('skips the menu, and opens and leaves menus', async () => {
    await page.goto('/orgs/main/members');
    await headingSeen(page, 'Members');
    await tabTo('Skip to content');
    await press('Enter');
    assert.equal(await page.evaluate('document.activeElement.id'), 'main');
    await tabTo('Invite');
    await press('Enter');
    await focusArrives('Email');
    await press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await focusArrives('Invite');
    scene.faultsNone();
  });
});
