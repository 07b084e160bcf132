import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Harness, harnessOpen } from '../support/harness.ts';
import { assertError } from '../support/http-client.ts';
import { ACCOUNT, PASSWORD, bodyOf, personAdd, signIn } from '../support/people.ts';

/** How often mail may be requested from one IP address. */
const FROM_ONE_ADDRESS = 50;

async function withHarness(
  environment: Record<string, string>,
  run: (harness: Harness) => Promise<void>,
): Promise<void> {
  const harness = await harnessOpen(environment);
  try {
    await run(harness);
  } finally {
    await harness.close();
  }
}

let serial = 0;
const ask = (harness: Harness, forwarded: string) =>
  harness
    .browser()
    .post(
      `${ACCOUNT}/password-reset/`,
      { email: `x${(serial += 1)}@example.invalid` },
      { 'x-forwarded-for': forwarded, forwarded: `for=${forwarded}`, 'x-real-ip': forwarded },
    );

describe('the address that attempts are counted by', () => {
  it('is the peer’s, regardless of headers, if no proxy is trusted', () =>
    withHarness({}, async (harness) => {
      for (let count = 0; count < FROM_ONE_ADDRESS; count += 1) {
        bodyOf(await ask(harness, `198.51.100.${count}`), 202);
      }
      assertError(await ask(harness, '203.0.113.1'), 429, 'rate_limited');

      const { email } = await personAdd(harness);
      const browser = harness.browser();
      const guess = (index: number, password: string) =>
        browser.post(
          `${ACCOUNT}/sign-in/`,
          { email, password },
          { 'x-forwarded-for': `203.0.113.${index}` },
        );
      for (let count = 0; count < 10; count += 1) {
        assertError(await guess(count, 'wrong'), 401, 'authentication_failed');
      }
      assertError(await guess(99, PASSWORD), 429, 'rate_limited');
    }));

  it('is the one that the trusted proxy saw, not what its client made up', () =>
    withHarness({ TRUSTED_PROXIES: '127.0.0.1' }, async (harness) => {
      for (let count = 0; count < FROM_ONE_ADDRESS; count += 1) {
        bodyOf(await ask(harness, `198.51.100.${count}, 203.0.113.7`), 202);
      }
      assertError(await ask(harness, '192.0.2.99, 203.0.113.7'), 429, 'rate_limited');
      bodyOf(await ask(harness, '203.0.113.7, 203.0.113.8'), 202);
    }));

  it('of an IPv6 client is its network, all of which belongs to it', () =>
    withHarness({ TRUSTED_PROXIES: '127.0.0.1' }, async (harness) => {
      for (let count = 0; count < FROM_ONE_ADDRESS; count += 1) {
        bodyOf(await ask(harness, `2001:db8:1:2::${count.toString(16)}`), 202);
      }
      assertError(await ask(harness, '2001:db8:1:2:ffff::1'), 429, 'rate_limited');
      bodyOf(await ask(harness, '2001:db8:1:3::1'), 202);
    }));

  it('is shown in the list of sessions', () =>
    withHarness({ TRUSTED_PROXIES: '127.0.0.1' }, async (harness) => {
      const { email } = await personAdd(harness);
      const browser = harness.browser();
      const headers = { 'x-forwarded-for': '198.51.100.1, 203.0.113.7' };
      const body = { email, password: PASSWORD };
      bodyOf(await browser.post(`${ACCOUNT}/sign-in/`, body, headers));
      const { results } = bodyOf<{ results: { ip_address: string }[] }>(
        await browser.get(`${ACCOUNT}/sessions/`),
      );
      assert.equal(results[0]?.ip_address, '203.0.113.7');
    }));
});

describe('attempts', () => {
  it('are counted for all processes together', () =>
    withHarness({}, async (harness) => {
      const other = await harness.appAdd();
      const { email } = await personAdd(harness);
      for (let count = 0; count < 10; count += 1) {
        const browser = count % 2 === 0 ? harness.browser() : other.browser();
        assertError(await signIn(browser, email, 'wrong'), 401, 'authentication_failed');
      }
      assertError(await signIn(harness.browser(), email), 429, 'rate_limited');
      assertError(await signIn(other.browser(), email), 429, 'rate_limited');
    }));

  it('on one account from many addresses are limited too', () =>
    withHarness({ TRUSTED_PROXIES: '127.0.0.1' }, async (harness) => {
      const { email } = await personAdd(harness);
      const browser = harness.browser();
      const from = (index: number) => ({ 'x-forwarded-for': `198.51.100.${index}` });
      const guess = (index: number, password: string) =>
        browser.post(`${ACCOUNT}/sign-in/`, { email, password }, from(index));
      for (let count = 0; count < 50; count += 1) {
        assertError(await guess(count, 'wrong'), 401, 'authentication_failed');
      }
      assertError(await guess(200, PASSWORD), 429, 'rate_limited');
      const someone = await personAdd(harness);
      const fine = { email: someone.email, password: PASSWORD };
      bodyOf(await harness.browser().post(`${ACCOUNT}/sign-in/`, fine, from(201)));
    }));
});
