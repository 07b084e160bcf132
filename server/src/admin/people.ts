import { oneTimeCreate } from '../accounts/one-time.ts';
import { browserSecretCreate } from '../sessions/session-cookie.ts';
import { sessionsEnd } from '../sessions/session-store.ts';
import { twoFactorRowDelete } from '../accounts/two-factor-store.ts';
import { OperatorError } from '../base/errors.ts';
import { mailList, mailRequest } from '../mail/outbox.ts';
import { addressRequire } from '../users/store.ts';
import type { Command } from './command.ts';
import { userFind } from './lookup.ts';
import { timeShow } from './table.ts';
import { valueOf } from './values.ts';
import { emailIs } from '../users/email.ts';

const userInviteCommand: Command = {
  name: 'user-invite',
  summary: 'Invite someone to make an account',
  details:
    'Prints a link, which is mailed to the address too. It opens one sign-up with this address, within a week;\nneeded where SIGNUP is invite, as it is by default.',
  options: {
    email: { value: 'address', description: 'of whom to invite', required: true },
  },
  async run({ trx, clock, random, config, secrets, audit }, values) {
    const email = valueOf(values, 'email');
    addressRequire(email);
    const known = await trx
      .selectFrom('users')
      .select('id')
      .where(emailIs(email))
      .executeTakeFirst();
    if (known !== undefined) {
      throw new OperatorError(`There is an account with the address ${email} already.`);
    }
    const now = clock.now();
    const box = await secrets();
    const secret = browserSecretCreate(random);
    await oneTimeCreate(trx, box, { purpose: 'invite', email, secret, now });
    const mail = { kind: 'invite', secret: secret.value } as const;
    await mailRequest(trx, { clock, secrets: box }, email, mail);
    await audit({
      action: 'user.invite',
      objectKind: 'user',
      objectId: null,
      orgId: null,
      detail: {},
    });
    const link = `${config.publicUrl}/sign-up?invite=${secret.value}`;
    return {
      data: { email, link },
      text: link,
      ...(config.signup === 'closed'
        ? { talk: 'SIGNUP is closed: the link opens nothing before it is invite or open.' }
        : {}),
    };
  },
};

const userTwoFactorResetCommand: Command = {
  name: 'user-two-factor-reset',
  summary: 'Turn the second factor of an account off',
  details:
    'For who has lost the authenticator app and the backup codes: make sure first that it is them. Their sessions are\nended, the password is enough from then on, and they are notified by mail. Passkeys stay.',
  options: {
    user: { value: 'address', description: "the account's e-mail address", required: true },
  },
  async run({ trx, clock, secrets, audit }, values) {
    const user = await userFind(trx, valueOf(values, 'user'));
    if (!(await twoFactorRowDelete(trx, user.id))) {
      throw new OperatorError(`The account ${user.email} has no second factor.`);
    }
    const sessions = await sessionsEnd(trx, user.id, clock.now());
    const notice = { kind: 'notice', notice: 'two_factor_off' } as const;
    await mailRequest(trx, { clock, secrets: await secrets() }, user.email, notice);
    await audit({
      action: 'user.two_factor_reset',
      objectKind: 'user',
      objectId: user.id,
      orgId: null,
      detail: {},
    });
    return {
      data: { id: user.id, email: user.email, sessions_ended: sessions },
      text: `The second factor of ${user.email} is off, and their sessions are ended: they sign in with the password.`,
    };
  },
};

const mailListCommand: Command = {
  name: 'mail-list',
  summary: 'Show the mails of the last weeks',
  details:
    'Without SMTP_URL no mail is sent: this is where the links to confirm an address or to set a password are found.\nWhat a mail said is forgotten once it has been sent.',
  options: {
    to: { value: 'address', description: 'only those to this address' },
  },
  async run({ trx, secrets }, values) {
    const rows = await mailList(trx, await secrets(), values['to'] ?? null);
    const mails = rows.map(({ due_at: dueAt, content, ...row }) => ({
      id: row.id,
      to: row.email,
      kind: row.kind,
      created_at: row.created_at,
      state: stateOf({ ...row, due_at: dueAt }),
      error: row.error,
      subject: content?.subject ?? null,
      text: content?.text ?? null,
    }));
    return {
      data: mails,
      text: mails.length === 0 ? 'There is no mail.' : mails.map(mailFormat).join('\n'),
    };
  },
};

export const peopleCommands: readonly Command[] = [
  userInviteCommand,
  userTwoFactorResetCommand,
  mailListCommand,
];

function stateOf(row: { sent_at: Date | null; due_at: Date | null; error: string | null }): string {
  if (row.sent_at !== null) return 'sent';
  if (row.due_at !== null) return row.error === null ? 'waiting' : 'tried again later';
  return row.error === null ? 'kept here' : 'given up';
}

function mailFormat(mail: {
  to: string;
  created_at: Date;
  state: string;
  error: string | null;
  subject: string | null;
  text: string | null;
}): string {
  const state = mail.error === null ? mail.state : `${mail.state} (${mail.error})`;
  const head = `To ${mail.to}, ${timeShow(mail.created_at)}, ${state}`;
  const lines = mail.text === null ? [] : [mail.subject ?? '', '', ...mail.text.split('\n')];
  return [head, ...lines.map((line) => (line === '' ? '' : `    ${line}`)), ''].join('\n');
}
