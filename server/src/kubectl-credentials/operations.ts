import { EngineError } from '@dollarbox/engines/contract';
import type { EngineCredentials, IssuedCredential } from '@dollarbox/engines/credentials';
import { DomainError, objectMissing } from '../base/domain-error.ts';
import { failpoint } from '../base/failpoints.ts';
import type { OrgActor } from '../changes/actor.ts';
import type { ChangeDeps } from '../changes/deps.ts';
import { roleAllows } from '../changes/policy.ts';
import { changeRecord } from '../changes/record.ts';
import type { Trx } from '../db/database.ts';
import type { KubectlCredentialCreate } from './schema.ts';
import * as store from './store.ts';

// A credential is issued in three steps, since the engine may take its time: it is inserted and committed, the engine is
// asked for it, and it is committed as issued. What a crash leaves between is revoked by the keeper (`keeper.ts`).

type Deps = Pick<ChangeDeps, 'clock' | 'random'>;

/** How many a member may have. */
const OWN_MAX = 10;
/** Those that live for an hour or less are made often, by tools, and have limits of their own. */
const SHORT_MAX_SECONDS = 3600;
const OWN_SHORT_MAX = 50;
const ORG_SHORT_MAX = 200;

/** One that is being issued. */
export interface BegunCredential {
  id: number;
  orgId: number;
  context: string;
  account: string;
  lifetimeSeconds: number | null;
  expiresAt: Date | null;
}

function kubectlDisabled(): DomainError {
  return new DomainError(
    'kubectl_disabled',
    'kubectl access is turned off for this org: an owner can turn it on.',
  );
}

function quotaExceeded(limit: number, current: number, whose: string): DomainError {
  return new DomainError(
    'quota_exceeded',
    `This would exceed the limit of ${limit} kubectl credentials ${whose}. There are ${current}: revoke one first.`,
    { resource: 'kubectl_credentials', limit, current },
  );
}

function roomRequire(room: store.CredentialRoom, isShort: boolean): void {
  if (!room.kubectl_enabled) throw kubectlDisabled();
  if (!isShort) {
    if (room.own >= OWN_MAX) throw quotaExceeded(OWN_MAX, room.own, 'of a member');
    return;
  }
  const term = 'of an hour or less';
  if (room.own_short >= OWN_SHORT_MAX) {
    throw quotaExceeded(OWN_SHORT_MAX, room.own_short, `${term} of a member`);
  }
  if (room.org_short >= ORG_SHORT_MAX) {
    throw quotaExceeded(ORG_SHORT_MAX, room.org_short, `${term} of an org`);
  }
}

/** The first step. The caller must hold the org's lock. @throws DomainError */
export async function kubectlCredentialBegin(
  trx: Trx,
  actor: OrgActor & { userId: number },
  input: KubectlCredentialCreate & { requestKey: Buffer | null },
  { clock, random }: Deps,
): Promise<BegunCredential> {
  const { id: orgId, slug } = actor.org;
  const at = clock.now();
  const lifetimeSeconds = input.expires_in ?? null;
  const isShort = lifetimeSeconds !== null && lifetimeSeconds <= SHORT_MAX_SECONDS;
  roomRequire(await store.credentialRoom(trx, orgId, actor.userId, at), isShort);
  const account = `kubectl-${random.bytes(12).toString('hex')}`;
  const expiresAt =
    lifetimeSeconds === null ? null : new Date(at.getTime() + lifetimeSeconds * 1000);
  const id = await store.credentialInsert(trx, {
    ...{ orgId, userId: actor.userId, name: input.name ?? null, saName: account },
    ...{ isShort, requestKey: input.requestKey, at, expiresAt },
  });
  return { id, orgId, context: `dollarbox-${slug}`, account, lifetimeSeconds, expiresAt };
}

/** The second step, outside any transaction. @throws DomainError */
export async function kubectlCredentialIssue(
  credentials: EngineCredentials,
  { account, orgId, context, lifetimeSeconds }: BegunCredential,
): Promise<IssuedCredential> {
  try {
    failpoint('credential.issue.before');
    const issued = await credentials.issue({
      ...{ account, tenantId: orgId, context, lifetimeSeconds },
    });
    failpoint('credential.issue.after');
    return issued;
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    if (error.reason === 'kubectl_off') throw kubectlDisabled();
    throw new DomainError('engine_unavailable', error.message, {}, { cause: error });
  }
}

/** The last step. The caller must hold the org's lock. @throws DomainError if it was revoked meanwhile. */
export async function kubectlCredentialCreate(
  trx: Trx,
  actor: OrgActor & { userId: number },
  begun: BegunCredential,
  issued: IssuedCredential,
  { clock }: Deps,
): Promise<store.KubectlCredentialRow> {
  const { id, orgId } = begun;
  const at = clock.now();
  const expiresAt = earliest(begun.expiresAt, issued.expiresAt);
  const row = await store.credentialIssued(trx, id, expiresAt, at);
  if (row === null) {
    const { kubectl_enabled: isOn } = await store.credentialRoom(trx, orgId, actor.userId, at);
    if (!isOn) throw kubectlDisabled();
    throw new DomainError(
      'engine_unavailable',
      'The credential took too long to be issued, and was revoked: try again.',
    );
  }
  await changeRecord(trx, actor, {
    at,
    orgId,
    action: 'kubectl_credential.create',
    objectKind: 'kubectl_credential',
    objectId: id,
    detail: { name: row.name, sa_name: row.sa_name, expires_at: row.expires_at },
  });
  return row;
}

function earliest(a: Date | null, b: Date | null): Date | null {
  if (a === null || b === null) return a ?? b;
  return a < b ? a : b;
}

/**
 * Revokes a credential: the engine refuses it within moments.
 * @param input.precondition called with the credential's version before anything is written; throws to refuse.
 */
export async function kubectlCredentialDelete(
  trx: Trx,
  actor: OrgActor,
  input: { id: number; precondition?(version: typeof store.KUBECTL_CREDENTIAL_VERSION): void },
  { clock }: Pick<Deps, 'clock'>,
): Promise<store.KubectlCredentialRow> {
  const orgId = actor.org.id;
  const at = clock.now();
  const visibility = { userId: actor.userId, orgIdsWhole: seesAll(actor.role) ? [orgId] : [] };
  const row = await store.kubectlCredentialRead(trx, [orgId], visibility, input.id, at);
  if (row === null) throw objectMissing();
  input.precondition?.(store.KUBECTL_CREDENTIAL_VERSION);
  if (!(await store.credentialRowRevoke(trx, row.id, at))) throw objectMissing();
  await changeRecord(trx, actor, {
    at,
    orgId,
    action: 'kubectl_credential.delete',
    objectKind: 'kubectl_credential',
    objectId: row.id,
    detail: { name: row.name, sa_name: row.sa_name, user_id: row.user_id },
  });
  return row;
}

/** Whether somebody of this role sees the credentials of others. @param role null for the operator. */
export function seesAll(role: OrgActor['role']): boolean {
  return role === null || roleAllows(role, 'admin');
}
