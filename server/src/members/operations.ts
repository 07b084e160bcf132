import { DomainError, objectMissing } from '../base/domain-error.ts';
import type { Actor, OrgActor } from '../changes/actor.ts';
import type { ChangeDeps } from '../changes/deps.ts';
import { objectRequire } from '../changes/policy.ts';
import { changedFields } from '../changes/changed-fields.ts';
import { changeRecord } from '../changes/record.ts';
import type { Trx } from '../db/database.ts';
import type { Role } from '../db/types.ts';
import * as store from './store.ts';

// The caller must hold the lock of the org, and of a member's right to write before it is taken away. Each throws
// DomainError.

type Deps = Pick<ChangeDeps, 'clock'>;

interface MemberInput {
  id: number;
  /** Called with the current member before anything is written; throws to refuse. */
  precondition?(version: { generation: number; revision: number }): void;
}

/** Makes a user a member of an org. */
export async function memberAdd(
  trx: Trx,
  actor: Actor,
  input: store.MembershipInput,
  { clock }: Deps,
): Promise<number> {
  const at = clock.now();
  const { id, email } = await store.memberInsert(trx, input, at);
  await changeRecord(trx, actor, {
    at,
    orgId: input.orgId,
    action: 'member.add',
    objectKind: 'member',
    objectId: id,
    detail: { user_id: input.userId, email, role: input.role },
  });
  return id;
}

/** Changes a member's role. The last owner stays one. */
export async function memberUpdate(
  trx: Trx,
  actor: OrgActor,
  { id, role, precondition }: MemberInput & { role: Role },
  { clock }: Deps,
): Promise<store.MemberRow> {
  const row = await memberHold(trx, actor, id);
  objectRequire('member.update', actor, { role: row.role, becomes: role });
  precondition?.(store.memberVersion(row));
  if (row.role === role) return row;
  if (row.role === 'owner') await otherOwnerRequire(trx, row);
  await store.memberRowUpdate(trx, id, role);
  await changeRecord(trx, actor, {
    at: clock.now(),
    orgId: row.org_id,
    action: 'member.update',
    objectKind: 'member',
    objectId: id,
    changes: changedFields({ role: row.role }, { role }),
    detail: { user_id: row.user_id, email: row.email },
  });
  return { ...row, role, generation: row.generation + 1 };
}

/** Removes a member, and ends their tokens that are restricted to the org. The last owner stays. */
export async function memberDelete(
  trx: Trx,
  actor: OrgActor,
  { id, precondition }: MemberInput,
  { clock }: Deps,
): Promise<store.MemberRow> {
  const row = await memberHold(trx, actor, id);
  const isSelf = row.user_id === actor.userId;
  objectRequire('member.delete', actor, { isSelf, role: row.role });
  precondition?.(store.memberVersion(row));
  if (row.role === 'owner') await otherOwnerRequire(trx, row);
  const at = clock.now();
  await store.memberRowDelete(trx, row, at);
  await changeRecord(trx, actor, {
    at,
    orgId: row.org_id,
    action: 'member.delete',
    objectKind: 'member',
    objectId: id,
    detail: { user_id: row.user_id, email: row.email, role: row.role },
  });
  return row;
}

/** Ends the memberships of an account that is being deleted. Each org's audit log says so, except in the orgs that go with it. */
export async function membershipsDelete(
  trx: Trx,
  actor: Actor,
  { userId, deletedOrgIds }: { userId: number; deletedOrgIds: readonly number[] },
  { clock }: Deps,
): Promise<void> {
  const at = clock.now();
  for (const row of await store.membershipsOfUserDelete(trx, userId)) {
    if (deletedOrgIds.includes(row.org_id)) continue;
    await changeRecord(trx, actor, {
      at,
      orgId: row.org_id,
      action: 'member.delete',
      objectKind: 'member',
      objectId: row.id,
      detail: { user_id: userId, email: row.email, role: row.role },
    });
  }
}

/** The member, who can't change: the org is locked. */
async function memberHold(trx: Trx, { org }: OrgActor, id: number): Promise<store.MemberRow> {
  const row = await store.memberRead(trx, [org.id], id);
  if (row === null) throw objectMissing();
  return row;
}

async function otherOwnerRequire(trx: Trx, row: store.MemberRow): Promise<void> {
  if (await store.otherOwnerExists(trx, row)) return;
  throw new DomainError(
    'last_owner',
    `${row.email} is the last owner of this org: make someone else an owner first.`,
    { member: row.id },
  );
}
