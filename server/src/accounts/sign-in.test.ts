import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { firstRun } from '../first-run.ts';
import { type Harness, harnessOpen } from '../test/harness.ts';
import { assertError } from '../test/http-client.ts';

let harness: Harness;
let email: string;
let password: string;
before(async () => {
  harness = await harnessOpen();
  const made = await firstRun(harness.deps);
  assert.ok(made);
  ({ email, password } = made);
});
after(() => harness.close());

describe('the owner of the first run', () => {
  it('signs in, is known, and signs out', async () => {
    const browser = harness.browser();
    assertError(await browser.get('/api/account/'), 401, 'authentication_failed');
    const reply = await browser.post('/api/account/sign-in/', { email, password });
    assert.equal(reply.status, 200, reply.text);
    assert.deepEqual(reply.body, { two_factor_required: false });

    const account = await browser.get('/api/account/');
    assert.equal(account.status, 200, account.text);
    const { id: _id, ...shown } = JSON.parse(account.text) as Record<string, unknown>;
    assert.deepEqual(shown, {
      email,
      name: 'Owner',
      email_verified: true,
      two_factor_enabled: false,
      reauthenticated_until: new Date(harness.clock.now().getTime() + 300_000).toISOString(),
      created_at: harness.clock.now().toISOString(),
      orgs: [{ slug: 'main', name: 'Main', role: 'owner' }],
    });

    const kept = new Map(browser.cookies);
    assert.equal((await browser.post('/api/account/sign-out/')).status, 204);
    assert.equal(browser.cookies.size, 0);
    const thief = harness.browser();
    for (const [name, value] of kept) thief.cookies.set(name, value);
    assertError(await thief.get('/api/account/'), 401, 'authentication_failed');
  });

  it('is refused with another password', async () => {
    const browser = harness.browser();
    const reply = await browser.post('/api/account/sign-in/', { email, password: `${password}x` });
    assertError(reply, 401, 'authentication_failed');
    assert.equal(browser.cookies.size, 0);
  });
});
