import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { dollarboxClientCreate, unwrap } from '@dollarbox/client';
import { chromiumSkip } from '@dollarbox/testbed/chromium';
import type { Page } from 'playwright-core';
import { type PanelScene, loadedSeen, panelSceneOpen, signIn, widthFits } from './panel-scene.ts';

/** 41 letters, and a word that can't be broken at a space. */
const NAME = 'Unternehmensberatungsgesellschaft & Co KG';
const WIDTHS = [320, 375, 640, 768, 1024];
const PAGES = ['/orgs/', '/orgs/main/', '/orgs/main/members', '/orgs/main/usage'];

/** The texts that stand out of the card or dialog that they are in, less those that are cut short; runs in the page. */
const OUTSIDE = `(() => {
  const isCut = (inner, card) => {
    for (let at = inner; at !== card.parentElement; at = at.parentElement) {
      if (getComputedStyle(at).overflowX !== 'visible') return true;
    }
    return false;
  };
  const outside = [];
  for (const card of document.querySelectorAll('main section, main li, main header, [role=dialog]')) {
    const { left, right } = card.getBoundingClientRect();
    if (right === left) continue;
    for (const inner of card.querySelectorAll('*')) {
      const box = inner.getBoundingClientRect();
      const isShown = box.width > 1 && inner.innerText && getComputedStyle(inner).position !== 'absolute';
      const isOutside = box.right > right + 1 || box.left < left - 1;
      if (isShown && isOutside && !isCut(inner, card)) outside.push(inner.innerText);
    }
  }
  return outside;
})()`;

describe('an org with a name of 41 letters', { skip: chromiumSkip() }, () => {
  let scene: PanelScene;
  let page: Page;
  before(async () => {
    scene = await panelSceneOpen({ ISOLATION: 'weak' });
    const client = dollarboxClientCreate({ baseUrl: scene.server.url, token: scene.server.token });
    const params = { path: { slug: 'main' } };
    await unwrap(client.PATCH('/orgs/{slug}/', { params, body: { name: NAME } }));
    const { email } = scene.owner;
    await scene.server.admin(
      ...['org-create', '--slug', 'other', '--name', NAME, '--owner', email],
    );
    page = await scene.visit();
    await signIn(page, scene.owner);
  });
  after(() => scene.close());

  async function open(path: string): Promise<void> {
    await page.goto(path);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await loadedSeen(page);
  }

  /** How much wider what an element holds is than the element. */
  const overflow = (selector: string) =>
    page.evaluate(
      `(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)(document.querySelector('${selector}'))`,
    );

  it('pushes nothing out of its card, on windows from 320 to 1024 pixels', async () => {
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 800 });
      for (const path of PAGES) {
        await open(path);
        await widthFits(page, `${path} at ${width}`);
        assert.deepEqual(await page.evaluate(OUTSIDE), [], `${path} at ${width}`);
      }
    }
    scene.faultsNone();
  });

  it('leaves the menu of a phone as wide as the window', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    await open('/orgs/main/members');
    await page.getByRole('button', { name: 'Menu' }).click();
    const menu = page.getByRole('dialog', { name: 'Menu' });
    await menu.getByRole('button', { name: /^Org:/ }).waitFor();
    assert.equal(await overflow('[role=dialog]'), 0);
    await page.keyboard.press('Escape');
    // Where one is stays readable beside the name.
    assert.equal(await overflow('nav[aria-label=Breadcrumb] [aria-current=page] :last-child'), 0);
    scene.faultsNone();
  });

  it('may have a plan of nothing: the meter of “0 of 0” is empty, and nothing can be created', async () => {
    await scene.server.admin('org-limits', '--org', 'other', '--containers', '0');
    await page.setViewportSize({ width: 1024, height: 800 });
    await open('/orgs/other/usage');
    const meter = page.getByRole('meter', { name: 'Containers' });
    assert.equal(await meter.getAttribute('aria-valuetext'), '0 of 0');
    const fill = `document.querySelector('[role=meter][aria-label=Containers]').firstElementChild`;
    assert.equal(await page.evaluate(`${fill}.offsetWidth`), 0);
    await open('/orgs/other/containers');
    assert.equal(await page.getByRole('button', { name: 'New container' }).isDisabled(), true);
    scene.faultsNone();
  });
});
