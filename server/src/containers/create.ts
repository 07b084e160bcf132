import type { AuditEntry } from '../audit/store.ts';
import type { Db } from '../db/database.ts';
import type { ApiDeps } from '../deps.ts';
import { ApiError, serviceUnavailable } from '../errors.ts';
import { auditOfCall } from '../http/audit.ts';
import type { Answer, Call } from '../http/route.ts';
import { type Trx, writeRun, writeRunAlone, writerRequire } from '../http/write.ts';
import { storageRequire } from '../installation/store.ts';
import { orgRoomRequire } from '../orgs/store.ts';
import type { SecretBox } from '../secrets.ts';
import { mountsAttach, mountsRequire } from '../volumes/mounts.ts';
import { containerCreateTogether } from './create-together.ts';
import { type ContainerDesired, containerDesired } from './rules.ts';
import type { ContainerCreate } from './schema.ts';
import * as store from './store.ts';

/** How often a create is tried when what was in its way is gone by the time that it is looked for. */
const CREATE_ATTEMPTS = 5;

/** What a POST of a container does. */
export async function containerCreateHandle(
  call: Call<ContainerCreate>,
  deps: ApiDeps,
): Promise<Answer> {
  const desired = containerDesired(call.body);
  const { secrets } = deps;
  const auditOf = (orgId: number) =>
    auditOfCall(call, deps, {
      orgId,
      action: 'container.create',
      objectKind: 'container',
      detail: { name: desired.name },
    });
  if (desired.volumes.length > 0) {
    return writeRun(deps, call, 'member', (trx, orgId) =>
      createWithVolumes(trx, secrets, desired, auditOf(orgId), orgId),
    );
  }
  return writeRunAlone(deps, call, 'member', {
    async together(db, orgId) {
      const { userId, tokenId } = call.principal;
      // Its statement reads tokens: those that come in number.
      if (tokenId === null) return null;
      const ask = { orgId, userId, tokenId, desired, audit: auditOf(orgId), secrets };
      const row = await containerCreateTogether(db, ask);
      return row && createAnswer(row, secrets);
    },
    alone: (db, orgId, asWriter) =>
      createPersist(db, orgId, desired.name, async () => {
        const audit = auditOf(orgId);
        const made = await store.containerCreate(db, secrets, orgId, desired, audit, asWriter);
        await writerRequire(db, call, made.writer, 'member');
        return made.row && createAnswer(made.row, secrets);
      }),
  });
}

async function createWithVolumes(
  trx: Trx,
  secrets: SecretBox,
  desired: ContainerDesired,
  audit: Omit<AuditEntry, 'objectId'>,
  orgId: number,
): Promise<Answer> {
  return createPersist(trx, orgId, desired.name, async () => {
    const { row } = await store.containerCreate(trx, secrets, orgId, desired, audit);
    if (row === null) {
      // What is wrong with a request is told before what is in its way.
      await mountsRequire(trx, orgId, desired.volumes);
      return null;
    }
    // Held after the org, under whose lock the container was made: whoever needs both takes them so.
    await mountsAttach(trx, orgId, row.id, desired.volumes, audit.at);
    return createAnswer(row, secrets);
  });
}

/** Tries until it is made, or what is in the way can be told. */
async function createPersist(
  db: Db,
  orgId: number,
  name: string,
  create: () => Promise<Answer | null>,
): Promise<Answer> {
  for (let attempt = 1; attempt <= CREATE_ATTEMPTS; attempt += 1) {
    const answer = await create();
    if (answer !== null) return answer;
    await roomRequire(db, orgId, name);
  }
  throw serviceUnavailable('Other requests were in the way: try again.');
}

function createAnswer(row: store.ContainerRow & { org_slug: string }, secrets: SecretBox): Answer {
  return { status: 201, body: store.containerShow(row, row.org_slug, secrets), version: row };
}

/** Tells what was in the way of a create, if it still is. A taken name is told before a full quota. */
async function roomRequire(db: Db, orgId: number, name: string): Promise<void> {
  if (await store.containerNameIsTaken(db, orgId, name)) {
    throw new ApiError(
      'conflict',
      `This org has a container named "${name}" already: choose another name or delete that one.`,
      { detail: { name } },
    );
  }
  await orgRoomRequire(db, orgId);
  await storageRequire(db, 'containers');
}
