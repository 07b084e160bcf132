import { acceptUrl } from '../invitations/routes.ts';
import { operatorIn } from '../changes/actor.ts';
import { invitationCreate, invitationDelete, invitationResend } from '../invitations/operations.ts';
import { type InvitationRow, invitationState } from '../invitations/store.ts';
import { orgLock } from '../orgs/store.ts';
import type { Command } from './command.ts';
import { orgFind } from './lookup.ts';
import { tableFormat, timeShow } from './table.ts';
import { choiceOf, idOf, valueOf } from './values.ts';

const ROLES = ['admin', 'member'] as const;
const ORG = { value: 'slug', description: "the org's slug", required: true } as const;

const invitationCreateCommand: Command = {
  name: 'invitation-create',
  summary: 'Invite someone to an org',
  details:
    'Prints a link where they accept, within a week; another one is mailed to the address. To make an account without an\norg to join, see user-invite.',
  options: {
    org: ORG,
    email: { value: 'address', description: 'of whom to invite', required: true },
    role: { value: 'role', description: ROLES.join(', '), required: true },
  },
  async run({ trx, clock, random, config, secrets }, values) {
    const role = choiceOf(values, 'role', ROLES);
    const org = await orgFind(trx, valueOf(values, 'org'));
    await orgLock(trx, org.id);
    const deps = { clock, random, secrets: await secrets() };
    const input = { email: valueOf(values, 'email'), role };
    const { row, secret } = await invitationCreate(trx, operatorIn(org), input, deps);
    const link = acceptUrl(config.publicUrl, secret);
    return {
      data: { id: row.id, org: org.slug, email: row.email, role, link },
      text: link,
      ...(config.signup === 'closed'
        ? { talk: 'SIGNUP is closed: only someone who has an account can accept.' }
        : {}),
    };
  },
};

const invitationListCommand: Command = {
  name: 'invitation-list',
  summary: 'List the invitations of an org',
  options: { org: ORG },
  async run({ trx, clock }, values) {
    const org = await orgFind(trx, valueOf(values, 'org'));
    const rows = await trx
      .selectFrom('invitations')
      .select(['id', 'email', 'role', 'created_at', 'expires_at', 'accepted_at', 'revoked_at'])
      .where('org_id', '=', org.id)
      .where('revoked_at', 'is', null)
      .orderBy('id')
      .execute();
    const stateOf = (row: Pick<InvitationRow, 'accepted_at' | 'revoked_at' | 'expires_at'>) =>
      invitationState(row, clock.now());
    return {
      data: rows,
      text: tableFormat(
        rows,
        {
          ID: (row) => row.id,
          ADDRESS: (row) => row.email,
          ROLE: (row) => row.role,
          STATE: stateOf,
          EXPIRES: (row) => timeShow(row.expires_at),
        },
        'There is no invitation.',
      ),
    };
  },
};

const invitationResendCommand: Command = {
  name: 'invitation-resend',
  summary: 'Give an invitation new links',
  details:
    'Prints the new link, which can be accepted within a week; another one is mailed to the address. The links that it\nhad stop working.',
  options: {
    org: ORG,
    id: { value: 'id', description: 'as invitation-list shows it', required: true },
  },
  async run({ trx, clock, random, config, secrets }, values) {
    const org = await orgFind(trx, valueOf(values, 'org'));
    const id = idOf(values, 'id');
    await orgLock(trx, org.id);
    const deps = { clock, random, secrets: await secrets() };
    const { row, secret } = await invitationResend(trx, operatorIn(org), { id }, deps);
    const link = acceptUrl(config.publicUrl, secret);
    const { email, role } = row;
    return { data: { id, org: org.slug, email, role, link }, text: link };
  },
};

const invitationRevokeCommand: Command = {
  name: 'invitation-revoke',
  summary: 'Revoke an invitation',
  options: {
    org: ORG,
    id: { value: 'id', description: 'as invitation-list shows it', required: true },
  },
  async run({ trx, clock }, values) {
    const org = await orgFind(trx, valueOf(values, 'org'));
    const id = idOf(values, 'id');
    await orgLock(trx, org.id);
    await invitationDelete(trx, operatorIn(org), { id }, { clock });
    return { data: { id, org: org.slug }, text: `Revoked the invitation ${id}.` };
  },
};

export const invitationCommands: readonly Command[] = [
  invitationCreateCommand,
  invitationListCommand,
  invitationResendCommand,
  invitationRevokeCommand,
];
