import type { Db } from '../db/database.ts';
import { DomainError } from '../base/domain-error.ts';
import { notFound } from '../base/errors.ts';
import { pageLinks, pageRequestParse } from '../http/pagination.ts';
import { ROLE_RANK } from '../changes/policy.ts';
import { type Answer, type Call, type Route, preconditionOf, routeDefine } from '../http/route.ts';
import { pageSchema } from '../http/schema.ts';
import { writeRun, writeRunUnscoped } from '../http/write.ts';
import { memberUserIds } from '../members/store.ts';
import * as operations from './operations.ts';
import { Org, OrgCreate, OrgListQuery, OrgUpdate, OrgUsage } from './schema.ts';
import * as store from './store.ts';

const TAG = 'Orgs';

const orgList = routeDefine({
  operationId: 'orgList',
  method: 'GET',
  path: '/orgs/',
  tag: TAG,
  summary: 'List orgs',
  description: 'The orgs that you are in, newest first; with an org-restricted token, that one.',
  action: 'org.list',
  org: 'none',
  query: OrgListQuery,
  success: { status: 200, description: 'A page of orgs.', schema: pageSchema(Org) },
  async handle(call, deps) {
    const request = pageRequestParse(call.query);
    const page = await store.orgList(deps.db, call.principal, request, call.query);
    return {
      status: 200,
      body: {
        ...pageLinks(deps.config.publicUrl, call.request.url, page),
        results: page.rows.map(orgShow),
      },
    };
  },
});

const orgCreate = routeDefine({
  operationId: 'orgCreate',
  method: 'POST',
  path: '/orgs/',
  tag: TAG,
  summary: 'Create an org',
  description:
    'Creates an org with you as its owner. A person may own three, unless the operator has set another limit; the operator may also keep the creation of orgs to themself. While the server is still finding out whether its engine keeps orgs apart, some seconds after a start, this is 503: try it again.',
  action: 'org.create',
  org: 'none',
  body: OrgCreate,
  example: { slug: 'acme', name: 'Acme' },
  success: { status: 201, description: 'The new org.', schema: Org, etag: true },
  errors: ['quota_exceeded', 'conflict', 'idempotency_mismatch', 'idempotency_in_progress'],
  async handle(call, deps) {
    const { config } = deps;
    if (config.orgCreation === 'closed') {
      throw new DomainError(
        'not_permitted',
        'Only the operator creates orgs here (ORG_CREATION is closed): ask them for one.',
      );
    }
    return writeRunUnscoped(deps, call, async (trx, actor) => {
      const allowWeakIsolation = config.isolation === 'weak';
      const owned = { ownerId: actor.userId, ownedLimit: config.orgsPerOwner };
      const input = { ...call.body, ...owned, allowWeakIsolation };
      const row = await operations.orgCreate(trx, actor, input, deps);
      return { ...orgAnswer(row, 201), headers: { 'x-dollarbox-org': row.slug } };
    });
  },
});

const orgRead = routeDefine({
  operationId: 'orgRead',
  method: 'GET',
  path: '/orgs/{slug}/',
  tag: TAG,
  summary: 'Read an org',
  description: 'One org that you are in.',
  action: 'org.read',
  org: 'path',
  success: { status: 200, description: 'The org.', schema: Org, etag: true },
  async handle(call, deps) {
    return orgAnswer(await orgOpen(call, deps.db), 200);
  },
});

const orgUpdate = routeDefine({
  operationId: 'orgUpdate',
  method: 'PATCH',
  path: '/orgs/{slug}/',
  tag: TAG,
  summary: 'Change an org',
  description:
    'Changes what is sent. Once `api_enabled` is false, tokens are refused for this org from the next request on, and only the panel turns it on again.',
  action: 'org.update',
  org: 'path',
  body: OrgUpdate,
  example: { name: 'Acme Inc', billing_email: 'bills@acme.example' },
  success: { status: 200, description: 'The org.', schema: Org, etag: true },
  async handle(call, deps) {
    // Turning the API off ends what members may do with their tokens.
    const ends = call.body.api_enabled === false ? { users: memberUserIds } : {};
    return writeRun(deps, call, { org: true, ...ends }, async (trx, actor) => {
      const input = { change: call.body, precondition: preconditionOf(call) };
      await operations.orgUpdate(trx, actor, input, deps);
      return orgAnswer(await orgOpen(call, trx), 200);
    });
  },
});

const orgDelete = routeDefine({
  operationId: 'orgDelete',
  method: 'DELETE',
  path: '/orgs/{slug}/',
  tag: TAG,
  summary: 'Delete an org',
  description:
    'Deletes an org that has no containers and no volumes, for good: its members lose it at once, tokens that are restricted to it end, and its slug is never given out again.',
  action: 'org.delete',
  org: 'path',
  success: { status: 204, description: 'The org is gone.' },
  errors: ['conflict'],
  async handle(call, deps) {
    const locks = { org: true, users: memberUserIds } as const;
    return writeRun(deps, call, locks, async (trx, actor) => {
      await operations.orgDelete(trx, actor, { precondition: preconditionOf(call) }, deps);
      return { status: 204 };
    });
  },
});

const orgUsageRead = routeDefine({
  operationId: 'orgUsageRead',
  method: 'GET',
  path: '/orgs/{slug}/usage/',
  tag: TAG,
  summary: "Read an org's usage",
  description: 'What the org uses of each limit of its plan.',
  action: 'org.usage.read',
  org: 'path',
  success: { status: 200, description: 'Limits and use.', schema: OrgUsage },
  async handle(call, deps) {
    const row = await orgOpen(call, deps.db);
    return {
      status: 200,
      body: {
        containers: { limit: row.container_limit, current: row.container_count },
        volume_gb: { limit: row.volume_gb_limit, current: row.volume_gb_count },
      },
    };
  },
});

export const orgRoutes: readonly Route[] = [
  orgList,
  orgCreate,
  orgRead,
  orgUpdate,
  orgDelete,
  orgUsageRead,
];

function orgAnswer(row: store.OrgRow, status: number): Answer {
  // The reply contains the caller's role, which is not part of the org.
  const version = { generation: row.generation, revision: ROLE_RANK[row.role] };
  return { status, body: orgShow(row), version };
}

/** The org of the path. @throws ApiError 404 if the caller was removed from it a moment ago. */
async function orgOpen(
  { principal, orgs }: Pick<Call, 'principal' | 'orgs'>,
  db: Db,
): Promise<store.OrgRow> {
  const [org] = orgs;
  const row = org === undefined ? null : await store.orgRead(db, principal.userId, org.orgId);
  if (row === null) throw notFound();
  return row;
}

function orgShow(row: store.OrgRow) {
  return {
    slug: row.slug,
    name: row.name,
    billing_email: row.billing_email,
    status: row.status,
    billing_mode: row.billing_mode,
    kubectl_enabled: row.kubectl_enabled,
    api_enabled: row.api_enabled,
    role: row.role,
    created_at: row.created_at.toISOString(),
  };
}
