import { notFound } from '../base/errors.ts';
import type { ApiDeps } from '../http/deps.ts';
import { pageLinks, pageRequestParse } from '../http/pagination.ts';
import {
  type Answer,
  type Route,
  pathId,
  pathIdRequire,
  preconditionOf,
  routeDefine,
} from '../http/route.ts';
import { pageSchema } from '../http/schema.ts';
import { writeRun } from '../http/write.ts';
import * as operations from './operations.ts';
import { Invitation, InvitationCreate, InvitationListQuery, InvitationMade } from './schema.ts';
import * as store from './store.ts';

const TAG = 'Invitations';

const invitationList = routeDefine({
  operationId: 'invitationList',
  method: 'GET',
  path: '/invitations/',
  tag: TAG,
  summary: 'List invitations',
  description:
    'The invitations of the org, or of all your orgs in which you may see them when none is named, newest first. Accepted and expired ones stay until they are revoked.',
  action: 'invitation.list',
  org: 'read',
  query: InvitationListQuery,
  success: { status: 200, description: 'A page of invitations.', schema: pageSchema(Invitation) },
  async handle(call, { db, config }) {
    const slugs = new Map(call.orgs.map((org) => [org.orgId, org.slug]));
    const request = pageRequestParse(call.query);
    const page = await store.invitationList(db, [...slugs.keys()], request);
    return {
      status: 200,
      body: {
        ...pageLinks(config.publicUrl, call.request.url, page),
        results: page.rows.map((row) =>
          store.invitationShow(row, slugs.get(row.org_id) ?? '', config.signup),
        ),
      },
    };
  },
});

const invitationCreate = routeDefine({
  operationId: 'invitationCreate',
  method: 'POST',
  path: '/invitations/',
  tag: TAG,
  summary: 'Invite someone',
  description:
    'Mails them a link to a page where they accept, within seven days. The reply has a link of its own in `accept_url`, to hand over where mail does not arrive. A mail that can not be delivered fails nothing.',
  action: 'invitation.create',
  org: 'write',
  body: InvitationCreate,
  example: { email: 'grace@example.com', role: 'member' },
  success: { status: 201, description: 'The invitation.', schema: InvitationMade, etag: true },
  errors: ['conflict', 'idempotency_mismatch', 'idempotency_in_progress'],
  async handle(call, deps) {
    const { email, role = 'member' } = call.body;
    const answer = await writeRun(deps, call, { org: true }, async (trx, actor) => {
      const made = await operations.invitationCreate(trx, actor, { email, role }, deps);
      return madeAnswer(deps, made, actor.org.slug, 201);
    });
    deps.mail.notify();
    return answer;
  },
});

const invitationRead = routeDefine({
  operationId: 'invitationRead',
  method: 'GET',
  path: '/invitations/{id}/',
  tag: TAG,
  summary: 'Read an invitation',
  description: 'One invitation.',
  action: 'invitation.read',
  org: 'read',
  success: { status: 200, description: 'The invitation.', schema: Invitation, etag: true },
  errors: ['not_found'],
  async handle(call, { db, config }) {
    const id = pathId(call.params);
    const orgIds = call.orgs.map((org) => org.orgId);
    const row = id === null ? null : await store.invitationRead(db, orgIds, id);
    const org = call.orgs.find((candidate) => candidate.orgId === row?.org_id);
    if (row === null || org === undefined) throw notFound();
    return {
      status: 200,
      body: store.invitationShow(row, org.slug, config.signup),
      version: store.invitationVersion(row),
      headers: { 'x-dollarbox-org': org.slug },
    };
  },
});

const invitationResend = routeDefine({
  operationId: 'invitationResend',
  method: 'POST',
  path: '/invitations/{id}/resend/',
  tag: TAG,
  summary: 'Send an invitation again',
  description:
    'Gives it new links and seven more days, and mails it. The links that it had stop working.',
  action: 'invitation.resend',
  org: 'write',
  success: {
    status: 200,
    description: 'The invitation with its new link.',
    schema: InvitationMade,
    etag: true,
  },
  errors: ['not_found', 'conflict', 'idempotency_mismatch', 'idempotency_in_progress'],
  async handle(call, deps) {
    const id = pathIdRequire(call.params);
    const answer = await writeRun(deps, call, { org: true }, async (trx, actor) => {
      const made = await operations.invitationResend(trx, actor, { id }, deps);
      return madeAnswer(deps, made, actor.org.slug, 200);
    });
    deps.mail.notify();
    return answer;
  },
});

const invitationDelete = routeDefine({
  operationId: 'invitationDelete',
  method: 'DELETE',
  path: '/invitations/{id}/',
  tag: TAG,
  summary: 'Revoke an invitation',
  description:
    'Its links stop working. Revoking one that was accepted removes it from the list, and no member from the org.',
  action: 'invitation.delete',
  org: 'write',
  success: { status: 204, description: 'The invitation is gone.' },
  errors: ['not_found'],
  async handle(call, deps) {
    const id = pathIdRequire(call.params);
    return writeRun(deps, call, { org: true }, async (trx, actor) => {
      const input = { id, precondition: preconditionOf(call) };
      await operations.invitationDelete(trx, actor, input, deps);
      return { status: 204 };
    });
  },
});

export const invitationRoutes: readonly Route[] = [
  invitationList,
  invitationCreate,
  invitationRead,
  invitationResend,
  invitationDelete,
];

/** The page where an invitation is accepted. */
export function acceptUrl(publicUrl: string, secret: string): string {
  return `${publicUrl}/invitations/accept?token=${secret}`;
}

function madeAnswer(
  { config }: Pick<ApiDeps, 'config'>,
  { row, secret }: operations.MadeInvitation,
  org: string,
  status: number,
): Answer {
  const shown = store.invitationShow(row, org, config.signup);
  return {
    status,
    body: { ...shown, accept_url: acceptUrl(config.publicUrl, secret) },
    version: store.invitationVersion(row),
  };
}
