import { listAll, unwrap } from '@dollarbox/client';
import { buildCommand, buildRouteMap } from '@stricli/core';
import { destructionConfirm } from '../base/ask.ts';
import { allOf, inOrg, listedFind } from '../base/find.ts';
import {
  COMMON,
  COMMON_ALIASES,
  type CommonFlags,
  argument,
  choiceFlag,
  switchFlag,
} from '../base/flags.ts';
import type { CliContext } from '../base/io.ts';
import { type Session, sessionOpen } from '../base/session.ts';
import type { Column } from '../base/table.ts';

interface Invitation {
  id: number;
  org: string;
  email: string;
  role: string;
  accepted: boolean;
  expires_at: string;
}

const COLUMNS: readonly Column<Invitation>[] = [
  { title: 'ID', text: ({ id }) => String(id) },
  { title: 'ORG', text: ({ org }) => org },
  { title: 'EMAIL', text: ({ email }) => email },
  { title: 'ROLE', text: ({ role }) => role },
  { title: 'STATUS', text: statusText },
];
const WHOM = argument('invitation', 'The address that was invited, or the id of the invitation');

function statusText({ accepted, expires_at: expiresAt }: Invitation): string {
  if (accepted) return 'accepted';
  return Date.parse(expiresAt) <= Date.now() ? 'expired' : `open until ${expiresAt.slice(0, 10)}`;
}

const invitationList = buildCommand({
  docs: { brief: 'List invitations' },
  parameters: { flags: COMMON, aliases: COMMON_ALIASES },
  async func(this: CliContext, flags: CommonFlags) {
    const { client, print } = await sessionOpen(this, flags);
    print.list(COLUMNS, await allOf(listAll(client, '/invitations/')));
  },
});

const invitationCreate = buildCommand({
  docs: { brief: 'Invite someone into an org' },
  parameters: {
    flags: { ...COMMON, role: choiceFlag('The role that they get', ['member', 'admin']) },
    aliases: COMMON_ALIASES,
    positional: argument('email', 'Their e-mail address'),
  },
  async func(this: CliContext, flags: CommonFlags & { role?: 'member' | 'admin' }, email: string) {
    const session = await sessionOpen(this, flags);
    const body = { email, role: flags.role ?? ('member' as const) };
    const made = await unwrap(session.client.POST('/invitations/', { body }));
    linkTell(session, made);
    session.print.one(made, COLUMNS);
  },
});

const invitationResend = buildCommand({
  docs: { brief: 'Make a new link for an invitation; the old one stops working' },
  parameters: { flags: COMMON, aliases: COMMON_ALIASES, positional: WHOM },
  async func(this: CliContext, flags: CommonFlags, reference: string) {
    const session = await sessionOpen(this, flags);
    const invitation = await invitationFind(session, reference);
    const params = { path: { id: invitation.id }, header: inOrg(invitation) };
    const made = await unwrap(session.client.POST('/invitations/{id}/resend/', { params }));
    linkTell(session, made);
    session.print.one(made, COLUMNS);
  },
});

/** Says the link, which no later reply has. */
function linkTell({ say, print }: Session, made: Invitation & { accept_url: string }): void {
  if (print.format === 'table') say(`${made.email} accepts at ${made.accept_url}`);
}

const invitationDelete = buildCommand({
  docs: { brief: 'Revoke an invitation' },
  parameters: {
    flags: { ...COMMON, yes: switchFlag('Do not ask') },
    aliases: { ...COMMON_ALIASES, y: 'yes' },
    positional: WHOM,
  },
  async func(this: CliContext, flags: CommonFlags & { yes?: boolean }, reference: string) {
    const session = await sessionOpen(this, flags);
    const invitation = await invitationFind(session, reference);
    const { id, email, org } = invitation;
    await destructionConfirm(this.io, flags.yes, {
      what: `This revokes the invitation of ${email} into ${org}.`,
    });
    const params = { path: { id }, header: inOrg(invitation) };
    await unwrap(session.client.DELETE('/invitations/{id}/', { params }));
    session.say(`Revoked the invitation of ${email}.`);
  },
});

async function invitationFind({ client }: Session, reference: string): Promise<Invitation> {
  const list = listAll(client, '/invitations/');
  const nameOf = ({ email }: Invitation) => email;
  // Of several to one address, the one that is still open is meant.
  const all = await allOf(list);
  const open = all.filter(
    ({ accepted, expires_at: at }) => !accepted && Date.parse(at) > Date.now(),
  );
  const isOpen = open.some((each) => nameOf(each).toLowerCase() === reference.toLowerCase());
  return listedFind(isOpen ? open : all, { kind: 'invitation', reference, nameOf });
}

export const invitationRoutes = buildRouteMap({
  docs: { brief: 'Invitations: list, create, resend, revoke' },
  defaultCommand: 'list',
  routes: {
    list: invitationList,
    create: invitationCreate,
    resend: invitationResend,
    delete: invitationDelete,
  },
});
