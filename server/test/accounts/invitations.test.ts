import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from '../support/browser.ts';
import { type Harness, type TestApp, type TestCaller, harnessOpen } from '../support/harness.ts';
import { type Reply, assertError } from '../support/http-client.ts';
import {
  ACCOUNT,
  PASSWORD,
  type Person,
  bodyOf,
  isIn,
  linkTo,
  mailsTo,
  personAdd,
  signIn,
} from '../support/people.ts';

const DAY_MS = 24 * 3_600_000;

/** The first app sends no mail; the others do, or close sign-up. */
let harness: Harness;
let mailing: TestApp;
let mailingClosed: TestApp;
let closed: TestApp;
before(async () => {
  harness = await harnessOpen();
  const SMTP_URL = 'smtp://127.0.0.1:9';
  mailing = await harness.appAdd({ SMTP_URL });
  mailingClosed = await harness.appAdd({ SMTP_URL, SIGNUP: 'closed' });
  closed = await harness.appAdd({ SIGNUP: 'closed' });
});
after(() => harness.close());

let serial = 0;
const addressNew = () => `Invited${(serial += 1)}@Example.invalid`;

interface Invited {
  owner: TestCaller;
  id: number;
  email: string;
  /** The secret of the link in the reply. */
  link: string;
  path: string;
}

async function invite(email = addressNew(), role?: string): Promise<Invited> {
  const owner = await harness.callerAdd();
  return inviteTo(owner, email, role);
}

async function inviteTo(owner: TestCaller, email: string, role?: string): Promise<Invited> {
  const made = await owner.api.post('/invitations/', { email, ...(role ? { role } : {}) });
  assert.equal(made.status, 201, made.text);
  const id = made.body.id ?? assert.fail();
  return { owner, id, email, link: secretOf(made), path: `/invitations/${id}/` };
}

/** The secret in the `accept_url` of a reply. */
function secretOf(reply: Reply): string {
  const url = new URL(reply.body.accept_url ?? assert.fail(reply.text));
  assert.match(url.pathname, /\/invitations\/accept$/);
  return url.searchParams.get('token') ?? assert.fail();
}

const mailed = (email: string) => linkTo(harness, email, '/invitations/accept');

const show = (token: string, browser = harness.browser()) =>
  browser.post(`${ACCOUNT}/invitations/show/`, { token });
const accept = (browser: Browser, token: string) =>
  browser.post(`${ACCOUNT}/invitations/accept/`, { token });
const signUpBy = (browser: Browser, token: string, name = 'Grace') =>
  browser.post(`${ACCOUNT}/invitations/sign-up/`, { token, name, password: PASSWORD });

/** A person with this address, signed in to an app. */
async function personWith(email: string, app?: TestApp): Promise<Person> {
  const person = await personAdd(harness);
  await harness.db.updateTable('users').set({ email }).where('id', '=', person.userId).execute();
  const browser = app === undefined ? person.browser : await harness.sessionAdd(person.userId, app);
  return { ...person, email, browser };
}

async function orgsOf(browser: Browser): Promise<string[]> {
  const { orgs } = bodyOf<{ orgs: { slug: string; role: string }[] }>(
    await browser.get(`${ACCOUNT}/`),
  );
  return orgs.map(({ slug, role }) => `${slug} ${role}`);
}

async function verifiedOf(browser: Browser): Promise<unknown> {
  return bodyOf(await browser.get(`${ACCOUNT}/`))['email_verified'];
}

const stateOf = async (token: string) => bodyOf(await show(token))['state'];

describe('a link', () => {
  it('shows who invites whom to what, and changes nothing', async () => {
    const { owner, link, email } = await invite(undefined, 'admin');
    await harness.db
      .updateTable('users')
      .set({ name: 'Ada', email: `ada${owner.userId}@example.invalid` })
      .where('id', '=', owner.userId)
      .execute();
    const { org } = owner;
    for (const token of [link, await mailed(email)]) {
      const { expires_at: expiresAt, ...shown } = bodyOf(await show(token));
      assert.deepEqual(shown, {
        state: 'open',
        org: { slug: org.slug, name: org.slug },
        ...{ email, role: 'admin', sign_up: true, proof: 'none' },
        inviter: { email: `ada${owner.userId}@example.invalid`, name: 'Ada' },
      });
      assert.equal(
        new Date(String(expiresAt)).getTime(),
        harness.clock.now().getTime() + 7 * DAY_MS,
      );
    }
    assert.equal((await owner.api.get('/members/')).body.results?.length, 1);
    assert.equal(bodyOf(await show(link, mailing.browser()))['proof'], 'mail');
    const byMail = await mailed(email);
    assert.equal(bodyOf(await show(byMail, mailing.browser()))['proof'], 'none');
    assert.equal(bodyOf(await show(link, closed.browser()))['sign_up'], false);
  });

  it('is stored as a hash, and in no log or audit row', async () => {
    const { link, email, path, owner } = await invite();
    const secrets = [link, await mailed(email)];
    await show(link);
    secrets.push(secretOf(await owner.api.post(`${path}resend/`)), await mailed(email));
    await signUpBy(harness.browser(), secrets[2] ?? '');
    const audit = await harness.db.selectFrom('audit_log').selectAll().execute();
    const rows = await harness.db.selectFrom('invitations').selectAll().execute();
    const kept = JSON.stringify([audit, rows]);
    for (const secret of secrets) {
      assert.ok(!harness.logText().includes(secret));
      assert.ok(!kept.includes(secret));
    }
  });

  it('that is wrong is told apart from nothing', async () => {
    for (const token of ['x'.repeat(43), 'x', "'; drop table invitations"]) {
      assertError(await show(token), 404, 'not_found');
      assertError(await signUpBy(harness.browser(), token), 404, 'not_found');
    }
  });

  it('works once', async () => {
    const { link } = await invite();
    assert.equal((await signUpBy(harness.browser(), link)).status, 200);
    assert.equal(await stateOf(link), 'accepted');
    const { browser } = await personAdd(harness);
    for (const reply of [await signUpBy(harness.browser(), link), await accept(browser, link)]) {
      assert.equal(reply.status, 409, reply.text);
    }
  });

  it('ends with a resend, a revocation and seven days', async () => {
    const { link, path, owner, email } = await invite();
    const byMail = await mailed(email);
    const next = secretOf(await owner.api.post(`${path}resend/`));
    for (const old of [link, byMail]) assertError(await show(old), 404, 'not_found');
    assert.equal(await stateOf(next), 'open');
    harness.clock.advance(7 * DAY_MS);
    assert.equal(await stateOf(next), 'expired');
    const late = await signUpBy(harness.browser(), next);
    assert.deepEqual(assertError(late, 409, 'conflict'), { state: 'expired' });
    const again = secretOf(await owner.api.post(`${path}resend/`));
    assert.equal(await stateOf(again), 'open');
    assert.equal((await owner.api.delete(path)).status, 204);
    assert.equal(await stateOf(again), 'revoked');
    const refused = await signUpBy(harness.browser(), again);
    assert.deepEqual(assertError(refused, 409, 'conflict'), { state: 'revoked' });
    assertError(await owner.api.post(`${path}resend/`), 404, 'not_found');
  });

  it('outlives the account of whoever invited', async () => {
    const { owner, email } = await invite();
    await owner.api.delete(
      `/invitations/${(await owner.api.get('/invitations/')).body.results?.[0]?.id}/`,
    );
    const inviter = await personAdd(harness);
    await harness.memberAdd(owner.org, inviter.userId, 'admin');
    const made = await inviter.browser.post(`/api/v1/invitations/?org=${owner.org.slug}`, {
      email,
    });
    assert.equal(made.status, 201, made.text);
    const deleted = await inviter.browser.delete(`${ACCOUNT}/`);
    assert.equal(deleted.status, 204, deleted.text);
    const shown = bodyOf(await show(secretOf(made)));
    assert.deepEqual([shown['state'], shown['inviter']], ['open', null]);
  });

  it('leads nowhere once its org is deleted, and is refused while it is suspended', async () => {
    const { link, owner } = await invite();
    const { org } = owner;
    const status = (value: 'active' | 'suspended') =>
      harness.db.updateTable('orgs').set({ status: value }).where('id', '=', org.id).execute();
    await status('suspended');
    assertError(await signUpBy(harness.browser(), link), 403, 'permission_denied');
    await status('active');
    const session = await harness.sessionAdd(owner.userId);
    assert.equal((await session.delete(`/api/v1/orgs/${org.slug}/`)).status, 204);
    assertError(await show(link), 404, 'not_found');
  });
});

describe('accepting with an account', () => {
  it('takes a POST, a session, and the invited address in any case', async () => {
    const { link, email, owner } = await invite(undefined, 'admin');
    assertError(await accept(harness.browser(), link), 401, 'authentication_failed');
    const person = await personWith(email.toLowerCase());
    const elsewhere = await harness.appAdd();
    const other = elsewhere.browser();
    for (const [name, value] of person.browser.cookies) other.cookies.set(name, value);
    assertError(await other.get(`/api/v1/orgs/${owner.org.slug}/`), 404, 'not_found');
    const accepted = bodyOf(await accept(person.browser, link));
    assert.deepEqual(accepted, { org: owner.org.slug, mail_sent: false });
    // In effect on another process at once.
    assert.equal((await other.get(`/api/v1/orgs/${owner.org.slug}/`)).status, 200);
    assert.ok((await orgsOf(person.browser)).includes(`${owner.org.slug} admin`));
    const [member] = (await owner.api.get('/members/')).body.results ?? [];
    assert.equal((member as { email?: string }).email, email.toLowerCase());
    const shown = await owner.api.get(`/invitations/`);
    const [row] = shown.body.results as unknown as { accepted: boolean; email: string }[];
    assert.deepEqual([row?.accepted, row?.email], [true, email]);
  });

  it('names both addresses to someone else', async () => {
    const { link, email, owner } = await invite();
    const person = await personAdd(harness);
    const refused = await accept(person.browser, link);
    const detail = assertError(refused, 409, 'conflict');
    assert.deepEqual(detail, { signed_in_as: person.email, invited: email });
    assert.equal((await owner.api.get('/members/')).body.results?.length, 1);
    assert.equal(await stateOf(link), 'open');
  });

  it('is refused to someone who is a member already', async () => {
    const { link, email, owner } = await invite();
    const person = await personWith(email);
    await harness.memberAdd(owner.org, person.userId, 'member');
    assertError(await accept(person.browser, link), 409, 'conflict');
    assert.equal(await stateOf(link), 'open');
  });

  it('needs no second proof of an address that was proved', async () => {
    const { link, email, owner } = await invite();
    const person = await personWith(email, mailing);
    assert.equal((await accept(person.browser, link)).status, 200);
    assert.ok((await orgsOf(person.browser)).includes(`${owner.org.slug} member`));
  });

  it('works where sign-up is closed', async () => {
    const { link, email } = await invite();
    const person = await personWith(email, mailingClosed);
    assert.equal((await accept(person.browser, link)).status, 200);
  });
});

describe('accepting with a new account', () => {
  it('where mail is sent, by the mailed link, makes an account whose address is proved', async () => {
    const { email, owner } = await invite();
    const browser = mailing.browser();
    const made = bodyOf(await signUpBy(browser, await mailed(email)));
    assert.deepEqual(made, { org: owner.org.slug, mail_sent: false });
    assert.equal(await isIn(browser), true);
    assert.deepEqual(await orgsOf(browser), [`${owner.org.slug} member`]);
    assert.equal(await verifiedOf(browser), true);
    bodyOf(await signIn(mailing.browser(), email));
  });

  it('where mail is sent, by the other link, proves the address by mail first', async () => {
    const { email, link, owner } = await invite();
    const browser = mailing.browser();
    const asked = bodyOf(await signUpBy(browser, link));
    assert.deepEqual(asked, { org: owner.org.slug, mail_sent: true });
    assert.equal(await isIn(browser), false);
    assert.equal(await stateOf(link), 'open');
    const token = await linkTo(harness, email, '/verify-email');
    const account = bodyOf(await browser.post(`${ACCOUNT}/verify-email/`, { token }));
    assert.equal(account['email_verified'], true);
    assert.deepEqual(await orgsOf(browser), [`${owner.org.slug} member`]);
    assert.equal(await stateOf(link), 'accepted');
  });

  it('answers the same by the other link for an address that has an account', async () => {
    const known = addressNew();
    await personWith(known);
    const [one, two] = [await invite(known), await invite()];
    const replies = [
      await signUpBy(mailing.browser(), one.link),
      await signUpBy(mailing.browser(), two.link),
    ];
    for (const [index, { owner }] of [one, two].entries()) {
      const body = bodyOf(replies[index] ?? assert.fail());
      assert.deepEqual(body, { org: owner.org.slug, mail_sent: true });
    }
    const [last] = (await mailsTo(harness, known)).slice(-1);
    assert.match(last?.text ?? '', /has one already/);
  });

  it('is told when the invitation was revoked before the mail was opened', async () => {
    const { email, link, owner, path } = await invite();
    const browser = mailing.browser();
    bodyOf(await signUpBy(browser, link));
    const token = await linkTo(harness, email, '/verify-email');
    await owner.api.delete(path);
    const refused = await browser.post(`${ACCOUNT}/verify-email/`, { token });
    assert.deepEqual(assertError(refused, 409, 'conflict'), { state: 'revoked' });
    assert.equal(await isIn(browser), false);
  });

  it('is refused where sign-up is closed, whether or not the address has an account', async () => {
    const known = addressNew();
    await personWith(known);
    for (const app of [closed, mailingClosed]) {
      const texts = [];
      for (const email of [known, addressNew()]) {
        const { link } = await invite(email);
        const refused = await signUpBy(app.browser(), link);
        assertError(refused, 403, 'permission_denied');
        texts.push(refused.text);
      }
      assert.equal(texts[0], texts[1]);
    }
  });

  it('refuses a password that is easy to guess, and keeps the invitation', async () => {
    const { link, email } = await invite();
    const weak = { token: link, name: 'Grace', password: email };
    const refused = await harness.browser().post(`${ACCOUNT}/invitations/sign-up/`, weak);
    assertError(refused, 400, 'validation_error');
    assert.equal(await stateOf(link), 'open');
  });
});

describe('where no mail is sent, a new account', () => {
  it('has an address that nobody has proved, and only the org that invited it', async () => {
    const { link, owner } = await invite();
    const browser = harness.browser();
    bodyOf(await signUpBy(browser, link));
    assert.equal(await verifiedOf(browser), false);
    assert.deepEqual(await orgsOf(browser), [`${owner.org.slug} member`]);
    bodyOf(await browser.post('/api/v1/containers/', { name: 'web', image: 'x' }), 201);
  });

  it('accepts another invitation only by the link of that one', async () => {
    const { link, email } = await invite();
    const browser = harness.browser();
    bodyOf(await signUpBy(browser, link));
    const second = await invite(email);
    assertError(await signUpBy(harness.browser(), second.link), 409, 'conflict');
    assert.equal((await orgsOf(browser)).length, 1);
    bodyOf(await accept(browser, second.link));
    assert.equal((await orgsOf(browser)).length, 2);
  });

  it('loses the address to whoever proves it by mail, and stays in its org', async () => {
    const { link, email, owner } = await invite();
    const browser = harness.browser();
    bodyOf(await signUpBy(browser, link));
    // The mailbox's owner comes by the mail of another invitation.
    const second = await invite(email);
    const rightful = mailing.browser();
    bodyOf(await signUpBy(rightful, await mailed(email)));
    assert.deepEqual(await orgsOf(rightful), [`${second.owner.org.slug} member`]);
    const account = bodyOf(await browser.get(`${ACCOUNT}/`));
    assert.match(String(account['email']), /^unproved-\d+@invalid\.invalid$/);
    assert.deepEqual(await orgsOf(browser), [`${owner.org.slug} member`]);
    bodyOf(await signIn(mailing.browser(), email));
  });

  it('loses it to a sign-up of one’s own, too', async () => {
    const { link, email } = await invite();
    bodyOf(await signUpBy(harness.browser(), link));
    const open = await harness.appAdd({ SIGNUP: 'open', ISOLATION: 'weak', SMTP_URL: 'smtp://x' });
    const rightful = open.browser();
    const person = { email, password: PASSWORD, name: 'Grace', org_name: 'Navy' };
    bodyOf(await rightful.post(`${ACCOUNT}/sign-up/`, person), 202);
    const token = await linkTo(harness, email, '/verify-email');
    const account = bodyOf(await rightful.post(`${ACCOUNT}/verify-email/`, { token }));
    assert.deepEqual([account['email'], account['email_verified']], [email, true]);
  });

  it('gets no mail to set its password once mail is sent', async () => {
    const { link, email } = await invite();
    bodyOf(await signUpBy(harness.browser(), link));
    const reader = { ...harness, deps: mailing.deps };
    const before = (await mailsTo(reader, email)).length;
    bodyOf(await mailing.browser().post(`${ACCOUNT}/password-reset/`, { email }), 202);
    assert.equal((await mailsTo(reader, email)).length, before);
  });

  it('proves the address by the mailed link before it joins another org, once mail is sent', async () => {
    const { link, email } = await invite();
    const browser = harness.browser();
    bodyOf(await signUpBy(browser, link));
    const second = await invite(email);
    const later = mailing.browser();
    for (const [name, value] of browser.cookies) later.cookies.set(name, value);
    const asked = bodyOf(await accept(later, second.link));
    assert.deepEqual(asked, { org: second.owner.org.slug, mail_sent: true });
    assert.equal((await orgsOf(later)).length, 1);
    bodyOf(await accept(later, await mailed(email)));
    assert.equal(await verifiedOf(later), true);
    assert.equal((await orgsOf(later)).length, 2);
  });
});

describe('races', () => {
  const ROUNDS = 10;

  it('of accepting and revoking have one winner', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const { link, email, owner, path } = await invite();
      const { browser, userId } = await personWith(email);
      const [accepted, revoked] = await Promise.all([
        accept(browser, link),
        owner.api.delete(path),
      ]);
      assert.equal(revoked.status, 204, revoked.text);
      const isMember = (await orgsOf(browser)).includes(`${owner.org.slug} member`);
      assert.equal(isMember, accepted.status === 200, `${userId} ${accepted.text}`);
      assert.ok([200, 409].includes(accepted.status), accepted.text);
    }
  });

  it('of accepting twice make one member', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const { link, email, owner } = await invite();
      const person = await personWith(email);
      const replies = await Promise.all([
        accept(person.browser, link),
        accept(person.browser, link),
        signUpBy(harness.browser(), link),
      ]);
      assert.equal(replies.filter(({ status }) => status === 200).length, 1);
      for (const { status, text } of replies) assert.ok([200, 409].includes(status), text);
      assert.equal((await owner.api.get('/members/')).body.results?.length, 2);
    }
  });

  it('of inviting twice make one invitation', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const { api } = await harness.callerAdd();
      const email = addressNew();
      const replies = await Promise.all(
        [email, email.toUpperCase(), email.toLowerCase()].map((each) =>
          api.post('/invitations/', { email: each }),
        ),
      );
      assert.deepEqual(replies.map(({ status }) => status).toSorted(), [201, 409, 409]);
    }
  });
});
