import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { canaryOf } from '@dollarbox/testbed/canary';
import { chromiumSkip } from '@dollarbox/testbed/chromium';
import {
  type PanelScene,
  faultSeen,
  focusSeen,
  headingSeen,
  panelSceneOpen,
  signIn,
} from './panel-scene.ts';

const PHONE_AGENT =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1';

const LONGER = canaryOf('a much longer sentence than before');

describe('sessions', { skip: chromiumSkip() }, () => {
  let scene: PanelScene;
  before(async () => {
    scene = await panelSceneOpen();
  });
  after(() => scene.close());

  it('are ended from another browser, and say so within seconds', async () => {
    const [here, phone] = [await scene.visit(), await scene.visit({ userAgent: PHONE_AGENT })];
    await signIn(here, scene.owner);
    await signIn(phone, scene.owner);
    await here.goto('/settings/security/');
    const rows = here.getByRole('table', { name: 'Sessions' }).locator('tbody').getByRole('row');
    await rows.filter({ hasText: 'Safari on iOS' }).waitFor();
    assert.equal(await rows.count(), 2);
    assert.match(await rows.filter({ hasText: 'This session' }).innerText(), /Chrome/);
    await here.getByRole('button', { name: 'End the session of Safari on iOS' }).click();
    await here.getByText('Session ended.').waitFor();
    assert.equal(await rows.count(), 1);
    await focusSeen(here, 'Sessions');

    await headingSeen(phone, 'Sign in');
    await phone.getByText('Your session has ended').waitFor();
    scene.faultsNone();
  });

  it('end everywhere else at once', async () => {
    const [here, ...others] = [await scene.visit(), await scene.visit(), await scene.visit()];
    for (const page of [here, ...others]) await signIn(page, scene.owner);
    await here.goto('/settings/security/');
    await here.getByRole('button', { name: 'End all other sessions' }).click();
    await here.getByText('All other sessions ended.').waitFor();
    await focusSeen(here, 'Sessions');
    for (const other of others) {
      await other.goto('/settings/account/');
      await headingSeen(other, 'Sign in');
    }
    await here.goto('/settings/account/');
    await headingSeen(here, 'Account');
    scene.faultsNone();
  });

  it('end everywhere else when the password changes', async () => {
    const [here, other] = [await scene.visit(), await scene.visit()];
    await signIn(here, scene.owner);
    await signIn(other, scene.owner);
    await here.goto('/settings/security/');
    const form = here.getByRole('form', { name: 'Change password' });
    await form.getByLabel('Current password').fill(canaryOf('not the password'));
    await form.getByLabel('New password').fill(LONGER);
    await form.getByRole('button', { name: 'Change password' }).click();
    await faultSeen(form.getByLabel('Current password'));
    assert.equal(await here.evaluate('document.activeElement.name'), 'current_password');
    // The same password again changes nothing, and ends no session.
    await form.getByLabel('Current password').fill(scene.owner.password);
    await form.getByLabel('New password').fill(scene.owner.password);
    await form.getByRole('button', { name: 'Change password' }).click();
    await faultSeen(form.getByLabel('New password'));
    await other.goto('/settings/account/');
    await headingSeen(other, 'Account');
    await form.getByLabel('New password').fill(LONGER);
    await form.getByRole('button', { name: 'Change password' }).click();
    await here.getByText('Password changed').waitFor();
    await other.goto('/settings/account/');
    await headingSeen(other, 'Sign in');
    await here.reload();
    await headingSeen(here, 'Security');
    const again = await scene.visit();
    await signIn(again, { ...scene.owner, password: LONGER });
    scene.faultsNone();
  });
});
