/**
 * Takes a picture of every page of the panel, as people see it on a desk, a tablet and a phone, light and dark, with
 * nothing, one and 200 rows, and with names of 50 letters.
 *
 *   npm run screenshots -- [--out FOLDER] [--only WORD]
 *
 * `--only` takes the pictures with this in their path, such as `360-dark` or `members`.
 */
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { LONG_NAME, orgFill } from './panel-rows.ts';
import { type PanelScene, loadedSeen, panelSceneOpen, signIn } from './panel-scene.ts';

const WIDTHS = { 1440: 900, 768: 1024, 360: 740 } as const;
const THEMES = ['light', 'dark'] as const;

const OPEN_PAGES = {
  'sign-in': '/sign-in',
  'sign-up': '/sign-up',
  'forgot-password': '/forgot-password',
  'reset-password': '/reset-password?token=x',
  'verify-email': '/verify-email?token=x',
  'invitation-unknown': '/invitations/accept?token=x',
  'not-found': '/nothing',
};
const PERSONAL_PAGES = {
  orgs: '/orgs/',
  'new-org': '/new-org',
  account: '/settings/account/',
  security: '/settings/security/',
  tokens: '/settings/api-tokens/',
  'not-found-inside': '/nothing',
};
const ORG_PAGES = [
  '',
  'containers',
  'new-container',
  'volumes',
  'members',
  'kubectl',
  'registries',
  'usage',
  'audit',
  'settings',
];

const CONTAINER_PAGES = ['', 'logs', 'env', 'volumes', 'events', 'settings'];

/** What to press on a page, and the name of the picture of what opens. */
const OPENED = [
  { path: '/settings/api-tokens/', press: 'New token', name: 'dialog-token' },
  { path: '/orgs/none/members', press: 'Invite', name: 'dialog-invite' },
  { path: '/orgs/none/settings', press: 'Delete org', name: 'dialog-delete-org' },
  { path: '/settings/api-tokens/', press: /^Revoke/, name: 'dialog-revoke' },
  { path: '/orgs/none/new-container', press: /^Import/, name: 'dialog-import' },
] as const;

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'screenshots' },
    only: { type: 'string', default: '' },
  },
});

const scene = await panelSceneOpen({ ISOLATION: 'weak', SIGNUP: 'open' });
try {
  await orgFill(scene, { slug: 'none', name: 'Nothing yet' }, 0);
  await orgFill(scene, { slug: 'one', name: 'One of each' }, 1);
  await orgFill(scene, { slug: 'many', name: LONG_NAME }, 200, true);
  for (const width of Object.keys(WIDTHS).map(Number) as (keyof typeof WIDTHS)[]) {
    for (const theme of THEMES) await picturesTake(scene, width, theme);
  }
} finally {
  await scene.close();
}

async function picturesTake(
  { visit, owner }: PanelScene,
  width: keyof typeof WIDTHS,
  colorScheme: (typeof THEMES)[number],
): Promise<void> {
  const viewport = { width, height: WIDTHS[width] };
  const touch = width < 1000 ? { hasTouch: true, isMobile: true } : {};
  const page = await visit({ viewport, colorScheme, ...touch });
  const folder = `${width}-${colorScheme}`;
  for (const [name, path] of Object.entries(OPEN_PAGES))
    await take(page, `${folder}/${name}`, path);
  await signIn(page, owner);
  for (const [name, path] of Object.entries(PERSONAL_PAGES)) {
    await take(page, `${folder}/${name}`, path);
  }
  for (const slug of ['none', 'one', 'many']) {
    for (const section of ORG_PAGES) {
      await take(page, `${folder}/org-${section || 'home'}-${slug}`, `/orgs/${slug}/${section}`);
    }
  }
  for (const section of CONTAINER_PAGES) {
    const path = `/orgs/one/containers/web-0/${section}`;
    await take(page, `${folder}/container-${section || 'overview'}`, path);
  }
  for (const { path, press, name } of OPENED) {
    await take(page, `${folder}/${name}`, path, async () => {
      await page.getByRole('button', { name: press }).first().click();
      await page.getByRole('dialog').waitFor();
    });
  }
  await take(page, `${folder}/menu`, '/orgs/many/members', async () => {
    if (width < 1000) await page.getByRole('button', { name: 'Menu' }).click();
    await page.getByRole('button', { name: /^Org:/ }).click();
    await page.getByRole('menu').waitFor();
  });
  await page.context().close();
}

/** @param prepare what to do before the picture, once the page is there. */
async function take(
  page: Page,
  name: string,
  path: string,
  prepare?: () => Promise<void>,
): Promise<void> {
  const file = join(values.out, `${name}.png`);
  if (!file.includes(values.only)) return;
  mkdirSync(dirname(file), { recursive: true });
  await page.goto(path);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await loadedSeen(page);
  await prepare?.();
  await page.screenshot({ path: file, fullPage: prepare === undefined, animations: 'disabled' });
}
