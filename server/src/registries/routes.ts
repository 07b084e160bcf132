import { notFound } from '../base/errors.ts';
import type { ApiDeps } from '../http/deps.ts';
import { pageLinks, pageRequestParse } from '../http/pagination.ts';
import { type Route, pathId, pathIdRequire, preconditionOf, routeDefine } from '../http/route.ts';
import { pageSchema } from '../http/schema.ts';
import { writeRun } from '../http/write.ts';
import * as operations from './operations.ts';
import { registryFaults } from './rules.ts';
import { Registry, RegistryCreate, RegistryListQuery } from './schema.ts';
import * as store from './store.ts';

const TAG = 'Registries';

const registryList = routeDefine({
  operationId: 'registryList',
  method: 'GET',
  path: '/registries/',
  tag: TAG,
  summary: 'List registry credentials',
  description: 'The credentials of one org, or of all your orgs when none is named, newest first.',
  action: 'registry.list',
  org: 'read',
  query: RegistryListQuery,
  success: { status: 200, description: 'A page of credentials.', schema: pageSchema(Registry) },
  async handle(call, deps) {
    const slugs = new Map(call.orgs.map((org) => [org.orgId, org.slug]));
    const page = await store.registryList(deps.db, [...slugs.keys()], pageRequestParse(call.query));
    return {
      status: 200,
      body: {
        ...pageLinks(deps.config.publicUrl, call.request.url, page),
        results: page.rows.map((row) => store.registryShow(row, slugs.get(row.org_id) ?? '')),
      },
    };
  },
});

const registryCreate = routeDefine({
  operationId: 'registryCreate',
  method: 'POST',
  path: '/registries/',
  tag: TAG,
  summary: 'Create a registry credential',
  description:
    "From now on, the org's images on this host are pulled with it. Containers that could not be started because of such an image are tried again at once. An org has at most 20.",
  action: 'registry.create',
  org: 'write',
  body: RegistryCreate,
  rules: (body, deps: ApiDeps) => registryFaults(body, deps.config.allowedRegistries),
  example: { host: 'registry.example.com', username: 'deploy', secret: 'an access token' },
  success: { status: 201, description: 'The new credential.', schema: Registry, etag: true },
  errors: ['quota_exceeded', 'conflict', 'idempotency_mismatch', 'idempotency_in_progress'],
  async handle(call, deps) {
    return writeRun(deps, call, { org: true }, async (trx, actor) => {
      const row = await operations.registryCreate(trx, actor, call.body, deps);
      const body = store.registryShow(row, actor.org.slug);
      return { status: 201, body, version: store.REGISTRY_VERSION };
    });
  },
});

const registryRead = routeDefine({
  operationId: 'registryRead',
  method: 'GET',
  path: '/registries/{id}/',
  tag: TAG,
  summary: 'Read a registry credential',
  description: 'One credential, without its secret.',
  action: 'registry.read',
  org: 'read',
  success: { status: 200, description: 'The credential.', schema: Registry, etag: true },
  errors: ['not_found'],
  async handle(call, deps) {
    const id = pathId(call.params);
    const orgIds = call.orgs.map((org) => org.orgId);
    const row = id === null ? null : await store.registryRead(deps.db, orgIds, id);
    const org = call.orgs.find((candidate) => candidate.orgId === row?.org_id);
    if (row === null || org === undefined) throw notFound();
    return {
      status: 200,
      body: store.registryShow(row, org.slug),
      version: store.REGISTRY_VERSION,
      headers: { 'x-dollarbox-org': org.slug },
    };
  },
});

const registryDelete = routeDefine({
  operationId: 'registryDelete',
  method: 'DELETE',
  path: '/registries/{id}/',
  tag: TAG,
  summary: 'Delete a registry credential',
  description:
    'The credential is no longer used. What runs keeps running; a new version of a container needs its image to be pulled again, without this credential.',
  action: 'registry.delete',
  org: 'write',
  success: { status: 204, description: 'Deleted.' },
  errors: ['not_found', 'precondition_failed'],
  async handle(call, deps) {
    return writeRun(deps, call, { org: true }, async (trx, actor) => {
      const input = { id: pathIdRequire(call.params), precondition: preconditionOf(call) };
      await operations.registryDelete(trx, actor, input, deps);
      return { status: 204 };
    });
  },
});

export const registryRoutes: readonly Route[] = [
  registryList,
  registryCreate,
  registryRead,
  registryDelete,
];
