import type { Db } from '../db/database.ts';
import { ApiError, notFound, serviceUnavailable } from '../errors.ts';
import { auditOfCall } from '../http/audit.ts';
import { ifMatchCheck } from '../http/etag.ts';
import { pageLinks, pageRequestParse } from '../http/pagination.ts';
import { type Route, pathId, routeDefine } from '../http/route.ts';
import { pageSchema } from '../http/schema.ts';
import { writeRun } from '../http/write.ts';
import { storageRequire } from '../installation/store.ts';
import { orgVolumeRoomRequire } from '../orgs/store.ts';
import { mounterName } from './mounts.ts';
import { VOLUME_PENDING_EXAMPLE, Volume, VolumeCreate, VolumeListQuery } from './schema.ts';
import * as store from './store.ts';

const TAG = 'Volumes';

/** How often a create is tried when what was in its way is gone by the time that it is looked for. */
const CREATE_ATTEMPTS = 5;

const UID_LENGTH = 16;

const volumeList = routeDefine({
  operationId: 'volumeList',
  method: 'GET',
  path: '/volumes/',
  tag: TAG,
  summary: 'List volumes',
  description: 'The volumes of one org, or of all your orgs when none is named, newest first.',
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
    "Returns at once with status `pending`; the volume is made behind it, empty. A container can name it at once, and starts when it is `bound`. Its size counts against the plan's limit.",
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
    const { name } = call.body;
    const uid = deps.random.uuid().replaceAll('-', '').slice(-UID_LENGTH);
    return writeRun(deps, call, 'member', async (trx, orgId) => {
      const what = { orgId, action: 'volume.create', objectKind: 'volume', detail: { name } };
      for (let attempt = 1; attempt <= CREATE_ATTEMPTS; attempt += 1) {
        const audit = auditOfCall(call, deps, what);
        const row = await store.volumeCreate(trx, orgId, call.body, uid, audit);
        if (row !== null) {
          const slug = call.orgs[0]?.slug ?? '';
          return { status: 201, body: store.volumeShow(row, slug), version: row };
        }
        await roomRequire(trx, orgId, call.body);
      }
      throw serviceUnavailable('Other requests were in the way: try again.');
    });
  },
});

const volumeRead = routeDefine({
  operationId: 'volumeRead',
  method: 'GET',
  path: '/volumes/{id}/',
  tag: TAG,
  summary: 'Read a volume',
  description: 'One volume, as it is just now.',
  org: 'read',
  success: { status: 200, description: 'The volume.', schema: Volume, etag: true },
  errors: ['not_found'],
  async handle(call, deps) {
    const id = pathId(call.params);
    const orgIds = call.orgs.map((org) => org.orgId);
    const row = id === null ? null : await store.volumeRead(deps.db, orgIds, id);
    const org = call.orgs.find((candidate) => candidate.orgId === row?.org_id);
    if (row === null || org === undefined) throw notFound();
    return {
      status: 200,
      body: store.volumeShow(row, org.slug),
      version: row,
      headers: { 'x-dollarbox-org': org.slug },
    };
  },
});

const volumeDelete = routeDefine({
  operationId: 'volumeDelete',
  method: 'DELETE',
  path: '/volumes/{id}/',
  tag: TAG,
  summary: 'Delete a volume and its data',
  description:
    'Destroys the data: it can not be had back. From the reply on, the volume is gone, its name and its GB are free. Refused while a container mounts it: detach it there, or delete that container, first.',
  org: 'write',
  success: { status: 204, description: 'Deleted.' },
  errors: ['not_found', 'conflict', 'precondition_failed'],
  async handle(call, deps) {
    return writeRun(deps, call, 'member', async (trx, orgId) => {
      const id = pathId(call.params);
      const row = id === null ? null : await store.volumeLock(trx, orgId, id);
      if (row === null) throw notFound();
      ifMatchCheck(call.request.headers['if-match'], row);
      if (row.container_id !== null) {
        const name = await mounterName(trx, row.container_id);
        throw new ApiError(
          'conflict',
          `The container "${name}" mounts this volume: detach it there, or delete that container, first.`,
          { detail: { container: row.container_id, name } },
        );
      }
      const detail = { name: row.name };
      const what = { orgId, action: 'volume.delete', objectKind: 'volume', detail };
      await store.volumeDelete(trx, row, {
        ...auditOfCall(call, deps, what),
        objectId: row.id,
      });
      return { status: 204 };
    });
  },
});

export const volumeRoutes: readonly Route[] = [volumeList, volumeCreate, volumeRead, volumeDelete];

/** Tells what was in the way of a create, if it still is. A taken name is told before a full quota. */
async function roomRequire(
  db: Db,
  orgId: number,
  { name, size_gb: sizeGb }: VolumeCreate,
): Promise<void> {
  if (await store.volumeNameIsTaken(db, orgId, name)) {
    throw new ApiError(
      'conflict',
      `This org has a volume named "${name}" already: choose another name or delete that one.`,
      { detail: { name } },
    );
  }
  await orgVolumeRoomRequire(db, orgId, sizeGb);
  await storageRequire(db, 'volumes');
}
