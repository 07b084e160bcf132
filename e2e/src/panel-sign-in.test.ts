import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { canaryOf } from '@dollarbox/testbed/canary';
import { chromiumSkip } from '@dollarbox/testbed/chromium';
import {
  type PanelScene,
  beforeRequest,
  headingSeen,
  homeSeen,
  panelSceneOpen,
  passwordSend,
  signIn,
} from './panel-scene.ts';

describe('the sign-in page', { skip: chromiumSkip() }, () => {
  let scene: PanelScene;
  before(async () => {
    scene = await panelSceneOpen();
  });
  after(() => scene.close());

  it('lets the first account in, to its org and what it uses', async () => {
    const page = await scene.visit();
    await page.goto('/');
    await headingSeen(page, 'Sign in');
    await passwordSend(page, scene.owner);
    await homeSeen(page);
    assert.match(new URL(page.url()).pathname, /^\/orgs\/main\b/);
    await page.goto('/orgs/');
    const card = page.getByRole('list', { name: 'Your orgs' }).getByRole('listitem');
    const meter = card.getByRole('meter', { name: 'Containers' });
    assert.equal(await meter.getAttribute('aria-valuetext'), '0 of 5');
    assert.equal(await card.count(), 1);
    scene.faultsNone();
  });

  it('says the same of a wrong password and of an unknown address', async () => {
    const page = await scene.visit();
    const said: string[] = [];
    for (const email of [scene.owner.email, 'nobody@example.com']) {
      await page.goto('/sign-in');
      await passwordSend(page, { email, password: canaryOf('not the password') });
      said.push(await page.getByRole('alert').innerText());
    }
    assert.equal(said[0], said[1]);
    assert.match(said[0] ?? '', /password/i);
    scene.faultsNone();
  });

  it('leads back to the page that was asked for, but never off the site', async () => {
    const page = await scene.visit();
    await page.goto('/settings/api-tokens/?x=1#y');
    await headingSeen(page, 'Sign in');
    await passwordSend(page, scene.owner);
    await headingSeen(page, 'API tokens');
    assert.equal(page.url(), `${scene.server.url}/settings/api-tokens/?x=1#y`);

    for (const bad of [
      'https://example.com/',
      '//example.com/',
      '/\\example.com',
      'javascript:1',
    ]) {
      const visitor = await scene.visit();
      await visitor.goto(`/sign-in?next=${encodeURIComponent(bad)}`);
      await passwordSend(visitor, scene.owner);
      await homeSeen(visitor);
      assert.equal(new URL(visitor.url()).origin, scene.server.url, bad);
      await visitor.context().close();
    }
    scene.faultsNone();
  });

  it('is shown again after signing out', async () => {
    const page = await scene.visit();
    await signIn(page, scene.owner);
    await page.getByRole('button', { name: /^Account:/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await headingSeen(page, 'Sign in');
    await page.goto('/settings/account/');
    await headingSeen(page, 'Sign in');
    scene.faultsNone();
  });

  it('reports a session that ended elsewhere, and leads back', async () => {
    const page = await scene.visit();
    await signIn(page, scene.owner);
    const sessionEnd = () => page.context().clearCookies();
    await beforeRequest(page, 'GET', '**/api/account/tokens/', sessionEnd);
    await page.getByRole('link', { name: 'API tokens' }).first().click();
    await headingSeen(page, 'Sign in');
    await page.getByText('Your session has ended').waitFor();
    await passwordSend(page, scene.owner);
    await headingSeen(page, 'API tokens');
    scene.faultsNone();
  });

  it('is skipped by users who are signed in', async () => {
    const page = await scene.visit();
    await signIn(page, scene.owner);
    await page.goto('/sign-in?next=/orgs/main/');
    await headingSeen(page, 'Main');
    scene.faultsNone();
  });

  it('makes users who guess wait, and says how long', async () => {
    const page = await scene.visit();
    await page.goto('/sign-in');
    const person = { email: 'guessed@example.com', password: canaryOf('not the password') };
    for (let tries = 0; tries < 11; tries += 1) {
      const answered = page.waitForResponse(/sign-in/);
      await passwordSend(page, person);
      await (await answered).finished();
    }
    await page.getByText(/Too many attempts. Wait 15 minutes/).waitFor();
    scene.faultsNone();
  });

  it('can be used by keyboard alone', async () => {
    const page = await scene.visit();
    await page.goto('/sign-in');
    await headingSeen(page, 'Sign in');
    await page.keyboard.type(scene.owner.email);
    await page.keyboard.press('Tab');
    await page.keyboard.type(scene.owner.password);
    await page.keyboard.press('Enter');
    await homeSeen(page);
    scene.faultsNone();
  });
});
