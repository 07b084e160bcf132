import { notFound } from '../errors.ts';
import type { ApiDeps } from '../deps.ts';
import { apiDisabled, orgIsOpen } from '../http/org.ts';
import { pageLinks, pageRequestParse } from '../http/pagination.ts';
import { ROLE_RANK } from '../http/permission.ts';
import { type Call, type Route, routeDefine } from '../http/route.ts';
import { pageSchema } from '../http/schema.ts';
import { SLUG } from './create.ts';
import { Org, OrgListQuery, OrgUsage } from './schema.ts';
import * as store from './store.ts';

const TAG = 'Orgs';

const orgList = routeDefine({
  operationId: 'orgList',
  method: 'GET',
  path: '/orgs/',
  tag: TAG,
  summary: 'List orgs',
  description: 'The orgs that you are in, newest first; with an org-restricted token, that one.',
  org: 'path',
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

const orgRead = routeDefine({
  operationId: 'orgRead',
  method: 'GET',
  path: '/orgs/{slug}/',
  tag: TAG,
  summary: 'Read an org',
  description: 'One org that you are in.',
  org: 'path',
  success: { status: 200, description: 'The org.', schema: Org, etag: true },
  errors: ['not_found', 'api_disabled'],
  async handle(call, deps) {
    const row = await orgOpen(call, deps);
    return {
      status: 200,
      body: orgShow(row),
      // The caller's role shows, and is not the org's own.
      version: { generation: row.generation, revision: ROLE_RANK[row.role] },
      headers: { 'x-dollarbox-org': row.slug },
    };
  },
});

const orgUsageRead = routeDefine({
  operationId: 'orgUsageRead',
  method: 'GET',
  path: '/orgs/{slug}/usage/',
  tag: TAG,
  summary: "Read an org's usage",
  description: 'What the org uses of each limit of its plan.',
  org: 'path',
  success: { status: 200, description: 'Limits and use.', schema: OrgUsage },
  errors: ['not_found', 'api_disabled'],
  async handle(call, deps) {
    const row = await orgOpen(call, deps);
    return {
      status: 200,
      body: {
        containers: { limit: row.container_limit, current: row.container_count },
        volume_gb: { limit: row.volume_gb_limit, current: row.volume_gb_count },
      },
      headers: { 'x-dollarbox-org': row.slug },
    };
  },
});

export const orgRoutes: readonly Route[] = [orgList, orgRead, orgUsageRead];

/** The org of a path, when the caller is in it and it takes API requests. */
async function orgOpen(call: Call, deps: ApiDeps): Promise<store.OrgRow> {
  const { userId, tokenOrgId } = call.principal;
  const slug = call.params['slug'] ?? '';
  const row = SLUG.test(slug) ? await store.orgRead(deps.db, userId, tokenOrgId, slug) : null;
  if (row === null) throw notFound();
  if (!orgIsOpen(call.principal, row.api_enabled)) throw apiDisabled();
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
