import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { chromiumSkip } from '@dollarbox/testbed/chromium';
import type { Page } from 'playwright-core';
import {
  type PanelScene,
  axeNone,
  headingSeen,
  loadedSeen,
  containerMake,
  panelSceneOpen,
  passwordSend,
  signIn,
  widthFits,
} from './panel-scene.ts';

const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

/** What opens on a page, by the button that opens it. */
const DIALOGS = [
  ['/settings/api-tokens/', 'New token'],
  ['/settings/api-tokens/', /^Revoke/],
  ['/settings/account/', 'Delete account'],
  ['/settings/security/', 'Turn on'],
  ['/orgs/main/members', 'Invite'],
  ['/orgs/main/members', /^Change role/],
  ['/orgs/main/members', 'Leave this org'],
  ['/orgs/main/settings', 'Delete org'],
  ['/orgs/main/volumes', 'New volume'],
  ['/orgs/main/registries', 'Add a registry'],
] as const;

const PAGES = [
  '/orgs/',
  '/new-org',
  '/orgs/main/containers',
  '/orgs/main/new-container',
  '/orgs/main/containers/web/',
  '/orgs/main/containers/web/logs',
  '/orgs/main/containers/web/env',
  '/orgs/main/containers/web/volumes',
  '/orgs/main/containers/web/events',
  '/orgs/main/containers/web/settings',
  '/orgs/main/volumes',
  '/orgs/main/members',
  '/orgs/main/registries',
  '/orgs/main/kubectl',
  '/orgs/main/usage',
  '/orgs/main/audit',
  '/orgs/main/settings',
  '/settings/account/',
  '/settings/security/',
  '/settings/api-tokens/',
];

/** Adds up how far things moved without anybody's doing; runs in the page, before its own scripts. */
const SHIFTS_COUNT = `
  globalThis.shifts = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) globalThis.shifts += entry.value;
  }).observe({ type: 'layout-shift', buffered: true });
`;

async function pageOpen(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await loadedSeen(page);
}

describe('the look of the panel', { skip: chromiumSkip() }, () => {
  let scene: PanelScene;
  before(async () => {
    scene = await panelSceneOpen({ ISOLATION: 'weak' });
  });
  after(() => scene.close());

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`has nothing that axe objects to in its menus and dialogs, ${colorScheme}`, async () => {
      const page = await scene.visit({ colorScheme });
      await signIn(page, scene.owner);
      for (const [path, button] of DIALOGS) {
        await pageOpen(page, path);
        await page.getByRole('button', { name: button }).first().click();
        await page.getByRole('dialog').waitFor();
        await axeNone(page, `${path}, ${button}`);
      }
      // An org that has a container can't be deleted, so it has none before.
      const containerDelete = await containerMake(scene);
      await pageOpen(page, '/orgs/main/containers/web/');
      await page.getByRole('button', { name: 'Delete' }).click();
      await page.getByRole('dialog').waitFor();
      await axeNone(page, 'the deletion of a container');
      await containerDelete();
      await pageOpen(page, '/orgs/main/members');
      for (const menu of [/^Org:/, /^Account:/]) {
        await page.getByRole('button', { name: menu }).click();
        await page.getByRole('menu').waitFor();
        await axeNone(page, String(menu));
        await page.keyboard.press('Escape');
      }
      scene.faultsNone();
    });
  }

  it('keeps everything in its place while a page loads, on a desk and on a phone', async () => {
    await containerMake(scene);
    for (const options of [{}, PHONE]) {
      const page = await scene.visit(options);
      await page.addInitScript(SHIFTS_COUNT);
      await pageOpen(page, '/sign-in');
      assert.ok(((await page.evaluate('shifts')) as number) < 0.05, '/sign-in');
      await passwordSend(page, scene.owner);
      await page.waitForURL(/\/orgs\/main/);
      for (const path of PAGES) {
        await pageOpen(page, path);
        const shifts = (await page.evaluate('shifts')) as number;
        assert.ok(shifts < 0.05, `${path} moved by ${shifts}`);
        await widthFits(page, path);
      }
      await page.context().close();
    }
    scene.faultsNone();
  });

  it('has fields that a phone does not zoom into, and a frame in the colour of the theme', async () => {
    const page = await scene.visit({ ...PHONE, colorScheme: 'dark' });
    await page.goto('/sign-in');
    await headingSeen(page, 'Sign in');
    const style = 'getComputedStyle(document.querySelector("input[name=email]")).fontSize';
    assert.equal(await page.evaluate(style), '16px');
    const theme = page.locator('meta[name="theme-color"]');
    const dark = await theme.getAttribute('content');
    await page.getByRole('button', { name: /^Theme:/ }).click();
    await page.getByRole('menuitemradio', { name: 'Light' }).click();
    assert.notEqual(await theme.getAttribute('content'), dark);
    scene.faultsNone();
  });

  it('shows a notice where it covers no button', async () => {
    for (const options of [{}, PHONE]) {
      const page = await scene.visit(options);
      await signIn(page, scene.owner);
      await pageOpen(page, '/orgs/main/settings');
      await page.getByRole('button', { name: 'Save changes' }).click();
      const notice = page.getByText('Org changed.');
      await notice.waitFor();
      const covered = await page.evaluate(`(() => {
        const box = document.querySelector('[aria-label="Notices"] > div').getBoundingClientRect();
        return [...document.querySelectorAll('button')].filter((button) => {
          if (button.closest('[aria-label="Notices"]')) return false;
          const { left, right, top, bottom, width } = button.getBoundingClientRect();
          return width > 0 && left < box.right && right > box.left && top < box.bottom && bottom > box.top;
        }).map((button) => button.innerText);
      })()`);
      assert.deepEqual(covered, []);
      await page.context().close();
    }
    scene.faultsNone();
  });
});
