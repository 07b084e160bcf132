import type { AuditEntry } from '../audit/store.ts';
import type { ApiDeps } from '../deps.ts';
import { type FieldFaults, notFound, validationError } from '../errors.ts';
import { auditOfCall } from '../http/audit.ts';
import { ifMatchCheck } from '../http/etag.ts';
import { pageLinks, pageRequestParse } from '../http/pagination.ts';
import { type Call, type Route, pathId, routeDefine } from '../http/route.ts';
import { pageSchema } from '../http/schema.ts';
import { type Trx, writeRun } from '../http/write.ts';
import { mountsLock, mountsWrite } from '../volumes/mounts.ts';
import { containerCreateHandle } from './create.ts';
import { containerDesiredEqual, containerFaults, containerMerge } from './rules.ts';
import {
  CONTAINER_CHANGED_EXAMPLE,
  CONTAINER_PENDING_EXAMPLE,
  Container,
  ContainerCreate,
  ContainerListQuery,
  ContainerUpdate,
} from './schema.ts';
import * as store from './store.ts';

const TAG = 'Containers';

const containerList = routeDefine({
  operationId: 'containerList',
  method: 'GET',
  path: '/containers/',
  tag: TAG,
  summary: 'List containers',
  description: 'The containers of one org, or of all your orgs when none is named, newest first.',
  org: 'read',
  query: ContainerListQuery,
  success: { status: 200, description: 'A page of containers.', schema: pageSchema(Container) },
  async handle(call, deps) {
    const slugs = new Map(call.orgs.map((org) => [org.orgId, org.slug]));
    const page = await store.containerList(
      deps.db,
      [...slugs.keys()],
      pageRequestParse(call.query),
      call.query,
    );
    return {
      status: 200,
      body: {
        ...pageLinks(deps.config.publicUrl, call.request.url, page),
        results: page.rows.map((row) =>
          store.containerShow(row, slugs.get(row.org_id) ?? '', deps.secrets),
        ),
      },
    };
  },
});

const containerCreate = routeDefine({
  operationId: 'containerCreate',
  method: 'POST',
  path: '/containers/',
  tag: TAG,
  summary: 'Create a container',
  description:
    'Returns at once with status `pending`; the image is pulled and the process started behind it. Read the container until its status settles.',
  org: 'write',
  body: ContainerCreate,
  rules,
  example: { name: 'web', image: 'nginx:1.27' },
  success: {
    status: 201,
    description: 'The new container.',
    schema: Container,
    example: CONTAINER_PENDING_EXAMPLE,
    etag: true,
  },
  errors: ['quota_exceeded', 'conflict', 'idempotency_mismatch', 'idempotency_in_progress'],
  handle: containerCreateHandle,
});

const containerRead = routeDefine({
  operationId: 'containerRead',
  method: 'GET',
  path: '/containers/{id}/',
  tag: TAG,
  summary: 'Read a container',
  description: 'One container, as it is just now.',
  org: 'read',
  success: { status: 200, description: 'The container.', schema: Container, etag: true },
  errors: ['not_found'],
  async handle(call, deps) {
    const id = pathId(call.params);
    const orgIds = call.orgs.map((org) => org.orgId);
    const row = id === null ? null : await store.containerRead(deps.db, orgIds, id);
    const org = call.orgs.find((candidate) => candidate.orgId === row?.org_id);
    if (row === null || org === undefined) throw notFound();
    return {
      status: 200,
      body: store.containerShow(row, org.slug, deps.secrets),
      version: row,
      headers: { 'x-dollarbox-org': org.slug },
    };
  },
});

const containerUpdate = routeDefine({
  operationId: 'containerUpdate',
  method: 'PATCH',
  path: '/containers/{id}/',
  tag: TAG,
  summary: 'Update a container',
  description:
    'A merge: an absent field is untouched, a present one is replaced whole, `env` and `volumes` too: a volume that is left out of the list is detached, with its data. The running version goes on until the new image is there, and the new volumes are free; the change is in effect when `observed_generation` equals `generation`. The name is fixed.',
  org: 'write',
  body: ContainerUpdate,
  rules,
  example: { image: 'nginx:1.28' },
  success: {
    status: 200,
    description: 'The container.',
    schema: Container,
    example: CONTAINER_CHANGED_EXAMPLE,
    etag: true,
  },
  errors: ['not_found', 'conflict', 'precondition_failed'],
  async handle(call, deps) {
    return writeRun(deps, call, 'member', async (trx, orgId) => {
      const row = await containerOpen(trx, call, orgId);
      const slug = call.orgs[0]?.slug ?? '';
      const now = store.containerRowDesired(row, deps.secrets);
      const isReadable = store.envOpen(deps.secrets, row.env_sealed) !== null;
      const { volumes } = call.body;
      const mounts = volumes && (await mountsLock(trx, orgId, row.id, volumes));
      const faults = { ...changeFaults(call.body, now.name, isReadable), ...mounts?.faults };
      if (Object.keys(faults).length > 0) throw validationError(faults);
      ifMatchCheck(call.request.headers['if-match'], row);
      const desired = containerMerge(now, call.body);
      if (isReadable && containerDesiredEqual(now, desired)) {
        return { status: 200, body: store.containerShow(row, slug, deps.secrets), version: row };
      }
      const audit = auditEntry(call, deps, orgId, 'container.update', {
        fields: Object.keys(call.body),
      });
      if (mounts !== undefined)
        await mountsWrite(trx, mounts.held, row.id, desired.volumes, audit.at);
      const shown = await store.containerUpdate(trx, deps.secrets, row.id, desired, {
        ...audit,
        objectId: row.id,
      });
      return { status: 200, body: store.containerShow(shown, slug, deps.secrets), version: shown };
    });
  },
});

const containerDelete = routeDefine({
  operationId: 'containerDelete',
  method: 'DELETE',
  path: '/containers/{id}/',
  tag: TAG,
  summary: 'Delete a container',
  description:
    'From the reply on, the container is gone, its name and its place in the quota are free. The process is asked to end, and ended after ten seconds.',
  org: 'write',
  success: { status: 204, description: 'Deleted.' },
  errors: ['not_found', 'precondition_failed'],
  async handle(call, deps) {
    return writeRun(deps, call, 'member', async (trx, orgId) => {
      const row = await containerOpen(trx, call, orgId);
      ifMatchCheck(call.request.headers['if-match'], row);
      await store.containerDelete(trx, row, {
        ...auditEntry(call, deps, orgId, 'container.delete', { name: row.name }),
        objectId: row.id,
      });
      return { status: 204 };
    });
  },
});

export const containerRoutes: readonly Route[] = [
  containerList,
  containerCreate,
  containerRead,
  containerUpdate,
  containerDelete,
];

function rules(body: Record<string, unknown>, deps: ApiDeps) {
  return containerFaults(body, deps.config.allowedRegistries);
}

/** What is wrong with a change of this very container. */
function changeFaults(body: ContainerUpdate, name: string, isEnvReadable: boolean): FieldFaults {
  const faults: FieldFaults = {};
  if (body.name !== undefined && body.name !== name) {
    faults['name'] = ['A container keeps its name: delete it and create another one to rename it.'];
  }
  if (!isEnvReadable && body.env === undefined) {
    faults['env'] = ["What was stored can't be read any more: send all of it again."];
  }
  return faults;
}

/** The container of a path, held for a change. */
async function containerOpen(trx: Trx, call: Call, orgId: number): Promise<store.ContainerRow> {
  const id = pathId(call.params);
  const row = id === null ? null : await store.containerLock(trx, orgId, id);
  if (row === null) throw notFound();
  return row;
}

function auditEntry(
  call: Call,
  deps: ApiDeps,
  orgId: number,
  action: string,
  detail: Record<string, unknown>,
): Omit<AuditEntry, 'objectId'> {
  return auditOfCall(call, deps, { orgId, action, objectKind: 'container', detail });
}
