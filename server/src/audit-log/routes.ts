import { momentRequire } from '../http/moment.ts';
import { pageLinks, pageRequestParse } from '../http/pagination.ts';
import { type Route, routeDefine } from '../http/route.ts';
import { pageSchema } from '../http/schema.ts';
import { AuditEntry, AuditListQuery } from './schema.ts';
import * as store from './store.ts';

const auditList = routeDefine({
  operationId: 'auditList',
  method: 'GET',
  path: '/audit-log/',
  tag: 'Audit log',
  summary: 'List what was done',
  description:
    'Who changed what in the org, or in all your orgs in which you may see it when none is named, newest first. Kept for 365 days.',
  action: 'audit.list',
  org: 'read',
  query: AuditListQuery,
  success: { status: 200, description: 'A page of the log.', schema: pageSchema(AuditEntry) },
  async handle(call, deps) {
    const slugs = new Map(call.orgs.map((org) => [org.orgId, org.slug]));
    const { since, until, ...rest } = call.query;
    const filter = {
      ...rest,
      since: momentRequire('since', since),
      until: momentRequire('until', until),
    };
    const request = pageRequestParse(call.query);
    const page = await store.auditList(deps.db, [...slugs.keys()], request, filter);
    return {
      status: 200,
      body: {
        ...pageLinks(deps.config.publicUrl, call.request.url, page),
        results: page.rows.map((row) => store.auditShow(row, slugs.get(row.org_id) ?? '')),
      },
    };
  },
});

export const auditRoutes: readonly Route[] = [auditList];
