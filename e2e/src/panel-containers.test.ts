import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type DollarboxClient, dollarboxClientCreate, unwrap } from '@dollarbox/client';
import { CANARY, canaryOf } from '@dollarbox/testbed/canary';
import { chromiumSkip } from '@dollarbox/testbed/chromium';
import type { Page } from 'playwright-core';
import {
  type PanelScene,
  axeNone,
  beforeRequest,
  faultSeen,
  headingSeen,
  panelSceneOpen,
  signIn,
  widthFits,
} from './panel-scene.ts';
import { until } from './wait.ts';

/** What one of two people writes into a variable. */
const MINE = canaryOf('mine');
const PHONE = { width: 360, height: 780 };

describe('containers in the panel', { skip: chromiumSkip() }, () => {
  let scene: PanelScene;
  let client: DollarboxClient;
  let page: Page;
  before(async () => {
    scene = await panelSceneOpen();
    await scene.server.admin('org-limits', '--org', 'main', '--containers', '20');
    client = dollarboxClientCreate({ baseUrl: scene.server.url, token: scene.server.token });
    page = await scene.visit();
    await signIn(page, scene.owner);
  });
  after(() => scene.close());

  async function make(name: string, more: object = {}): Promise<number> {
    const { id } = await unwrap(
      client.POST('/containers/', { body: { name, image: 'web:1', ...more } }),
    );
    return id;
  }
  const envOf = async (id: number) =>
    (await unwrap(client.GET('/containers/{id}/', { params: { path: { id } } }))).env;
  const open = async (path: string, title: string, on = page) => {
    await on.goto(`/orgs/main/${path}`);
    await headingSeen(on, title);
  };
  const saved = (name: string) => page.getByText(`“${name}” saved.`).waitFor();

  it('shows every fault of the form at its field, and opens what is folded', async () => {
    await open('new-container', 'New container');
    await page.getByRole('button', { name: 'Create container' }).click();
    assert.match(await faultSeen(page.getByLabel('Image', { exact: true })), /required/);
    await page.getByLabel('Image', { exact: true }).fill('NGINX:1.27');
    await page.getByLabel('Name', { exact: true }).fill('Web!');
    await page.getByText('Command and ports').click();
    await page.getByLabel('Command', { exact: true }).fill("sh -c 'x");
    await page.getByText('Command and ports').click();
    await page.getByRole('button', { name: 'Create container' }).click();
    assert.match(await faultSeen(page.getByLabel('Command', { exact: true })), /not closed/);
    await page.getByLabel('Command', { exact: true }).fill('');
    await page.getByLabel('TCP ports').fill('80, 80, 99999');
    await page.getByText('Variables', { exact: true }).click();
    await page.getByRole('button', { name: 'Add variable' }).click();
    await page.getByLabel('Name of variable 1').fill('1BAD');
    await page.getByText('Volumes', { exact: true }).last().click();
    await page.getByRole('button', { name: 'New volume' }).click();
    const dialog = page.getByRole('dialog', { name: 'New volume' });
    await dialog.getByLabel('Name').fill('Data');
    await dialog.getByLabel('Size in GB').fill('many');
    await dialog.getByRole('button', { name: 'Create volume' }).click();
    await faultSeen(dialog.getByLabel('Name'));
    await faultSeen(dialog.getByLabel('Size in GB'));
    await axeNone(page, 'a dialog with faults');
    await dialog.getByLabel('Name').fill('data');
    await dialog.getByLabel('Size in GB').fill('1');
    await dialog.getByRole('button', { name: 'Create volume' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await page.getByLabel('Mount path').fill('relative');
    await page.getByText('Pulling, starting and stopping').click();
    await page.getByLabel('Time to stop, in seconds').fill('500');
    await page.getByRole('button', { name: 'Create container' }).click();
    assert.match(await faultSeen(page.getByLabel('Image', { exact: true })), /lower case/);
    await faultSeen(page.getByLabel('Name', { exact: true }));
    assert.match(await faultSeen(page.getByLabel('TCP ports')), /80|99999/);
    await faultSeen(page.getByLabel('Name of variable 1'));
    await faultSeen(page.getByLabel('Mount path'));
    await faultSeen(page.getByLabel('Time to stop, in seconds'));
    await axeNone(page, 'the form with faults');

    // What was typed survives a reload.
    await page.reload();
    await headingSeen(page, 'New container');
    assert.equal(await page.getByLabel('Image', { exact: true }).inputValue(), 'NGINX:1.27');
    assert.equal(await page.getByLabel('Mount path').inputValue(), 'relative');
    await page.getByRole('button', { name: 'Start over' }).click();
    assert.equal(await page.getByLabel('Image', { exact: true }).inputValue(), '');
    scene.faultsNone();
  });

  it('finds containers by text and status, and keeps both in the URL', async () => {
    await make('apple', { image: 'fruit:1' });
    const id = await make('pear', { image: 'fruit:2' });
    await unwrap(client.POST('/containers/{id}/stop/', { params: { path: { id } } }));
    await open('containers', 'Containers');
    const list = page.getByRole('list', { name: 'Containers' }).getByRole('listitem');
    await page.getByLabel('Search containers').fill('fruit');
    await until('two rows', async () => (await list.count()) === 2 || undefined);
    await page.getByRole('button', { name: /^Stopped/ }).click();
    await until('one row', async () => (await list.count()) === 1 || undefined);
    assert.match(page.url(), /q=fruit&status=stopped/);
    await page.reload();
    await list.filter({ hasText: 'pear' }).waitFor();
    assert.equal(await list.count(), 1);
    await page.getByLabel('Search containers').fill('nothing like it');
    await page.getByText('No container matches').waitFor();
    scene.faultsNone();
  });

  it('saves variables byte for byte, as rows and as text', async () => {
    const env = {
      PLAIN: canaryOf('a'),
      LINES: `one\n${CANARY}\n`,
      SPACES: ` ${CANARY} `,
      QUOTES: `'"\\n$A#${CANARY}`,
      CR: `a\r\n${CANARY}`,
    };
    const id = await make('env', { env });
    await open('containers/env/env', 'env');
    const value = page.getByLabel('Value of PLAIN');
    assert.equal(await value.inputValue(), env.PLAIN);
    await page.getByRole('button', { name: 'Edit as text' }).click();
    await page.getByRole('button', { name: 'Edit as rows' }).click();
    const changed = { PLAIN: `tab\tand “ü” ${CANARY}`, NEW: `two\n${CANARY}` };
    await value.fill(changed.PLAIN);
    await page.getByText(/Restarts the container. Changed: PLAIN/).waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await saved('env');
    assert.deepEqual(await envOf(id), { ...env, PLAIN: changed.PLAIN });
    await page.getByRole('button', { name: 'Edit as text' }).click();
    const text = page.getByLabel('Variables as text');
    await text.fill(`${await text.inputValue()}\nNEW="${changed.NEW}"\nNO`);
    await page.getByRole('button', { name: 'Edit as rows' }).click();
    await page
      .getByRole('alert')
      .getByText(/Line \d: Write NAME=value/)
      .waitFor();
    await text.fill((await text.inputValue()).replace(/\nNO$/, ''));
    await page.getByRole('button', { name: 'Save' }).click();
    await until('the saved variable', async () => (await envOf(id))['NEW'] === changed.NEW || null);
    assert.deepEqual(await envOf(id), { ...env, ...changed });
    scene.faultsNone();
  });

  it('shows in one browser what another does', async () => {
    const other = await scene.visit({ viewport: PHONE, hasTouch: true, isMobile: true });
    await signIn(other, scene.owner);
    await open('containers', 'Containers', other);
    const id = await make('seen');
    const row = other.getByRole('listitem').filter({ hasText: 'seen' });
    await row.getByText('Running').waitFor();
    await widthFits(other, 'containers');
    await open('containers/seen', 'seen');
    await open('containers/seen', 'seen', other);
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await other.getByText('It keeps its address and its volumes').waitFor();
    await page.getByText('It keeps its address and its volumes').waitFor();
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await other.getByText('Running', { exact: true }).waitFor();
    await widthFits(other, 'a container');
    await unwrap(client.DELETE('/containers/{id}/', { params: { path: { id } } }));
    await headingSeen(other, 'Container not found');
    scene.faultsNone();
  });

  it('says what was asked of a container until it has come about', async () => {
    // The fake engine's `sleep` ignores the stop signal, so that only the kill ends it.
    const id = await make('held', { command: ['sleep', '1d'], stop_grace_seconds: 120 });
    const graceSet = (seconds: number) =>
      unwrap(
        client.PATCH('/containers/{id}/', {
          params: { path: { id } },
          body: { stop_grace_seconds: seconds },
        }),
      );
    const list = await scene.visit({ viewport: PHONE, hasTouch: true, isMobile: true });
    await signIn(list, scene.owner);
    await open('containers', 'Containers', list);
    const row = list.getByRole('listitem').filter({ hasText: 'held' });
    const announced = (text: string) =>
      list.getByRole('status').filter({ hasText: text }).waitFor({ state: 'attached' });
    await row.getByText('Running', { exact: true }).waitFor();
    await open('containers/held', 'held');
    const status = page.getByRole('status').filter({ hasText: /^Running/ });
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    for (const each of [status, row]) await each.getByText('· stopping…').waitFor();
    await announced('held: Running, stopping…');
    await page.getByText('killed if it has not after 120 seconds').waitFor();
    await widthFits(list, 'a container that is being stopped');
    await axeNone(list, 'a container that is being stopped');
    // The server says so, to whoever comes later.
    await page.reload();
    await status.getByText('· stopping…').waitFor();
    await page.getByRole('button', { name: 'Start', exact: true }).waitFor();
    await graceSet(1);
    await announced('held: Stopped.');
    await page.getByText('version 2 from the next start on').waitFor();
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await status.waitFor();
    await graceSet(120);
    await page.getByRole('button', { name: 'Restart', exact: true }).click();
    for (const each of [status, row]) await each.getByText('· restarting…').waitFor();
    await announced('held: Running, restarting…');
    await graceSet(1);
    await announced('held: Running.');
    await status.getByText('· restarting…').waitFor({ state: 'hidden' });

    await open('containers/held/events', 'held');
    const event = (text: string) => page.getByRole('listitem').filter({ hasText: text }).first();
    const by = async (text: string) =>
      (await event(text).locator('p').first().innerText()).replaceAll(/\s+/g, ' ');
    const { email } = scene.owner;
    await event('Stop requested').getByText(email).waitFor();
    assert.match(
      await by('Stop requested'),
      new RegExp(`^Stop requested by ${email} in the panel`),
    );
    assert.match(await by('Restart requested'), new RegExp(`by ${email} in the panel`));
    assert.match(await by('Created'), new RegExp(`by ${email} with token \\S`));
    assert.match(await by('Stopped'), /by DollarBox/);
    await axeNone(page, 'the events of a container');
    scene.faultsNone();
  });

  it('combines what two people save at the same time', async () => {
    const id = await make('both', { env: { A: canaryOf('1'), B: canaryOf('1') } });
    await open('containers/both/env', 'both');
    await page.getByRole('button', { name: 'Show values' }).click();
    await page.getByLabel('Value of A').fill(MINE);
    const body = { image: 'web:2', env: { A: canaryOf('theirs'), B: canaryOf('2') } };
    await unwrap(client.PATCH('/containers/{id}/', { params: { path: { id } }, body }));
    await page.getByText('Changed elsewhere').waitFor();
    await page.getByText(`${scene.owner.email} saved another version`).waitFor();
    assert.equal(await page.getByLabel('Value of A').inputValue(), MINE);
    await page.getByRole('button', { name: 'Save' }).click();
    const dialog = page.getByRole('dialog', { name: 'Another version was saved first' });
    await dialog.getByText(`Version 2 was saved by ${scene.owner.email}.`).waitFor();
    await dialog.getByText('you both changed it').waitFor();
    await axeNone(page, 'the three-way view');
    await dialog.getByRole('button', { name: 'Back to editing' }).click();
    assert.equal(await page.getByLabel('Value of A').inputValue(), MINE);
    await page.getByRole('button', { name: 'Save' }).click();
    await dialog.getByRole('button', { name: 'Save combined' }).click();
    await saved('both');
    const both = await unwrap(client.GET('/containers/{id}/', { params: { path: { id } } }));
    assert.deepEqual([both.image, both.env], ['web:2', { A: MINE, B: canaryOf('2') }]);

    // A save that nobody else came before needs no view.
    await page.getByLabel('Value of B').fill(canaryOf('3'));
    await page.getByRole('button', { name: 'Save' }).click();
    await until('the saved variable', async () => (await envOf(id))['B'] === canaryOf('3') || null);
    scene.faultsNone();
  });

  it('asks before edits are left', async () => {
    await make('edited');
    await open('containers/edited/settings', 'edited');
    await page.getByLabel('Image', { exact: true }).fill('web:9');
    await page.getByRole('link', { name: 'Volumes', exact: true }).first().click();
    const dialog = page.getByRole('dialog', { name: 'Leave without saving?' });
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    assert.equal(await page.getByLabel('Image', { exact: true }).inputValue(), 'web:9');
    await page.getByRole('button', { name: 'Discard' }).click();
    assert.equal(await page.getByLabel('Image', { exact: true }).inputValue(), 'web:1');
    scene.faultsNone();
  });

  it('says when the plan is used up, and who can change that', async () => {
    const { containers } = await unwrap(
      client.GET('/orgs/{slug}/usage/', { params: { path: { slug: 'main' } } }),
    );
    const limit = String(containers.current);
    await open('new-container', 'New container');
    await page.getByText(/Uses 1 of your 20 containers/).waitFor();
    await page.getByLabel('Image', { exact: true }).fill('web:1');
    // The form itself refuses to be sent once the page knows that the plan is full.
    await beforeRequest(page, 'POST', /\/containers\/(\?|$)/, () =>
      scene.server.admin('org-limits', '--org', 'main', '--containers', limit),
    );
    await page.getByRole('button', { name: 'Create container' }).click();
    await page
      .getByRole('alert')
      .getByText(new RegExp(`limit of ${limit} containers`))
      .waitFor();
    await open('containers', 'Containers');
    await page.getByText(`All ${limit} containers of the plan are in use`).waitFor();
    assert.equal(await page.getByRole('button', { name: 'New container' }).isDisabled(), true);
    await axeNone(page, 'a full plan');
    await scene.server.admin('org-limits', '--org', 'main', '--containers', '20');
    scene.faultsNone();
  });

  it('is usable with the keyboard alone', async () => {
    await open('containers', 'Containers');
    const press = async (key: string, times = 1) => {
      for (let count = 0; count < times; count += 1) await page.keyboard.press(key);
    };
    await page.getByRole('link', { name: 'New container' }).focus();
    await press('Enter');
    await headingSeen(page, 'New container');
    // The first field has the focus, and the draft of the test before in it.
    await press('Control+A');
    await page.keyboard.type('keys:1');
    await press('Enter');
    await headingSeen(page, 'keys');
    await page.getByRole('button', { name: 'Delete' }).focus();
    await press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Delete keys?' });
    await dialog.waitFor();
    assert.equal(await page.evaluate('document.activeElement.innerText'), 'Cancel');
    await axeNone(page, 'the dialog of a deletion');
    await press('Tab');
    await press('Enter');
    await headingSeen(page, 'Containers');
    scene.faultsNone();
  });
});
