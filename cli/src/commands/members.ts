import { listAll, unwrap } from '@dollarbox/client';
import { buildCommand, buildRouteMap } from '@stricli/core';
import { destructionConfirm } from '../base/ask.ts';
import { allOf, inOrg, listedFind } from '../base/find.ts';
import { COMMON, COMMON_ALIASES, type CommonFlags, argument, switchFlag } from '../base/flags.ts';
import type { CliContext } from '../base/io.ts';
import { ageText } from '../base/moments.ts';
import { type Session, sessionOpen } from '../base/session.ts';
import type { Column } from '../base/table.ts';

const ROLES = ['member', 'admin', 'owner'] as const;
type Role = (typeof ROLES)[number];

interface Member {
  id: number;
  org: string;
  email: string;
  name: string;
  role: Role;
  joined_at: string;
}

const COLUMNS: readonly Column<Member>[] = [
  { title: 'ID', text: ({ id }) => String(id) },
  { title: 'ORG', text: ({ org }) => org },
  { title: 'EMAIL', text: ({ email }) => email },
  { title: 'NAME', text: ({ name }) => name || '-' },
  { title: 'ROLE', text: ({ role }) => role },
  { title: 'JOINED', text: (member) => `${ageText(member.joined_at)} ago` },
];
const PERSON = argument('person', 'Their e-mail address, or the id of the membership');

const memberList = buildCommand({
  docs: { brief: 'List the people in your orgs' },
  parameters: { flags: COMMON, aliases: COMMON_ALIASES },
  async func(this: CliContext, flags: CommonFlags) {
    const { client, print } = await sessionOpen(this, flags);
    print.list(COLUMNS, await allOf(listAll(client, '/members/')));
  },
});

const memberUpdate = buildCommand({
  docs: { brief: 'Change the role of a member' },
  parameters: {
    flags: {
      ...COMMON,
      role: { kind: 'enum', values: ROLES, brief: 'The new role' },
    },
    aliases: COMMON_ALIASES,
    positional: PERSON,
  },
  async func(this: CliContext, flags: CommonFlags & { role: Role }, reference: string) {
    const session = await sessionOpen(this, flags);
    const member = await memberFind(session, reference);
    const params = { path: { id: member.id }, header: inOrg(member) };
    const changed = session.client.PATCH('/members/{id}/', { params, body: { role: flags.role } });
    session.print.one(await unwrap(changed), COLUMNS);
  },
});

const memberDelete = buildCommand({
  docs: { brief: 'Remove someone from an org' },
  parameters: {
    flags: { ...COMMON, yes: switchFlag('Do not ask') },
    aliases: { ...COMMON_ALIASES, y: 'yes' },
    positional: PERSON,
  },
  async func(this: CliContext, flags: CommonFlags & { yes?: boolean }, reference: string) {
    const session = await sessionOpen(this, flags);
    const member = await memberFind(session, reference);
    const what = `This removes ${member.email} from ${member.org}, and ends their access at once.`;
    await destructionConfirm(this.io, flags.yes, { what });
    const params = { path: { id: member.id }, header: inOrg(member) };
    await unwrap(session.client.DELETE('/members/{id}/', { params }));
    session.say(`Removed ${member.email} from ${member.org}.`);
  },
});

function memberFind({ client }: Session, reference: string): Promise<Member> {
  const list = listAll(client, '/members/');
  return listedFind(list, { kind: 'member', reference, nameOf: ({ email }) => email });
}

export const memberRoutes = buildRouteMap({
  docs: { brief: 'Members: list, change roles, remove' },
  defaultCommand: 'list',
  routes: { list: memberList, update: memberUpdate, delete: memberDelete },
});
