import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { chromiumSkip } from '@dollarbox/testbed/chromium';
import {
  type PanelScene,
  headingSeen,
  panelSceneOpen,
  passwordSend,
  requestsHold,
} from './panel-scene.ts';

describe("the reader of the API's document", { skip: chromiumSkip() }, () => {
  let scene: PanelScene;
  before(async () => {
    scene = await panelSceneOpen();
  });
  after(() => scene.close());

  it('opens after signing in, and tries a request with the session, all of it from here', async () => {
    const page = await scene.visit();
    const elsewhere: string[] = [];
    page.on('request', (request) => {
      if (!request.url().startsWith(scene.server.url)) elsewhere.push(request.url());
    });
    const readerSend = await requestsHold(page, '**/docs/reader.js');
    await page.goto('/api/v1/docs/');
    await headingSeen(page, 'Sign in');
    await passwordSend(page, scene.owner);
    await page.waitForURL('**/api/v1/docs/', { waitUntil: 'commit' });
    // The page is there before the reader, whose script is of several megabytes.
    await page.getByRole('status').getByText('Loading the API reference').waitFor();
    readerSend();
    await headingSeen(page, 'DollarBox API');
    await page.getByText('Loading the API reference').waitFor({ state: 'hidden' });
    // It speaks of this installation, and of the session.
    await page.getByText(`curl -X POST ${scene.server.url}/api/v1/containers/`).first().waitFor();
    assert.equal(await page.getByText('http://localhost:8080').count(), 0);
    await page.getByText('You are signed in').first().waitFor();
    assert.equal(
      await page.getByRole('link', { name: 'Back to the panel' }).getAttribute('href'),
      '/',
    );

    await page.getByText('List containers').first().click();
    await page.getByRole('button', { name: 'Test Request' }).first().click();
    const answered = page.waitForResponse((response) =>
      response.url().startsWith(`${scene.server.url}/api/v1/containers/`),
    );
    await page.getByRole('button', { name: 'Send' }).first().click();
    const response = await answered;
    assert.equal(response.status(), 200, await response.text());
    assert.equal(response.headers()['x-dollarbox-org'], 'main');
    assert.deepEqual(elsewhere, []);
    scene.faultsNone();
  });
});
