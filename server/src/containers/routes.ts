import type { AuditEntry } from '../audit/store.ts';
import type { Db } from '../db/database.ts';
import type { ApiDeps } from '../deps.ts';
import { ApiError, notFound, serviceUnavailable, validationError } from '../errors.ts';
import { ifMatchCheck } from '../http/etag.ts';
import { pageLinks, pageRequestParse } from '../http/pagination.ts';
import { type Answer, type Call, type Route, pathId, routeDefine } from '../http/route.ts';
import { pageSchema } from '../http/schema.ts';
import { type Trx, writeRun, writeRunAlone, writerRequire } from '../http/write.ts';
import { installationRead } from '../installation/store.ts';
import { orgRoomRequire } from '../orgs/store.ts';
import type { SecretBox } from '../secrets.ts';
import {
  containerDesired,
  containerDesiredEqual,
  containerFaults,
  containerMerge,
} from './rules.ts';
import {
  CONTAINER_CHANGED_EXAMPLE,
  CONTAINER_PENDING_EXAMPLE,
  Container,
  ContainerCreate,
  ContainerListQuery,
  ContainerUpdate,
} from './schema.ts';
import { containerCreateTogether } from './create-together.ts';
import * as store from './store.ts';

const TAG = 'Containers';

/** How often a create is tried when what was in its way is gone by the time that it is looked for. */
const CREATE_ATTEMPTS = 5;

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
  async handle(call, deps) {
    const desired = containerDesired(call.body);
    const { secrets } = deps;
    const auditOf = (orgId: number) =>
      auditEntry(call, deps, orgId, 'container.create', { name: desired.name });
    return writeRunAlone(deps, call, 'member', {
      async together(db, orgId) {
        const { userId, tokenId } = call.principal;
        // Its statement reads tokens: those that come in number.
        if (tokenId === null) return null;
        const audit = auditOf(orgId);
        const ask = { orgId, userId, tokenId, desired, audit, secrets };
        const row = await containerCreateTogether(db, ask);
        return row && createAnswer(row, secrets);
      },
      async alone(db, orgId, asWriter) {
        for (let attempt = 1; attempt <= CREATE_ATTEMPTS; attempt += 1) {
          const audit = auditOf(orgId);
          const made = await store.containerCreate(db, secrets, orgId, desired, audit, asWriter);
          writerRequire(made.writer, 'member');
          if (made.row !== null) return createAnswer(made.row, secrets);
          await roomRequire(db, orgId, desired.name);
        }
        throw serviceUnavailable('Other requests were in the way: try again.');
      },
    });
  },
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
    'A merge: an absent field is untouched, a present one is replaced whole, `env` too. The running version goes on until the new image is there; the change is in effect when `observed_generation` equals `generation`. The name is fixed.',
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
  errors: ['not_found', 'precondition_failed'],
  async handle(call, deps) {
    return writeRun(deps, call, 'member', async (trx, orgId) => {
      const row = await containerOpen(trx, call, orgId);
      const now = store.containerRowDesired(row, deps.secrets);
      if (call.body.name !== undefined && call.body.name !== now.name) {
        throw validationError({
          name: ['A container keeps its name: delete it and create another one to rename it.'],
        });
      }
      ifMatchCheck(call.request.headers['if-match'], row);
      const isReadable = store.envOpen(deps.secrets, row.env_sealed) !== null;
      if (!isReadable && call.body.env === undefined) {
        throw validationError({
          env: ["What was stored can't be read any more: send all of it again."],
        });
      }
      const desired = containerMerge(now, call.body);
      const shown =
        isReadable && containerDesiredEqual(now, desired)
          ? row
          : await store.containerUpdate(trx, deps.secrets, row.id, desired, {
              ...auditEntry(call, deps, orgId, 'container.update', {
                fields: Object.keys(call.body),
              }),
              objectId: row.id,
            });
      const slug = call.orgs[0]?.slug ?? '';
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
      await store.containerDelete(trx, orgId, row.id, {
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

/** The container of a path, held for a change. */
async function containerOpen(trx: Trx, call: Call, orgId: number): Promise<store.ContainerRow> {
  const id = pathId(call.params);
  const row = id === null ? null : await store.containerLock(trx, orgId, id);
  if (row === null) throw notFound();
  return row;
}

function createAnswer(row: store.ContainerRow & { org_slug: string }, secrets: SecretBox): Answer {
  return { status: 201, body: store.containerShow(row, row.org_slug, secrets), version: row };
}

/** Tells what was in the way of a create, if it still is. A taken name is told before a full quota. */
async function roomRequire(db: Db, orgId: number, name: string): Promise<void> {
  if (await store.containerNameIsTaken(db, orgId, name)) throw nameConflict(name);
  await orgRoomRequire(db, orgId);
  // With little room for images and layers left, what runs goes on, and nothing new is taken.
  const { storage_low } = await installationRead(db);
  if (!storage_low) return;
  throw serviceUnavailable(
    'The host has little disk space left and takes no new containers: try again later.',
  );
}

function nameConflict(name: string): ApiError {
  return new ApiError(
    'conflict',
    `This org has a container named "${name}" already: choose another name or delete that one.`,
    { detail: { name } },
  );
}

function auditEntry(
  call: Call,
  deps: ApiDeps,
  orgId: number,
  action: string,
  detail: Record<string, unknown>,
): Omit<AuditEntry, 'objectId'> {
  return {
    at: deps.clock.now(),
    orgId,
    userId: call.principal.userId,
    tokenId: call.principal.tokenId,
    requestId: call.requestId,
    action,
    objectKind: 'container',
    detail,
  };
}
