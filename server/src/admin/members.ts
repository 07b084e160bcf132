import type { Trx } from '../db/database.ts';
import { OPERATOR, operatorIn } from '../changes/actor.ts';
import { OperatorError } from '../base/errors.ts';
import { memberAdd, memberDelete, memberUpdate } from '../members/operations.ts';
import { orgLock } from '../orgs/store.ts';
import { usersWritesEnd } from '../users/write-lock.ts';
import type { Command, CommandValues } from './command.ts';
import { orgFind, roleFind, userFind, userFindEnabled } from './lookup.ts';
import { tableFormat, timeShow } from './table.ts';
import { choiceOf, valueOf } from './values.ts';

const ROLES = ['owner', 'admin', 'member'] as const;

const memberListCommand: Command = {
  name: 'member-list',
  summary: 'List the members of an org',
  options: {
    org: { value: 'slug', description: "the org's slug", required: true },
  },
  async run({ trx }, values) {
    const org = await orgFind(trx, valueOf(values, 'org'));
    const members = await trx
      .selectFrom('memberships as m')
      .innerJoin('users as u', 'u.id', 'm.user_id')
      .select(['m.id', 'u.email', 'u.name', 'm.role', 'm.joined_at', 'u.disabled_at'])
      .where('m.org_id', '=', org.id)
      .orderBy('m.id')
      .execute();
    return {
      data: members,
      text: tableFormat(
        members,
        {
          ID: (member) => member.id,
          ADDRESS: (member) => member.email,
          NAME: (member) => member.name,
          ROLE: (member) => member.role,
          JOINED: (member) => timeShow(member.joined_at),
          ACCOUNT: (member) => (member.disabled_at === null ? '' : 'disabled'),
        },
        'Nobody is in this org.',
      ),
    };
  },
};

const memberAddCommand: Command = {
  name: 'member-add',
  summary: 'Add an account to an org',
  options: {
    org: { value: 'slug', description: "the org's slug", required: true },
    user: { value: 'address', description: "the account's e-mail address", required: true },
    role: { value: 'role', description: ROLES.join(', '), required: true },
  },
  async run({ trx, clock }, values) {
    const role = choiceOf(values, 'role', ROLES);
    const org = await orgFind(trx, valueOf(values, 'org'));
    const user = await userFindEnabled(trx, valueOf(values, 'user'));
    await orgLock(trx, org.id);
    const present = await roleFind(trx, org.id, user.id);
    if (present !== null) {
      throw new OperatorError(`${user.email} is in the org ${org.slug} already, as ${present}.`);
    }
    const id = await memberAdd(trx, OPERATOR, { orgId: org.id, userId: user.id, role }, { clock });
    return {
      data: { id, org: org.slug, email: user.email, role },
      text: `${user.email} is in the org ${org.slug} now, as ${role}.`,
    };
  },
};

/** A membership, under the locks of its org and of the person's right to write. */
async function memberFind(trx: Trx, values: CommandValues) {
  const org = await orgFind(trx, valueOf(values, 'org'));
  const user = await userFind(trx, valueOf(values, 'user'));
  await orgLock(trx, org.id);
  await usersWritesEnd(trx, [user.id]);
  const member = await trx
    .selectFrom('memberships')
    .select('id')
    .where('org_id', '=', org.id)
    .where('user_id', '=', user.id)
    .executeTakeFirst();
  if (member === undefined) {
    throw new OperatorError(`${user.email} is not in the org ${org.slug}.`);
  }
  return { org, user, id: member.id };
}

const memberUpdateCommand: Command = {
  name: 'member-update',
  summary: "Change a member's role",
  options: {
    org: { value: 'slug', description: "the org's slug", required: true },
    user: { value: 'address', description: "the account's e-mail address", required: true },
    role: { value: 'role', description: ROLES.join(', '), required: true },
  },
  async run({ trx, clock }, values) {
    const role = choiceOf(values, 'role', ROLES);
    const { org, user, id } = await memberFind(trx, values);
    await memberUpdate(trx, operatorIn(org), { id, role }, { clock });
    return {
      data: { id, org: org.slug, email: user.email, role },
      text: `${user.email} is ${role} in the org ${org.slug} now.`,
    };
  },
};

const memberRemoveCommand: Command = {
  name: 'member-remove',
  summary: 'Remove a member from an org',
  details: 'Their tokens that are restricted to the org are revoked.',
  options: {
    org: { value: 'slug', description: "the org's slug", required: true },
    user: { value: 'address', description: "the account's e-mail address", required: true },
  },
  async run({ trx, clock }, values) {
    const { org, user, id } = await memberFind(trx, values);
    await memberDelete(trx, operatorIn(org), { id }, { clock });
    return {
      data: { id, org: org.slug, email: user.email },
      text: `${user.email} is no longer in the org ${org.slug}.`,
    };
  },
};

export const memberCommands: readonly Command[] = [
  memberListCommand,
  memberAddCommand,
  memberUpdateCommand,
  memberRemoveCommand,
];
