import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Harness, harnessOpen } from '../support/harness.ts';
import { assertError } from '../support/http-client.ts';
import {
  ACCOUNT,
  PASSWORD,
  bodyOf,
  isIn,
  personAdd,
  signIn,
  twoFactorTurnOn,
} from '../support/people.ts';

const ATTACKER = '203.0.113.66';

let harness: Harness;
before(async () => {
  harness = await harnessOpen({ TRUSTED_PROXIES: '127.0.0.1' });
});
after(() => harness.close());

/** A request from an address, by a browser that has no cookie. */
function sendFrom(address: string, path: string, body: Record<string, string>) {
  return harness.browser().post(`${ACCOUNT}${path}`, body, { 'x-forwarded-for': address });
}
const signInFrom = (address: string, email: string, password = PASSWORD) =>
  sendFrom(address, '/sign-in/', { email, password });
const resetFrom = (address: string, email: string) =>
  sendFrom(address, '/password-reset/', { email });

describe('nobody can lock another user out', () => {
  it('by wrong passwords from one address, however many', async () => {
    const { email } = await personAdd(harness);
    const replies = await Promise.all(
      Array.from({ length: 60 }, () => signInFrom(ATTACKER, email, 'wrong')),
    );
    assert.equal(replies.filter(({ status }) => status === 401).length, 10);
    bodyOf(await signInFrom('198.51.100.1', email));
  });

  it('by wrong passwords from many addresses, if they have signed in before', async () => {
    const { email } = await personAdd(harness);
    const home = '198.51.100.2';
    bodyOf(await signInFrom(home, email));
    for (let index = 0; index < 50; index += 1) {
      assertError(
        await signInFrom(`203.0.113.${index}`, email, 'wrong'),
        401,
        'authentication_failed',
      );
    }
    assertError(await signInFrom('198.51.100.3', email), 429, 'rate_limited');
    bodyOf(await signInFrom(home, email));
  });

  it('from an address where they have signed in, where guessing is limited too', async () => {
    const { email } = await personAdd(harness);
    const home = '2001:db8:1:2::1';
    bodyOf(await signInFrom(home, email));
    for (let count = 0; count < 10; count += 1) {
      const neighbour = `2001:db8:1:2::${count}`;
      assertError(await signInFrom(neighbour, email, 'wrong'), 401, 'authentication_failed');
    }
    assertError(await signInFrom(home, email), 429, 'rate_limited');
  });

  it('with a session of theirs alone, from what ends that session', async () => {
    const { browser: stolen, userId, email } = await personAdd(harness);
    const { code } = await twoFactorTurnOn(harness, stolen);
    for (let count = 0; count < 12; count += 1) {
      await stolen.post(`${ACCOUNT}/two-factor/confirm/`, { code: '000000' });
      await stolen.post(`${ACCOUNT}/reauthentication/`, { password: 'wrong', code: '000000' });
    }
    const guess = { password: 'wrong', code: '000000' };
    assertError(await stolen.post(`${ACCOUNT}/reauthentication/`, guess), 429, 'rate_limited');

    const own = await harness.sessionAdd(userId);
    harness.clock.advance(10 * 60_000);
    bodyOf(await own.post(`${ACCOUNT}/reauthentication/`, { password: PASSWORD, code: code() }));
    bodyOf(await own.post(`${ACCOUNT}/sessions/end-others/`, undefined), 204);
    assert.equal(await isIn(stolen), false);
    const elsewhere = harness.browser();
    bodyOf(await signIn(elsewhere, email));
    bodyOf(await elsewhere.post(`${ACCOUNT}/sign-in/two-factor/`, { code: code(1) }));
  });

  it('by requesting mail for them', async () => {
    const { email } = await personAdd(harness);
    for (let count = 0; count < 30; count += 1) await resetFrom(ATTACKER, email);
    assertError(await resetFrom(ATTACKER, email), 429, 'rate_limited');
    bodyOf(await resetFrom('198.51.100.1', email), 202);
  });
});

it('a mailbox is not filled from many addresses', async () => {
  const { email } = await personAdd(harness);
  for (let index = 0; index < 30; index += 1) {
    bodyOf(await resetFrom(`192.0.2.${index}`, email), 202);
  }
  assertError(await resetFrom('192.0.2.99', email), 429, 'rate_limited');
});
