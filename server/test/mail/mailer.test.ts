import assert from 'node:assert/strict';
import { type AddressInfo, type Socket, createServer } from 'node:net';
import { after, afterEach, before, describe, it } from 'node:test';
import { type MailCatcher, mailCatcherStart } from '@dollarbox/testbed/mail-catcher';
import { type Harness, harnessOpen } from '../support/harness.ts';
import { ACCOUNT, bodyOf, personAdd } from '../support/people.ts';
import { oneTimeCreate } from '../../src/accounts/one-time.ts';
import { browserSecretCreate } from '../../src/sessions/session-cookie.ts';
import { mailPrepare } from '../../src/accounts/mail-prepare.ts';
import { mailerStart, mailsWork } from '../../src/mail/mailer.ts';
import { mailList, mailRequest, mailTake } from '../../src/mail/outbox.ts';
import { type MailTransport, mailTransportOpen } from '../../src/mail/transport.ts';

let catcher: MailCatcher;
let harness: Harness;
let transport: MailTransport;
before(async () => {
  catcher = await mailCatcherStart();
  harness = await harnessOpen({ SMTP_URL: catcher.url, MAIL_FROM: 'Boxes <boxes@example.org>' });
  transport = mailTransportOpen(harness.deps.config) ?? assert.fail('no transport');
});
after(async () => {
  await harness.close();
  await catcher.close();
});
afterEach(() => catcher.refuse(null));

const work = () => mailsWork(harness.deps, transport, mailPrepare);
const reset = (email: string) => harness.browser().post(`${ACCOUNT}/password-reset/`, { email });
const rowsOf = (email: string) => mailList(harness.db, harness.deps.secrets, email);

describe('a mail', () => {
  it('is sent as plain text from the configured address; only the fact is kept', async () => {
    const { email } = await personAdd(harness);
    bodyOf(await harness.browser().get(`${ACCOUNT}/setup/`));
    bodyOf(await reset(email), 202);
    await work();
    const mail = await catcher.mailTo(email);
    assert.equal(mail.from, 'boxes@example.org');
    assert.deepEqual(mail.to, [email]);
    assert.equal(mail.subject, 'DollarBox: set a new password');
    assert.match(mail.text, /https:\/\/panel\.example\/reset-password\?token=[0-9A-Za-z]{43}\r?\n/);
    assert.match(mail.raw, /^Content-Type: text\/plain; charset=utf-8/m);
    assert.match(mail.raw, /^From: Boxes <boxes@example\.org>/m);
    const [row] = await rowsOf(email);
    assert.deepEqual(
      [row?.sent_at, row?.due_at, row?.content, row?.error],
      [harness.clock.now(), null, null, null],
    );
  });

  it('goes to one recipient, whatever is in the address', async () => {
    const odd = 'a+b.c_d=e@example.invalid';
    await mailRequest(harness.db, harness.deps, odd, { kind: 'notice', notice: 'two_factor_on' });
    await work();
    assert.deepEqual((await catcher.mailTo(odd)).to, [odd]);
    for (const email of ['a@b.c,d@e.f', 'a@b.c\r\nBcc: d@e.f', 'a <b@c.d>', 'a@b.c>x', '"a"@b.c']) {
      const reply = await reset(email);
      assert.equal(reply.status, 400, email);
    }
  });
});

describe('a mail server that fails', () => {
  it('neither fails nor delays the request; the mail is retried with growing delays', async () => {
    const { email } = await personAdd(harness);
    catcher.refuse(451);
    bodyOf(await reset(email), 202);
    await work();
    const [row] = await rowsOf(email);
    assert.match(row?.error ?? '', /Not now/);
    assert.ok(row?.content, 'kept for the next try');
    const first = (row.due_at?.getTime() ?? 0) - harness.clock.now().getTime();
    await work();
    assert.equal((await rowsOf(email))[0]?.due_at?.getTime(), row.due_at?.getTime(), 'not yet');

    harness.clock.advance(first);
    await work();
    const second =
      ((await rowsOf(email))[0]?.due_at?.getTime() ?? 0) - harness.clock.now().getTime();
    assert.equal(second, 2 * first);
    catcher.refuse(null);
    harness.clock.advance(second);
    await work();
    assert.match((await catcher.mailTo(email)).text, /reset-password/);
    assert.equal(catcher.mails.filter(({ to }) => to.includes(email)).length, 1);
  });

  it('is given up on after a day', async () => {
    const { email } = await personAdd(harness);
    catcher.refuse(550);
    await reset(email);
    let tries = 0;
    for (;;) {
      await work();
      tries += 1;
      const due = (await rowsOf(email))[0]?.due_at ?? null;
      if (due === null) break;
      harness.clock.advance(Math.max(0, due.getTime() - harness.clock.now().getTime()));
    }
    assert.ok(tries > 5 && tries < 50, String(tries));
    catcher.refuse(null);
    harness.clock.advance(86_400_000);
    await work();
    assert.equal(catcher.mails.filter(({ to }) => to.includes(email)).length, 0);
  });

  it('is unreachable', async () => {
    const { email } = await personAdd(harness);
    const away = await mailCatcherStart();
    const nowhere = mailTransportOpen({ smtpUrl: away.url, mailFrom: 'a@example.org' });
    await away.close();
    await reset(email);
    await mailsWork(harness.deps, nowhere, mailPrepare);
    assert.match((await rowsOf(email))[0]?.error ?? '', /ECONNREFUSED/);
  });
});

describe('the mailer', () => {
  it('is woken by a request, and finishes its mail when it stops', async () => {
    const { email } = await personAdd(harness);
    const mailer = mailerStart(harness.deps, transport, mailPrepare, 300_000);
    await reset(email);
    await catcher.mailTo(email);
    await mailer.stop();
    assert.ok((await rowsOf(email))[0]?.sent_at);
  });

  it('stops though the mail server is silent, and leaves the mail to the next one', async () => {
    const { email } = await personAdd(harness);
    const connected = Promise.withResolvers<Socket>();
    const silent = createServer((socket) => connected.resolve(socket));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const smtpUrl = `smtp://127.0.0.1:${port}`;
    const nowhere = mailTransportOpen({ smtpUrl, mailFrom: 'a@example.org' });
    const mailer = mailerStart(harness.deps, nowhere, mailPrepare, 0);
    await reset(email);
    const socket = await connected.promise;
    await mailer.stop();
    socket.destroy();
    await new Promise((resolve) => silent.close(resolve));
    const [row] = await rowsOf(email);
    assert.deepEqual([row?.sent_at, row?.error, row?.due_at], [null, null, harness.clock.now()]);
    await work();
    await catcher.mailTo(email);
    assert.ok((await rowsOf(email))[0]?.sent_at);
  });

  it('is one of several that share the work: each mail is sent once', async () => {
    const addresses = Array.from({ length: 20 }, (_, index) => `shared${index}@example.invalid`);
    for (const email of addresses) {
      await mailRequest(harness.db, harness.deps, email, {
        kind: 'notice',
        notice: 'passkey_added',
      });
    }
    await Promise.all([work(), work(), work()]);
    for (const email of addresses) {
      assert.equal(catcher.mails.filter(({ to }) => to.includes(email)).length, 1, email);
    }
  });

  it('takes over the mail of one that died', async () => {
    const email = 'orphan@example.invalid';
    const request = { kind: 'notice', notice: 'passkey_added' } as const;
    await mailRequest(harness.db, harness.deps, email, request);
    assert.ok(await mailTake(harness.db, harness.deps.secrets, harness.clock.now()));
    await work();
    assert.equal((await rowsOf(email))[0]?.sent_at, null);
    harness.clock.advance(120_000);
    await work();
    await catcher.mailTo(email);
  });

  it('without a mail server keeps its mail for the operator', async () => {
    const { email } = await personAdd(harness);
    await reset(email);
    await mailsWork(harness.deps, null, mailPrepare);
    const [row] = await rowsOf(email);
    assert.match(row?.content?.text ?? '', /reset-password\?token=/);
    assert.equal(row?.sent_at, null);
    harness.clock.advance(3_600_000);
    await work();
    assert.equal((await rowsOf(email))[0]?.sent_at, null, 'old links are not sent later');
  });
});

describe('the mail with a link', () => {
  /** A character that equals k if case is ignored, but belongs to a different mailbox. */
  const KELVIN = '\u212A';

  it('to set a new password goes to the address of the account, not to one that only counts as the same', async () => {
    const { userId } = await personAdd(harness);
    const email = 'kim@example.invalid';
    await harness.db.updateTable('users').set({ email }).where('id', '=', userId).execute();
    const typed = `${KELVIN}im@example.invalid`;
    bodyOf(await reset(typed), 202);
    await work();
    const sent = (await rowsOf(email)).map((row) => row.email);
    assert.deepEqual(sent, [email]);
    assert.deepEqual((await catcher.mailTo(email)).to, [email]);
  });

  it('of a sign-up, sent again, goes to the address that signed up', async () => {
    const email = 'karl@example.invalid';
    const secret = browserSecretCreate(harness.deps.random);
    const given = {
      purpose: 'sign_up',
      email,
      secret,
      data: '{}',
      now: harness.clock.now(),
    } as const;
    await oneTimeCreate(harness.db, harness.deps.secrets, given);
    const body = { email: `${KELVIN}arl@example.invalid` };
    bodyOf(await harness.browser().post(`${ACCOUNT}/verification-email/`, body), 202);
    await work();
    const sent = (await rowsOf(email)).map((row) => row.email);
    assert.deepEqual(sent, [email]);
    assert.deepEqual((await catcher.mailTo(email)).to, [email]);
  });
});
