import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type DollarboxClient, dollarboxClientCreate, unwrap } from '@dollarbox/client';
import { canaryOf } from '@dollarbox/testbed/canary';
import { chromiumSkip } from '@dollarbox/testbed/chromium';
import type { Page } from 'playwright-core';
import {
  type PanelScene,
  axeNone,
  headingSeen,
  panelSceneOpen,
  signIn,
  widthFits,
} from './panel-scene.ts';

const GREETING = canaryOf('hello  there');

const COMPOSE = `services:
  web:
    image: nginx:1.27
    environment: {LEVEL: debug}
    volumes: ["data:/srv", "gone:/cache"]
    deploy: {replicas: 3}
  worker:
    image: busybox:1.37
    command: sleep 5
`;

/** Pastes a text into an element, by an event of its own, since that needs no clipboard; runs in the page. */
const PASTE = `(element, text) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData('text', text);
  element.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
}`;

describe('a new container in the panel', { skip: chromiumSkip() }, () => {
  let scene: PanelScene;
  let client: DollarboxClient;
  let page: Page;
  before(async () => {
    scene = await panelSceneOpen();
    client = dollarboxClientCreate({ baseUrl: scene.server.url, token: scene.server.token });
    await unwrap(client.POST('/volumes/', { body: { name: 'data', size_gb: 1 } }));
    page = await scene.visit();
    await signIn(page, scene.owner);
  });
  after(() => scene.close());

  const dialog = () => page.getByRole('dialog', { name: 'Import settings' });
  const preview = () => dialog().getByRole('region', { name: 'Preview' });
  const field = (name: string) => page.getByLabel(name, { exact: true });

  async function newOpen(): Promise<void> {
    await page.goto('/orgs/main/new-container');
    await headingSeen(page, 'New container');
  }
  async function importOpen(text: string): Promise<void> {
    await page.getByRole('button', { name: /^Import/ }).click();
    await dialog().getByLabel('Text').fill(text);
  }
  async function fillIn(): Promise<void> {
    await dialog().getByRole('button', { name: 'Fill in the form' }).click();
    await dialog().waitFor({ state: 'hidden' });
  }

  it('is filled from a docker run line that is pasted for the image', async () => {
    await newOpen();
    const line = `docker run -d --name blog -e GREETING='${GREETING}' -p 8080:80 --cpus 2 nginx:1.27 nginx -g 'daemon off;'`;
    await page.evaluate(`(${PASTE})(document.activeElement, ${JSON.stringify(line)})`);
    await preview().getByText('nginx:1.27', { exact: true }).waitFor();
    assert.equal(await dialog().getByLabel('Text').inputValue(), line);
    // Nothing is dropped without a word.
    await preview().getByText('Not supported, and left out: --cpus 2').waitFor();
    await preview().getByText('Port 8080 becomes 80').waitFor();
    await axeNone(page, 'the preview');
    await fillIn();
    assert.equal(await field('Image').inputValue(), 'nginx:1.27');
    assert.equal(await field('Name').inputValue(), 'blog');
    await page.getByText('As API call').click();
    const shown = page.getByRole('region', { name: 'curl lines' });
    await shown.getByText(`"GREETING": "${GREETING}"`).waitFor();
    await page.getByRole('tab', { name: 'Command line' }).click();
    await page.getByText('dollarbox create blog nginx:1.27').waitFor();
    await page.getByRole('tab', { name: 'Terraform' }).click();
    await page.getByText('resource "dollarbox_container" "blog"').waitFor();
    await axeNone(page, 'the form as a Terraform resource');
    await page.getByRole('button', { name: 'Create container' }).click();
    await headingSeen(page, 'blog');
    const { results } = await unwrap(
      client.GET('/containers/', { params: { query: { name: 'blog' } } }),
    );
    const [{ id } = { id: 0 }] = results;
    const made = await unwrap(client.GET('/containers/{id}/', { params: { path: { id } } }));
    assert.deepEqual(
      [made.image, made.env, made.command, made.ports],
      ['nginx:1.27', { GREETING }, ['nginx', '-g', 'daemon off;'], [80]],
    );
    scene.faultsNone();
  });

  it('takes one service of a Compose file, and variables of an .env file on top', async () => {
    await newOpen();
    await importOpen(COMPOSE);
    await preview().getByText('left out: deploy').waitFor();
    await preview().getByText('There is no volume “gone” yet').waitFor();
    await dialog().getByLabel('Service').selectOption('worker');
    await preview().getByText('sleep 5').waitFor();
    await dialog().getByLabel('Service').selectOption('web');
    await fillIn();
    await page.getByText('Volumes', { exact: true }).last().click();
    assert.equal(
      await page
        .getByLabel('Volume', { exact: true })
        .first()
        .locator('option:checked')
        .innerText(),
      'data (1 GB)',
    );
    assert.equal(await page.getByLabel('Volume', { exact: true }).last().inputValue(), '');
    await importOpen('LEVEL=info\nNEW="two\nlines"\n');
    await preview().getByText('LEVEL, NEW').waitFor();
    await fillIn();
    assert.equal(await field('Image').inputValue(), 'nginx:1.27');
    await page.getByText('Variables', { exact: true }).click();
    assert.equal(await page.getByLabel('Value of LEVEL').inputValue(), 'info');
    assert.equal(await page.getByLabel('Value of NEW').inputValue(), 'two\nlines');
    await importOpen('services: [');
    await dialog().getByText('As a Compose file:').waitFor();
    assert.equal(
      await dialog().getByRole('button', { name: 'Fill in the form' }).isDisabled(),
      true,
    );
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Start over' }).click();
    scene.faultsNone();
  });

  it('asks before it is left, and keeps what was typed', async () => {
    await newOpen();
    await field('Image').fill('kept:1');
    const leave = page.getByRole('dialog', { name: 'Leave without creating it?' });
    const volumes = page.getByRole('link', { name: 'Volumes', exact: true });
    await volumes.click();
    await axeNone(page, 'the question');
    await leave.getByRole('button', { name: 'Cancel' }).click();
    await leave.waitFor({ state: 'hidden' });
    await headingSeen(page, 'New container');
    await volumes.click();
    await leave.getByRole('button', { name: 'Leave' }).click();
    await headingSeen(page, 'Volumes');
    await newOpen();
    assert.equal(await field('Image').inputValue(), 'kept:1');
    await page.getByRole('button', { name: 'Start over' }).click();
    await volumes.click();
    await headingSeen(page, 'Volumes');
    scene.faultsNone();
  });

  it('imports on a phone, and says when the code for it can’t be loaded', async () => {
    const phone = await scene.visit({
      viewport: { width: 360, height: 740 },
      hasTouch: true,
      isMobile: true,
    });
    await signIn(phone, scene.owner);
    await phone.goto('/orgs/main/new-container');
    await phone.route(/\/assets\/import-dialog-/, (route) => route.abort());
    await phone.getByRole('button', { name: /^Import/ }).click();
    await phone.getByText('This page could not be loaded').waitFor();
    await phone.unroute(/\/assets\/import-dialog-/);
    await phone.getByRole('button', { name: /^Import/ }).click();
    await phone.getByLabel('Text').fill(COMPOSE);
    await phone.getByRole('region', { name: 'Preview' }).waitFor();
    await widthFits(phone, 'the import');
    await phone.context().close();
  });
});
