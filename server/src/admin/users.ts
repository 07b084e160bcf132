import { sql } from 'kysely';
import { OperatorError } from '../base/errors.ts';
import { passwordFault } from '../users/password-rules.ts';
import { passwordHash } from '../users/password.ts';
import { OPERATOR } from '../changes/actor.ts';
import { userCreate, userDisable } from '../users/operations.ts';
import type { Command } from './command.ts';
import { userFind } from './lookup.ts';
import { tableFormat, timeShow } from './table.ts';
import { nameOf, valueOf } from './values.ts';

const FROM_INPUT = '-';

const userCreateCommand: Command = {
  name: 'user-create',
  summary: 'Make an account',
  details:
    'A password on the command line is seen by every user of the machine, and kept by the shell: --password - asks for\nit, or reads one line from a pipe.',
  options: {
    email: { value: 'address', description: 'what the person signs in with', required: true },
    name: { value: 'text', description: 'what people call them' },
    password: {
      value: 'password|-',
      description: '12 characters or more; - reads it from the input',
      required: true,
    },
  },
  async prepare(values, input) {
    const given = valueOf(values, 'password');
    const password = given === FROM_INPUT ? await input.lineRead('Password: ') : given;
    if (password === '') throw new OperatorError('The password is empty.');
    const hash = await passwordHash(password);
    const fault = await passwordFault(password, [valueOf(values, 'email'), values['name'] ?? '']);
    if (fault !== null) throw new OperatorError(fault);
    const { password: _password, ...rest } = values;
    return { ...rest, passwordHash: hash };
  },
  async run({ trx, clock }, values) {
    const email = valueOf(values, 'email');
    const name = values['name'] === undefined ? '' : nameOf(values, 'name');
    const hash = valueOf(values, 'passwordHash');
    const id = await userCreate(trx, OPERATOR, { email, name, passwordHash: hash }, { clock });
    return { data: { id, email, name }, text: `Made the account ${email} (id ${id}).` };
  },
};

const userDisableCommand: Command = {
  name: 'user-disable',
  summary: 'Shut an account out',
  details:
    'From the moment that this returns, all of its tokens and sessions are refused, and nothing that they began goes on.\nIts containers go on running.',
  options: {
    user: { value: 'address', description: "the account's e-mail address", required: true },
  },
  async run({ trx, clock }, values) {
    const user = await userFind(trx, valueOf(values, 'user'));
    if (user.disabledAt !== null) {
      return {
        data: { id: user.id, email: user.email, disabled_at: user.disabledAt },
        text: `The account ${user.email} was disabled already, at ${timeShow(user.disabledAt)}.`,
      };
    }
    const now = await userDisable(trx, OPERATOR, user.id, { clock });
    return {
      data: { id: user.id, email: user.email, disabled_at: now },
      text: `The account ${user.email} is disabled: its tokens and sessions are refused from now on.`,
    };
  },
};

const userListCommand: Command = {
  name: 'user-list',
  summary: 'List accounts',
  options: {},
  async run({ trx }) {
    const users = await trx
      .selectFrom('users as u')
      .select([
        'u.id',
        'u.email',
        'u.name',
        'u.created_at',
        'u.disabled_at',
        sql<{ org: string; role: string }[]>`coalesce((
          select json_agg(json_build_object('org', o.slug, 'role', m.role) order by o.slug)
          from memberships m join orgs o on o.id = m.org_id where m.user_id = u.id
        ), '[]'::json)`.as('memberships'),
      ])
      .orderBy('u.id')
      .execute();
    return {
      data: users,
      text: tableFormat(
        users,
        {
          ID: (user) => user.id,
          EMAIL: (user) => user.email,
          NAME: (user) => user.name || '-',
          ORGS: (user) =>
            user.memberships.map(({ org, role }) => `${org} (${role})`).join(', ') || '-',
          CREATED: (user) => timeShow(user.created_at),
          DISABLED: (user) => timeShow(user.disabled_at),
        },
        'There is no account.',
      ),
    };
  },
};

export const userCommands: readonly Command[] = [
  userCreateCommand,
  userDisableCommand,
  userListCommand,
];
