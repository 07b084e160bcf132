import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { dollarboxClientCreate, unwrap } from '@dollarbox/client';
import { chromiumSkip } from '@dollarbox/testbed/chromium';
import {
  type PanelScene,
  containerMake,
  headingSeen,
  panelSceneOpen,
  signIn,
} from './panel-scene.ts';

/** How long a page may look normal after the server's end. */
const SILENT_MS = 15_000;
const STEP_MS = 500;

describe('the panel when the server is killed', { skip: chromiumSkip() }, () => {
  let scene: PanelScene;
  before(async () => {
    scene = await panelSceneOpen();
    await containerMake(scene);
  });
  after(() => scene.close());

  it('says so within 15 seconds on every open page, shows nothing as current, and recovers', async () => {
    const page = await scene.visit();
    // The page's time is the test's, so that a slow machine has as long as it needs for 15 seconds.
    await page.clock.install();
    await signIn(page, scene.owner);
    await page.goto('/orgs/main/containers');
    await headingSeen(page, 'Containers');
    const row = page.getByRole('listitem').filter({ hasText: 'web' });
    await row.getByText('Running').waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    await page.clock.pauseAt(((await page.evaluate('Date.now()')) as number) + 1000);
    await scene.server.stop('SIGKILL');
    for (let passed = 0; passed < SILENT_MS; passed += STEP_MS) await page.clock.runFor(STEP_MS);
    await page
      .getByRole('alert')
      .getByText(/not responding.* as of \d\d:\d\d:\d\d/)
      .waitFor();
    await row.getByText('(last known)').waitFor();
    assert.equal(await page.getByText('Live', { exact: true }).count(), 0);

    await page.clock.resume();
    await scene.server.restart();
    await page.getByText('Live', { exact: true }).waitFor();
    await page.getByRole('alert').waitFor({ state: 'hidden' });
    await row.getByText('(last known)').waitFor({ state: 'hidden' });
    // Events arrive again.
    const client = dollarboxClientCreate({ baseUrl: scene.server.url, token: scene.server.token });
    await unwrap(client.POST('/containers/', { body: { name: 'later', image: 'web:1' } }));
    await page.getByRole('listitem').filter({ hasText: 'later' }).getByText('Running').waitFor();
  });
});
