/** Replies that come after the event of the change that they report, which takes what began it from the page. */
import { after, before, describe, it } from 'node:test';
import { chromiumSkip } from '@dollarbox/testbed/chromium';
import type { Page } from 'playwright-core';
import {
  type PanelScene,
  containerMake,
  headingSeen,
  panelSceneOpen,
  signIn,
} from './panel-scene.ts';

describe('a reply that comes after its event', { skip: chromiumSkip() }, () => {
  let scene: PanelScene;
  let page: Page;
  before(async () => {
    scene = await panelSceneOpen();
    page = await scene.visit();
    await signIn(page, scene.owner);
  });
  after(() => scene.close());

  /** Holds the next reply to a write of a container until the page shows what the event of the change makes it show. */
  async function replyHold(method: string, shown: () => Promise<void>): Promise<void> {
    await page.route(
      ({ pathname }) => pathname.startsWith('/api/v1/containers/'),
      async (route) => {
        if (route.request().method() !== method) return route.fallback();
        const response = await route.fetch();
        await shown();
        await route.fulfill({ response });
      },
    );
  }
  const firstRun = () => page.getByRole('heading', { name: 'Run your first container' });
  const running = () => page.getByText('Running', { exact: true }).first();

  for (const path of ['', '/containers']) {
    it(`leads to the new container from /orgs/main${path}, though its form is gone`, async () => {
      await page.goto(`/orgs/main${path}`);
      await firstRun().waitFor();
      await replyHold('POST', () => running().waitFor());
      await page.getByLabel('Image', { exact: true }).fill('late:1');
      await page.getByRole('button', { name: 'Run it' }).click();
      await headingSeen(page, 'late');
      // The reply is from before it ran.
      await running().waitFor();
      await page.unrouteAll();
      await page.getByRole('button', { name: 'Delete', exact: true }).click();
      const dialog = page.getByRole('dialog', { name: 'Delete late?' });
      await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
      await firstRun().waitFor();
      scene.faultsNone();
    });
  }

  it('leaves the page of a container that its event says is deleted', async () => {
    await containerMake(scene);
    await page.goto('/orgs/main/containers/web');
    await headingSeen(page, 'web');
    await replyHold('DELETE', () => headingSeen(page, 'Container not found'));
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Delete web?' });
    await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
    await headingSeen(page, 'Containers');
    await page.getByText('Container “web” deleted.').waitFor();
    await page.unrouteAll();
    scene.faultsNone();
  });
});
