import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Harness, harnessOpen } from '../support/harness.ts';
import { type Reply, assertError, assertFaults } from '../support/http-client.ts';
import {
  ACCOUNT,
  PASSWORD,
  bodyOf,
  headersOf,
  isIn,
  linkTo,
  mailsTo,
  personAdd,
  signIn,
} from '../support/people.ts';
import { browserSecretCreate } from '../../src/sessions/session-cookie.ts';
import { oneTimeCreate } from '../../src/accounts/one-time.ts';

const HOUR_MS = 3_600_000;

let harness: Harness;
let serial = 0;
before(async () => {
  harness = await harnessOpen({ SIGNUP: 'open', ISOLATION: 'weak' });
});
after(() => harness.close());

function bodyFor(email: string, more: Record<string, unknown> = {}) {
  return { email, password: PASSWORD, name: 'Ada', org_name: 'Analytical Engines', ...more };
}
const addressNew = () => `new${(serial += 1)}@example.invalid`;

describe('signing up', () => {
  it('creates an account and its org when the link is opened, and signs in the browser that asked', async () => {
    const email = addressNew();
    const browser = harness.browser();
    assert.deepEqual(bodyOf(await browser.post(`${ACCOUNT}/sign-up/`, bodyFor(email)), 202), {});
    const other = harness.browser();
    assertError(await signIn(other, email), 401, 'authentication_failed');

    const token = await linkTo(harness, email, '/verify-email');
    const account = bodyOf(await browser.post(`${ACCOUNT}/verify-email/`, { token }));
    assert.equal(account['email'], email);
    assert.equal(account['name'], 'Ada');
    assert.equal(account['email_verified'], true);
    const [org] = account['orgs'] as { slug: string; name: string; role: string }[];
    assert.match(org?.slug ?? '', /^analytical-engines(-\d+)?$/);
    assert.deepEqual([org?.name, org?.role], ['Analytical Engines', 'owner']);
    assert.equal(await isIn(browser), true);
    bodyOf(await browser.post('/api/v1/containers/', { name: 'web', image: 'x' }), 201);
    bodyOf(await signIn(other, email));
  });

  describe('with a link that is opened in another browser', () => {
    /** A link, and a browser that did not request it. */
    async function linkElsewhere() {
      const email = addressNew();
      await harness.browser().post(`${ACCOUNT}/sign-up/`, bodyFor(email));
      const token = await linkTo(harness, email, '/verify-email');
      const elsewhere = harness.browser();
      const open = (more: Record<string, unknown> = {}) =>
        elsewhere.post(`${ACCOUNT}/verify-email/`, { token, ...more });
      return { email, elsewhere, open };
    }

    it('creates no account for a person who did not choose its password', async () => {
      const { email, elsewhere, open } = await linkElsewhere();
      assertFaults(await open(), ['password']);
      assertFaults(await open({ password: 'quite another sentence' }), ['password']);
      assert.equal(elsewhere.cookies.size, 0);
      assertError(await signIn(harness.browser(), email), 401, 'authentication_failed');
    });

    it('creates it, and signs in, with the password', async () => {
      const { email, elsewhere, open } = await linkElsewhere();
      assertFaults(await open(), ['password']);
      assert.equal(bodyOf(await open({ password: PASSWORD }))['email'], email);
      assert.equal(await isIn(elsewhere), true);
      assertFaults(await open({ password: PASSWORD }), ['token']);
    });

    it('accepts ten attempts, however many are made at once', async () => {
      const { open } = await linkElsewhere();
      const replies = await Promise.all(
        Array.from({ length: 14 }, (_, index) => open({ password: `another sentence ${index}` })),
      );
      const statuses = replies.map(({ status }) => status).toSorted();
      assert.deepEqual(statuses, [...Array<number>(10).fill(400), ...Array<number>(4).fill(429)]);
      assertError(await open({ password: PASSWORD }), 429, 'rate_limited');
      harness.clock.advance(HOUR_MS / 4);
      bodyOf(await open({ password: PASSWORD }));
    });
  });

  it('has links that work once, and for a day', async () => {
    const email = addressNew();
    const browser = harness.browser();
    await browser.post(`${ACCOUNT}/sign-up/`, bodyFor(email));
    const token = await linkTo(harness, email, '/verify-email');
    bodyOf(await browser.post(`${ACCOUNT}/verify-email/`, { token }));
    assertFaults(await browser.post(`${ACCOUNT}/verify-email/`, { token }), ['token']);

    const slow = addressNew();
    await browser.post(`${ACCOUNT}/sign-up/`, bodyFor(slow));
    const late = await linkTo(harness, slow, '/verify-email');
    harness.clock.advance(24 * HOUR_MS);
    assertFaults(await browser.post(`${ACCOUNT}/verify-email/`, { token: late }), ['token']);
  });

  it('sends the link again, which invalidates the previous one', async () => {
    const email = addressNew();
    const browser = harness.browser();
    await browser.post(`${ACCOUNT}/sign-up/`, bodyFor(email));
    const first = await linkTo(harness, email, '/verify-email');
    bodyOf(await browser.post(`${ACCOUNT}/verification-email/`, { email }), 202);
    const second = await linkTo(harness, email, '/verify-email');
    assert.notEqual(first, second);
    assertFaults(await browser.post(`${ACCOUNT}/verify-email/`, { token: first }), ['token']);
    bodyOf(await browser.post(`${ACCOUNT}/verify-email/`, { token: second }));
    assert.equal(await isIn(browser), true);
  });

  it('by two at once with one link creates one account', async () => {
    const email = addressNew();
    const browser = harness.browser();
    await browser.post(`${ACCOUNT}/sign-up/`, bodyFor(email));
    const token = await linkTo(harness, email, '/verify-email');
    const replies = await Promise.all(
      [0, 1, 2, 3].map(() =>
        harness.browser().post(`${ACCOUNT}/verify-email/`, { token, password: PASSWORD }),
      ),
    );
    assert.deepEqual(replies.map(({ status }) => status).toSorted(), [200, 400, 400, 400]);
  });

  it('of one address by two people creates the account of the first to open a link', async () => {
    const email = addressNew();
    const [one, two] = [harness.browser(), harness.browser()];
    await one.post(`${ACCOUNT}/sign-up/`, bodyFor(email));
    const first = await linkTo(harness, email, '/verify-email');
    await two.post(`${ACCOUNT}/sign-up/`, bodyFor(email, { password: 'quite another sentence' }));
    const second = await linkTo(harness, email, '/verify-email');
    bodyOf(await two.post(`${ACCOUNT}/verify-email/`, { token: second }));
    assertError(await one.post(`${ACCOUNT}/verify-email/`, { token: first }), 409, 'conflict');
    bodyOf(await signIn(harness.browser(), email, 'quite another sentence'));
    assertError(await signIn(harness.browser(), email), 401, 'authentication_failed');
  });

  describe('that another person requested with the same address', () => {
    /** The owner of the mailbox, and another person who asked last. */
    async function bothAsk() {
      const email = addressNew();
      const [owner, thief] = [harness.browser(), harness.browser()];
      await owner.post(`${ACCOUNT}/sign-up/`, bodyFor(email));
      const own = await linkTo(harness, email, '/verify-email');
      await thief.post(
        `${ACCOUNT}/sign-up/`,
        bodyFor(email, { password: 'quite another sentence' }),
      );
      return { email, owner, own, thief };
    }

    it('is not confirmed by the wrong link in the browser that requested another', async () => {
      const { email, owner, own } = await bothAsk();
      const token = await linkTo(harness, email, '/verify-email');
      assertFaults(await owner.post(`${ACCOUNT}/verify-email/`, { token }), ['token']);
      const guess = await signIn(harness.browser(), email, 'quite another sentence');
      assertError(guess, 401, 'authentication_failed');
      bodyOf(await owner.post(`${ACCOUNT}/verify-email/`, { token: own }));
      assert.equal(await isIn(owner), true);
    });

    it('is not the one whose link is sent again', async () => {
      const { email, owner } = await bothAsk();
      bodyOf(await owner.post(`${ACCOUNT}/verification-email/`, { email }), 202);
      const token = await linkTo(harness, email, '/verify-email');
      bodyOf(await owner.post(`${ACCOUNT}/verify-email/`, { token }));
      assert.equal(await isIn(owner), true);
      bodyOf(await signIn(harness.browser(), email));
    });
  });

  it('creates no account if sign-up has been closed meanwhile', async () => {
    const email = addressNew();
    await harness.browser().post(`${ACCOUNT}/sign-up/`, bodyFor(email));
    const token = await linkTo(harness, email, '/verify-email');
    for (const signup of ['closed', 'invite']) {
      const app = await harness.appAdd({ SIGNUP: signup });
      assertError(
        await app.browser().post(`${ACCOUNT}/verify-email/`, { token }),
        403,
        'permission_denied',
      );
    }
    const body = { token, password: PASSWORD };
    bodyOf(await harness.browser().post(`${ACCOUNT}/verify-email/`, body));
  });
});

describe('whether an address has an account', () => {
  /** Sends the same request for an address with an account and for one without. */
  async function assertAlike(send: (email: string) => Promise<Reply>): Promise<void> {
    const { email } = await personAdd(harness);
    const statements = async () =>
      (await harness.deps.metrics.databaseStatements.get()).values[0]?.value ?? 0;
    const observed: unknown[] = [];
    for (const address of [email, addressNew()]) {
      const before = await statements();
      const reply = await send(address);
      const { 'set-cookie': cookies, ...headers } = headersOf(reply);
      const names = (cookies ?? []).map((line) => line.replace(/=[0-9A-Za-z]+;/, '=…;'));
      const cost = (await statements()) - before;
      observed.push({ status: reply.status, text: reply.text, headers, names, cost });
    }
    assert.deepEqual(observed[0], observed[1]);
  }

  it('does not show in a sign-up: the answer is the same, after the same statements', () =>
    assertAlike((email) => harness.browser().post(`${ACCOUNT}/sign-up/`, bodyFor(email))));

  it('does not show when a link is requested again', () =>
    assertAlike((email) => harness.browser().post(`${ACCOUNT}/verification-email/`, { email })));

  it('does not show when a new password is requested', () =>
    assertAlike((email) => harness.browser().post(`${ACCOUNT}/password-reset/`, { email })));

  it('is reported to its owner alone, by mail', async () => {
    const { email } = await personAdd(harness);
    await harness.browser().post(`${ACCOUNT}/sign-up/`, bodyFor(email.toUpperCase()));
    const [mail, ...more] = await mailsTo(harness, email);
    assert.equal(more.length, 0);
    assert.match(mail?.subject ?? '', /you have an account already/);
    assert.doesNotMatch(mail?.text ?? '', /token=/);
    await harness.browser().post(`${ACCOUNT}/verification-email/`, { email });
    assert.equal((await mailsTo(harness, email)).length, 1, 'there is no sign-up to confirm');
  });
});

describe('an invalid sign-up', () => {
  it('gets a report of all its faults', async () => {
    const reply = await harness.browser().post(`${ACCOUNT}/sign-up/`, {
      email: 'nobody',
      password: 'short',
      name: '',
      org_name: 'line\nbreak',
      admin: true,
    });
    assertFaults(reply, ['email', 'password', 'name', 'org_name', 'admin']);
  });

  it('is refused with a password that is easy to guess', async () => {
    const email = addressNew();
    const before = (await harness.db.selectFrom('attempts').selectAll().execute()).length;
    for (const password of [
      'password1234',
      'passwordpassword',
      '123456789012',
      'qwertyuiop123',
      'aaaaaaaaaaaaaaaa',
      'P@ssw0rd2026!',
      email,
      'analytical12345',
    ]) {
      const reply = await harness
        .browser()
        .post(`${ACCOUNT}/sign-up/`, bodyFor(email, { password }));
      assertFaults(reply, ['password']);
    }
    assert.deepEqual(await mailsTo(harness, email), []);
    // None of these requests counted as an attempt to receive mail.
    assert.equal((await harness.db.selectFrom('attempts').selectAll().execute()).length, before);
  });

  it('is limited in number, for an address and from an address', async () => {
    const limited = await harnessOpen({ SIGNUP: 'open' });
    try {
      const send = (email: string) =>
        limited.browser().post(`${ACCOUNT}/verification-email/`, { email });
      for (let count = 0; count < 10; count += 1) bodyOf(await send('a@example.invalid'), 202);
      assertError(await send('a@example.invalid'), 429, 'rate_limited');
      for (let count = 11; count < 50; count += 1) {
        bodyOf(await send(`b${count}@example.invalid`), 202);
      }
      assertError(await send('c@example.invalid'), 429, 'rate_limited');
      limited.clock.advance(HOUR_MS);
      bodyOf(await send('a@example.invalid'), 202);
    } finally {
      await limited.close();
    }
  });
});

describe('who may sign up', () => {
  async function inviteCreate(of: Harness, email: string): Promise<string> {
    const secret = browserSecretCreate(of.deps.random);
    const given = { purpose: 'invite', email, secret, now: of.clock.now() } as const;
    await oneTimeCreate(of.db, of.deps.secrets, given);
    return secret.value;
  }

  it('is nobody if it is closed', async () => {
    const closed = await harnessOpen({ SIGNUP: 'closed' });
    try {
      const browser = closed.browser();
      assert.equal(bodyOf(await browser.get(`${ACCOUNT}/setup/`))['signup'], 'closed');
      const invite = await inviteCreate(closed, 'a@example.invalid');
      const reply = await browser.post(
        `${ACCOUNT}/sign-up/`,
        bodyFor('a@example.invalid', { invite }),
      );
      assertError(reply, 403, 'permission_denied');
    } finally {
      await closed.close();
    }
  });

  it('is by default the person with an invitation to this address, once', async () => {
    const invited = await harnessOpen({ ISOLATION: 'weak' });
    try {
      const browser = invited.browser();
      assert.equal(bodyOf(await browser.get(`${ACCOUNT}/setup/`))['signup'], 'invite');
      const email = 'guest@example.invalid';
      const invite = await inviteCreate(invited, email);
      for (const body of [
        bodyFor(email),
        bodyFor(email, { invite: 'x'.repeat(43) }),
        bodyFor('other@example.invalid', { invite }),
      ]) {
        const reply = await browser.post(`${ACCOUNT}/sign-up/`, body);
        assertError(reply, 403, 'permission_denied');
      }
      bodyOf(await browser.post(`${ACCOUNT}/sign-up/`, bodyFor(email, { invite })), 202);
      const token = await linkTo(invited, email, '/verify-email');
      bodyOf(await browser.post(`${ACCOUNT}/verify-email/`, { token }));
      assert.equal(await isIn(browser), true);
      const again = await browser.post(`${ACCOUNT}/sign-up/`, bodyFor(email, { invite }));
      assertError(again, 403, 'permission_denied');
    } finally {
      await invited.close();
    }
  });

  it('can create no account unless orgs are known to be isolated, and learns so', async () => {
    const strict = await harnessOpen({ SIGNUP: 'open' });
    try {
      await strict.orgAdd();
      const email = 'second@example.invalid';
      const browser = strict.browser();
      await browser.post(`${ACCOUNT}/sign-up/`, bodyFor(email));
      const token = await linkTo(strict, email, '/verify-email');
      const reply = await browser.post(`${ACCOUNT}/verify-email/`, { token });
      assertError(reply, 409, 'conflict');
      await strict.db.updateTable('installation').set({ isolation: 'isolated' }).execute();
      bodyOf(await browser.post(`${ACCOUNT}/verify-email/`, { token }));
    } finally {
      await strict.close();
    }
  });
});
