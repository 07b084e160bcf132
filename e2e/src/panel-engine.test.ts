import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type DollarboxClient, dollarboxClientCreate, unwrap } from '@dollarbox/client';
import { dockerSkip } from '@dollarbox/host/docker';
import { chromiumSkip } from '@dollarbox/testbed/chromium';
import { type TestImages, imagesPush, imagesUntag } from '@dollarbox/testbed/images';
import { type Registry, registryStart } from '@dollarbox/testbed/registry';
import type { Page } from 'playwright-core';
import { containersOf, docker, read } from './docker-host.ts';
import {
  type PanelScene,
  axeNone,
  headingSeen,
  panelSceneOpen,
  passwordSend,
} from './panel-scene.ts';
import { until } from './wait.ts';

const skip = chromiumSkip() || (await dockerSkip());

describe('a container in the panel, on a real engine', { skip }, () => {
  let registry: Registry;
  let images: TestImages;
  let scene: PanelScene;
  let client: DollarboxClient;
  let page: Page;
  before(async () => {
    registry = await registryStart();
    images = await imagesPush(registry.host);
    scene = await panelSceneOpen({ ENGINE: 'docker', ALLOWED_REGISTRIES: registry.host });
    client = dollarboxClientCreate({ baseUrl: scene.server.url, token: scene.server.token });
    page = await scene.visit();
  });
  after(async () => {
    await scene?.close();
    if (registry === undefined) return;
    await imagesUntag(docker, registry.host);
    await registry.close();
  });

  const statusSeen = (word: string) => page.getByText(word, { exact: true }).first().waitFor();
  const tab = (name: string) =>
    page.getByRole('navigation', { name: 'Pages of web' }).getByRole('link', { name }).click();
  const save = async () => {
    const button = { name: 'Save', exact: true } as const;
    // The notice of the save before may still be there.
    const saved = page.waitForResponse((response) => response.request().method() === 'PATCH');
    await page.getByRole('button', button).click();
    assert.equal((await saved).status(), 200);
    await page.getByRole('button', { ...button, disabled: true }).waitFor();
    await page.getByText('“web” saved.').first().waitFor();
  };
  async function webRead() {
    const { results } = await unwrap(client.GET('/containers/', { params: { query: {} } }));
    const [web] = results;
    return web ?? assert.fail('there is no container');
  }

  it('runs after a sign-in and an image, without a shell', async () => {
    await page.goto('/');
    await passwordSend(page, scene.owner);
    await page.getByRole('heading', { name: 'Run your first container' }).waitFor();
    await axeNone(page, 'an org without containers');
    await page.getByLabel('Image', { exact: true }).fill(images.web);
    await page.getByRole('button', { name: 'Run it' }).click();
    await headingSeen(page, 'web');
    await statusSeen('Running');
    const { ipv6_address: address } = await webRead();
    await page.getByText(address ?? 'no address', { exact: true }).waitFor();
    await until('an answer', () => read(address, 8080));
    scene.faultsNone();
  });

  it('gets a volume, and keeps what is in it', async () => {
    await tab('Volumes');
    await page.getByText('Nothing is mounted').waitFor();
    await page.getByRole('button', { name: 'New volume' }).click();
    const dialog = page.getByRole('dialog', { name: 'New volume' });
    await dialog.getByLabel('Name').fill('data');
    await dialog.getByRole('button', { name: 'Create volume' }).click();
    await dialog.waitFor({ state: 'hidden' });
    assert.equal(await page.getByLabel('Mount path').inputValue(), '/data');
    await save();
    await page.getByRole('link', { name: 'Volumes', exact: true }).first().click();
    await headingSeen(page, 'Volumes');
    const row = page.getByRole('listitem').filter({ hasText: 'data' });
    await row.getByText('Ready').waitFor();
    await row.getByRole('link', { name: 'web' }).click();
    await headingSeen(page, 'web');
    scene.faultsNone();
  });

  it('says why it crashes, and runs again once that is mended', async () => {
    await tab('Settings');
    const command = page.getByLabel('Command', { exact: true });
    await command.fill(`/bin/sh -c 'echo "the config is missing"; exit 3'`);
    await page.getByText('Restarts the container.').waitFor();
    await save();
    await tab('Overview');
    await statusSeen('Crash loop');
    await page.getByText(/exited with code 3/).waitFor();
    await page
      .getByRole('region', { name: 'Last lines' })
      .getByText('the config is missing')
      .waitFor();
    await axeNone(page, 'a crash loop');
    await tab('Events');
    await page.getByText('Changed: command').waitFor();
    await page.getByText('Crash loop', { exact: true }).first().waitFor();
    await axeNone(page, 'the events of a crash loop');
    await page.getByRole('link', { name: 'Containers', exact: true }).first().click();
    // The events have such lines, too.
    await headingSeen(page, 'Containers');
    await page
      .getByRole('list', { name: 'Containers' })
      .getByText(/exited with code 3/)
      .waitFor();
    await page.getByRole('link', { name: 'web', exact: true }).click();
    await tab('Settings');
    await command.fill('');
    await save();
    await tab('Overview');
    await statusSeen('Running');
    scene.faultsNone();
  });

  it('stops, starts and restarts', async () => {
    const { ipv6_address: address, id } = await webRead();
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await page.getByText('It keeps its address and its volumes').waitFor();
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await statusSeen('Running');
    await until('an answer', () => read(address, 8080));
    const { installation } = scene.server;
    const before = await containersOf(installation, id);
    await page.getByRole('button', { name: 'Restart', exact: true }).click();
    await until('another instance', async () => {
      const now = await containersOf(installation, id);
      return now.length > 0 && now.every(({ Id }) => before.every((old) => old.Id !== Id));
    });
    await until('an answer', () => read(address, 8080));
    scene.faultsNone();
  });

  it('shows what a real process writes, live and over its starts', async () => {
    const log = page.getByRole('log');
    const lines = (text: string) => log.getByText(text, { exact: true });
    await tab('Settings');
    await page
      .getByLabel('Command', { exact: true })
      .fill(
        `/bin/sh -c 'echo begun; for line in 1 2 3; do sleep 1; echo "line $line"; done; sleep infinity'`,
      );
    await save();
    await tab('Logs');
    await lines('begun').waitFor();
    await lines('line 3').waitFor();
    // What the process before the change had written is still there.
    await lines('the config is missing').first().waitFor();
    await axeNone(page, 'the logs of a real process');
    await page.getByRole('button', { name: 'Restart', exact: true }).click();
    await until('the second start', async () => (await lines('begun').count()) === 2);
    await log
      .getByText(/^Start \d+ of the process/)
      .last()
      .waitFor();
    await page.getByLabel('Filter by text').fill('config');
    await lines('begun').first().waitFor({ state: 'detached' });
    await lines('the config is missing').first().waitFor();
    await tab('Settings');
    await page.getByLabel('Command', { exact: true }).fill('');
    await save();
    scene.faultsNone();
  });

  it('is deleted, and its volume stays until its name is typed', async () => {
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Delete web?' });
    await dialog.getByText('This volume stays: data.').waitFor();
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('heading', { name: 'Run your first container' }).waitFor();
    await page.getByRole('link', { name: 'Volumes', exact: true }).click();
    await page.getByRole('link', { name: 'data' }).click();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    const question = page.getByRole('dialog', { name: 'Delete data?' });
    await question.getByLabel('Type data to confirm').fill('dat');
    await question.getByRole('button', { name: 'Delete volume' }).click();
    await question.getByText('Type data.', { exact: true }).waitFor();
    await question.getByLabel('Type data to confirm').fill('data');
    await axeNone(page, 'the dialog of a deletion');
    await question.getByRole('button', { name: 'Delete volume' }).click();
    await page.getByText('No volumes yet').waitFor();
    scene.faultsNone();
  });
});
