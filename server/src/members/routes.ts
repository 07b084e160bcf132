import { notFound } from '../base/errors.ts';
import type { Trx } from '../db/database.ts';
import { pageLinks, pageRequestParse } from '../http/pagination.ts';
import { type Route, pathId, pathIdRequire, preconditionOf, routeDefine } from '../http/route.ts';
import { pageSchema } from '../http/schema.ts';
import { type WriteLocks, writeRun } from '../http/write.ts';
import * as operations from './operations.ts';
import { Member, MemberListQuery, MemberUpdate } from './schema.ts';
import * as store from './store.ts';

const TAG = 'Members';

const memberList = routeDefine({
  operationId: 'memberList',
  method: 'GET',
  path: '/members/',
  tag: TAG,
  summary: 'List members',
  description: 'Who is in the org, or in all your orgs when none is named, newest first.',
  action: 'member.list',
  org: 'read',
  query: MemberListQuery,
  success: { status: 200, description: 'A page of members.', schema: pageSchema(Member) },
  async handle(call, deps) {
    const slugs = new Map(call.orgs.map((org) => [org.orgId, org.slug]));
    const request = pageRequestParse(call.query);
    const page = await store.memberList(deps.db, [...slugs.keys()], request, call.query);
    return {
      status: 200,
      body: {
        ...pageLinks(deps.config.publicUrl, call.request.url, page),
        results: page.rows.map((row) => store.memberShow(row, slugs.get(row.org_id) ?? '')),
      },
    };
  },
});

const memberRead = routeDefine({
  operationId: 'memberRead',
  method: 'GET',
  path: '/members/{id}/',
  tag: TAG,
  summary: 'Read a member',
  description: 'One member.',
  action: 'member.read',
  org: 'read',
  success: { status: 200, description: 'The member.', schema: Member, etag: true },
  errors: ['not_found'],
  async handle(call, deps) {
    const id = pathId(call.params);
    const orgIds = call.orgs.map((org) => org.orgId);
    const row = id === null ? null : await store.memberRead(deps.db, orgIds, id);
    const org = call.orgs.find((candidate) => candidate.orgId === row?.org_id);
    if (row === null || org === undefined) throw notFound();
    return {
      status: 200,
      body: store.memberShow(row, org.slug),
      version: store.memberVersion(row),
      headers: { 'x-dollarbox-org': org.slug },
    };
  },
});

const memberUpdate = routeDefine({
  operationId: 'memberUpdate',
  method: 'PATCH',
  path: '/members/{id}/',
  tag: TAG,
  summary: "Change a member's role",
  description:
    'In effect from the next request on. An org always has an owner: the last one keeps the role.',
  action: 'member.update',
  org: 'write',
  body: MemberUpdate,
  example: { role: 'admin' },
  success: { status: 200, description: 'The member.', schema: Member, etag: true },
  errors: ['not_found', 'conflict'],
  async handle(call, deps) {
    const id = pathIdRequire(call.params);
    return writeRun(deps, call, memberLocks(id), async (trx, actor) => {
      const input = { id, role: call.body.role, precondition: preconditionOf(call) };
      const row = await operations.memberUpdate(trx, actor, input, deps);
      return {
        status: 200,
        body: store.memberShow(row, actor.org.slug),
        version: store.memberVersion(row),
      };
    });
  },
});

const memberDelete = routeDefine({
  operationId: 'memberDelete',
  method: 'DELETE',
  path: '/members/{id}/',
  tag: TAG,
  summary: 'Remove a member',
  description:
    'Ends, from the next request on, what they may do in the org by session and by token; their tokens that are restricted to the org are revoked. The last owner of an org stays.',
  action: 'member.delete',
  org: 'write',
  success: { status: 204, description: 'They are no longer in the org.' },
  errors: ['not_found', 'conflict'],
  async handle(call, deps) {
    const id = pathIdRequire(call.params);
    return writeRun(deps, call, memberLocks(id), async (trx, actor) => {
      await operations.memberDelete(trx, actor, { id, precondition: preconditionOf(call) }, deps);
      return { status: 204 };
    });
  },
});

export const memberRoutes: readonly Route[] = [memberList, memberRead, memberUpdate, memberDelete];

/** The org, since owners are counted, and the member, whose rights may end. */
function memberLocks(id: number): WriteLocks {
  return {
    org: true,
    async users(trx: Trx, orgId) {
      const row = await store.memberRead(trx, [orgId], id);
      return row === null ? [] : [row.user_id];
    },
  };
}
