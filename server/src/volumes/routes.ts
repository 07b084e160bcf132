import { notFound } from '../base/errors.ts';
import { pageLinks, pageRequestParse } from '../http/pagination.ts';
import {
  type Answer,
  type Route,
  type WaitRule,
  pathId,
  pathIdRequire,
  preconditionOf,
  routeDefine,
} from '../http/route.ts';
import { pageSchema } from '../http/schema.ts';
import { writeRun } from '../http/write.ts';
import * as operations from './operations.ts';
import { VOLUME_PENDING_EXAMPLE, Volume, VolumeCreate, VolumeListQuery } from './schema.ts';
import * as store from './store.ts';

const TAG = 'Volumes';

const WAITS: WaitRule = {
  kind: 'volume',
  async read(id, { orgId, slug }, deps) {
    const row = await store.volumeRead(deps.db, [orgId], id);
    if (row === null) throw notFound();
    return answerOf(200, row, slug);
  },
};

const volumeList = routeDefine({
  operationId: 'volumeList',
  method: 'GET',
  path: '/volumes/',
  tag: TAG,
  summary: 'List volumes',
  description: 'The volumes of one org, or of all your orgs when none is named, newest first.',
  action: 'volume.list',
  org: 'read',
  query: VolumeListQuery,
  success: { status: 200, description: 'A page of volumes.', schema: pageSchema(Volume) },
  async handle(call, deps) {
    const slugs = new Map(call.orgs.map((org) => [org.orgId, org.slug]));
    const request = pageRequestParse(call.query);
    const page = await store.volumeList(deps.db, [...slugs.keys()], request, call.query);
    return {
      status: 200,
      body: {
        ...pageLinks(deps.config.publicUrl, call.request.url, page),
        results: page.rows.map((row) => store.volumeShow(row, slugs.get(row.org_id) ?? '')),
      },
    };
  },
});

const volumeCreate = routeDefine({
  operationId: 'volumeCreate',
  method: 'POST',
  path: '/volumes/',
  tag: TAG,
  summary: 'Create a volume',
  description:
    "Returns at once with status `pending`; the empty volume is then created. A container can name it at once, and starts when it is `bound`. Its size counts against the plan's limit.",
  action: 'volume.create',
  waits: WAITS,
  org: 'write',
  body: VolumeCreate,
  example: { name: 'data', size_gb: 10 },
  success: {
    status: 201,
    description: 'The new volume.',
    schema: Volume,
    example: VOLUME_PENDING_EXAMPLE,
    etag: true,
  },
  errors: ['quota_exceeded', 'conflict', 'idempotency_mismatch', 'idempotency_in_progress'],
  async handle(call, deps) {
    return writeRun(deps, call, { org: true }, async (trx, actor) => {
      const row = await operations.volumeCreate(trx, actor, call.body, deps);
      return answerOf(201, row, actor.org.slug);
    });
  },
});

const volumeRead = routeDefine({
  operationId: 'volumeRead',
  method: 'GET',
  path: '/volumes/{id}/',
  tag: TAG,
  summary: 'Read a volume',
  description: 'One volume, in its current state.',
  action: 'volume.read',
  waits: WAITS,
  org: 'read',
  success: { status: 200, description: 'The volume.', schema: Volume, etag: true },
  errors: ['not_found'],
  async handle(call, deps) {
    const id = pathId(call.params);
    const orgIds = call.orgs.map((org) => org.orgId);
    const row = id === null ? null : await store.volumeRead(deps.db, orgIds, id);
    const org = call.orgs.find((candidate) => candidate.orgId === row?.org_id);
    if (row === null || org === undefined) throw notFound();
    return { ...answerOf(200, row, org.slug), headers: { 'x-dollarbox-org': org.slug } };
  },
});

const volumeDelete = routeDefine({
  operationId: 'volumeDelete',
  method: 'DELETE',
  path: '/volumes/{id}/',
  tag: TAG,
  summary: 'Delete a volume and its data',
  description:
    'Destroys the data for good. From the reply on, the volume is gone, and its name and its GB are free. Refused while a container mounts it: detach it there, or delete that container, first.',
  action: 'volume.delete',
  org: 'write',
  success: { status: 204, description: 'Deleted.' },
  errors: ['not_found', 'conflict', 'precondition_failed'],
  async handle(call, deps) {
    return writeRun(deps, call, { org: true }, async (trx, actor) => {
      const input = { id: pathIdRequire(call.params), precondition: preconditionOf(call) };
      await operations.volumeDelete(trx, actor, input, deps);
      return { status: 204 };
    });
  },
});

export const volumeRoutes: readonly Route[] = [volumeList, volumeCreate, volumeRead, volumeDelete];

function answerOf(status: number, row: store.VolumeRow, slug: string): Answer {
  const { status: state, status_reason: reason } = row;
  // One that waits for a container to mount it says so, and has settled.
  const isSettled = state === 'bound' || state === 'failed' || reason !== null;
  return { status, body: store.volumeShow(row, slug), version: row, isSettled };
}
