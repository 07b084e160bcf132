import type { ApiDeps } from '../http/deps.ts';
import type { OrgActor } from '../changes/actor.ts';
import type { Trx } from '../db/database.ts';
import { notFound } from '../base/errors.ts';
import { pageLinks, pageRequestParse } from '../http/pagination.ts';
import {
  type Answer,
  type Call,
  type Route,
  type WaitRule,
  pathId,
  pathIdRequire,
  preconditionOf,
  routeDefine,
} from '../http/route.ts';
import { pageSchema } from '../http/schema.ts';
import { writeRun, writeRunShared } from '../http/write.ts';
import { containerInsertShared } from './insert.ts';
import * as operations from './operations.ts';
import {
  type ContainerDesired,
  containerDesired,
  containerFaults,
  containerIsSettled,
} from './rules.ts';
import {
  CONTAINER_CHANGED_EXAMPLE,
  CONTAINER_PENDING_EXAMPLE,
  Container,
  ContainerCreate,
  ContainerListQuery,
  ContainerRestart,
  ContainerUpdate,
} from './schema.ts';
import * as store from './store.ts';

const TAG = 'Containers';

const WAITS: WaitRule = {
  kind: 'container',
  async read(id, { orgId, slug }, deps) {
    const row = await store.containerRead(deps.db, [orgId], id);
    if (row === null) throw notFound();
    return answerOf(200, row, slug, deps);
  },
};

const containerList = routeDefine({
  operationId: 'containerList',
  method: 'GET',
  path: '/containers/',
  tag: TAG,
  summary: 'List containers',
  description: 'The containers of one org, or of all your orgs if none is named, newest first.',
  action: 'container.list',
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
    'Returns at once with status `pending`; the image is then pulled and the process started. Read the container until its status settles.',
  action: 'container.create',
  waits: WAITS,
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
    return (
      (await createShared(call, deps, desired)) ??
      writeRun(deps, call, { org: true }, async (trx, actor) => {
        const row = await operations.containerCreate(trx, actor, desired, deps);
        return answerOf(201, row, actor.org.slug, deps);
      })
    );
  },
});

const containerRead = routeDefine({
  operationId: 'containerRead',
  method: 'GET',
  path: '/containers/{id}/',
  tag: TAG,
  summary: 'Read a container',
  description: 'One container, in its current state.',
  action: 'container.read',
  waits: WAITS,
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
      ...answerOf(200, row, org.slug, deps),
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
    'A merge: an absent field is unchanged, a present one is replaced whole, `env` and `volumes` too: a volume that is left out of the list is detached, and keeps its data. The running version keeps running until the new image has been pulled and the new volumes are free; the change is in effect when `observed_generation` equals `generation`. The name is fixed.',
  action: 'container.update',
  waits: WAITS,
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
    return writeRun(deps, call, {}, async (trx, actor) => {
      const id = pathIdRequire(call.params);
      const input = { id, change: call.body, precondition: preconditionOf(call) };
      const row = await operations.containerUpdate(trx, actor, input, deps);
      return answerOf(200, row, actor.org.slug, deps);
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
  action: 'container.delete',
  org: 'write',
  success: { status: 204, description: 'Deleted.' },
  errors: ['not_found', 'precondition_failed'],
  async handle(call, deps) {
    return writeRun(deps, call, { org: true }, async (trx, actor) => {
      const input = { id: pathIdRequire(call.params), precondition: preconditionOf(call) };
      await operations.containerDelete(trx, actor, input, deps);
      return { status: 204 };
    });
  },
});

const containerStop = routeDefine({
  operationId: 'containerStop',
  method: 'POST',
  path: '/containers/{id}/stop/',
  tag: TAG,
  summary: 'Stop a container',
  description:
    'Ends the process, and keeps it stopped until it is started again: through crashes, changes and restarts of the server and the engine. The container keeps its address, its volumes and its place in the quota. A change of a stopped container takes effect when it is started.',
  action: 'container.stop',
  waits: WAITS,
  org: 'write',
  success: { status: 200, description: 'The container.', schema: Container, etag: true },
  errors: ['not_found'],
  handle: (call, deps) => processRun(call, deps, operations.containerStop),
});

const containerStart = routeDefine({
  operationId: 'containerStart',
  method: 'POST',
  path: '/containers/{id}/start/',
  tag: TAG,
  summary: 'Start a container',
  description: 'Starts a stopped container. One that is not stopped stays as it is.',
  action: 'container.start',
  waits: WAITS,
  org: 'write',
  success: { status: 200, description: 'The container.', schema: Container, etag: true },
  errors: ['not_found'],
  handle: (call, deps) => processRun(call, deps, operations.containerStart),
});

const containerRestart = routeDefine({
  operationId: 'containerRestart',
  method: 'POST',
  path: '/containers/{id}/restart/',
  tag: TAG,
  summary: 'Restart a container',
  description:
    'Ends the process and starts a new one of the same version, without the delay of a crash loop. What the process wrote outside its volumes is gone. With `pull`, the image is pulled again first, and the process runs until it is there. Starts a stopped container.',
  action: 'container.restart',
  waits: WAITS,
  org: 'write',
  body: ContainerRestart,
  example: { pull: true },
  success: { status: 200, description: 'The container.', schema: Container, etag: true },
  errors: ['not_found'],
  handle: (call, deps) =>
    processRun(call, deps, (trx, actor, { id }) =>
      operations.containerRestart(trx, actor, { id, pull: call.body.pull === true }, deps),
    ),
});

export const containerRoutes: readonly Route[] = [
  containerList,
  containerCreate,
  containerRead,
  containerUpdate,
  containerStop,
  containerStart,
  containerRestart,
  containerDelete,
];

/** @returns null if the container must be created in its own transaction. */
async function createShared(
  call: Call,
  deps: ApiDeps,
  desired: ContainerDesired,
): Promise<Answer | null> {
  // Volumes are locked and attached in further statements; and the shared statement reads tokens but not sessions.
  if (desired.volumes.length > 0 || call.principal.tokenId === null) return null;
  const { db, clock, secrets } = deps;
  return writeRunShared(deps, call, async (actor) => {
    const row = await containerInsertShared(db, { actor, desired, at: clock.now(), secrets });
    return row && answerOf(201, row, actor.org.slug, deps);
  });
}

/** Runs an operation on the process of a container. */
function processRun(
  call: Call,
  deps: ApiDeps,
  operate: (
    trx: Trx,
    actor: OrgActor,
    input: { id: number },
    deps: ApiDeps,
  ) => Promise<store.ContainerRow>,
): Promise<Answer> {
  return writeRun(deps, call, {}, async (trx, actor) => {
    const row = await operate(trx, actor, { id: pathIdRequire(call.params) }, deps);
    return answerOf(200, row, actor.org.slug, deps);
  });
}

function rules(body: Record<string, unknown>, deps: ApiDeps) {
  return containerFaults(body, deps.config.allowedRegistries);
}

function answerOf(
  status: number,
  row: store.ContainerRow,
  slug: string,
  { secrets }: Pick<ApiDeps, 'secrets'>,
): Answer {
  const body = store.containerShow(row, slug, secrets);
  return { status, body, version: row, isSettled: containerIsSettled(row) };
}
