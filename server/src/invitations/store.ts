import { type SqlBool, sql } from 'kysely';
import type { Db, Trx } from '../db/database.ts';
import { pageRead } from '../db/page-read.ts';
import type { Page, PageRequest } from '../db/page.ts';
import type { InvitedRole } from '../db/types.ts';
import { emailIs } from '../users/email.ts';

/** How long an invitation can be accepted, in milliseconds. */
const VALID_MS = 7 * 24 * 3_600_000;

export interface InvitationRow {
  id: number;
  org_id: number;
  email: string;
  role: InvitedRole;
  generation: number;
  created_at: Date;
  expires_at: Date;
  accepted_at: Date | null;
  revoked_at: Date | null;
}

const SHOWN = [
  'id',
  'org_id',
  'email',
  'role',
  'generation',
  'created_at',
  'expires_at',
  'accepted_at',
  'revoked_at',
] as const;

/** Said in every reply where sign-up is closed, whether or not the address has an account. */
const CLOSED_NOTICE =
  'Sign-up is closed on this installation: only people who have an account already can accept.';

/** An invitation as a reply. @param signup the mode of sign-up of this installation. */
export function invitationShow(row: InvitationRow, org: string, signup: string) {
  return {
    id: row.id,
    org,
    email: row.email,
    role: row.role,
    accepted: row.accepted_at !== null,
    expires_at: row.expires_at.toISOString(),
    created_at: row.created_at.toISOString(),
    ...(signup === 'closed' ? { notice: CLOSED_NOTICE } : {}),
  };
}

export function invitationVersion(row: InvitationRow): { generation: number; revision: number } {
  return { generation: row.generation, revision: row.accepted_at === null ? 0 : 1 };
}

/** What can still be done with an invitation. */
export type InvitationState = 'open' | 'accepted' | 'revoked' | 'expired';

export function invitationState(
  row: Pick<InvitationRow, 'accepted_at' | 'revoked_at' | 'expires_at'>,
  now: Date,
): InvitationState {
  if (row.accepted_at !== null) return 'accepted';
  if (row.revoked_at !== null) return 'revoked';
  return row.expires_at <= now ? 'expired' : 'open';
}

/** A page of the invitations of these orgs that were not revoked, newest first. */
export async function invitationList(
  db: Db,
  orgIds: readonly number[],
  request: PageRequest,
): Promise<Page<InvitationRow>> {
  const where = [sql<SqlBool>`t.revoked_at is null`];
  return pageRead<InvitationRow>(db, {
    ...{ table: 'invitations', columns: SHOWN, orgIds, where, request },
  });
}

/** An invitation of one of these orgs that was not revoked. */
export async function invitationRead(
  db: Db,
  orgIds: readonly number[],
  id: number,
): Promise<InvitationRow | null> {
  const row = await db
    .selectFrom('invitations')
    .select(SHOWN)
    .where('id', '=', id)
    .where('org_id', 'in', orgIds.length === 0 ? [0] : orgIds)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  return row ?? null;
}

/** The hashes of an invitation's two links. */
export interface LinkHashes {
  link: Buffer;
  mail: Buffer;
}

export async function invitationInsert(
  trx: Trx,
  input: { orgId: number; email: string; role: InvitedRole; invitedBy: number | null },
  { link, mail }: LinkHashes,
  at: Date,
): Promise<InvitationRow> {
  return trx
    .insertInto('invitations')
    .values({
      org_id: input.orgId,
      email: input.email,
      role: input.role,
      invited_by: input.invitedBy,
      link_hash: link,
      mail_hash: mail,
      created_at: at,
      expires_at: new Date(at.getTime() + VALID_MS),
      accepted_at: null,
      revoked_at: null,
    })
    .returning(SHOWN)
    .executeTakeFirstOrThrow();
}

/** Gives an invitation new links and a new term. The old links end. */
export async function invitationRowRenew(
  trx: Trx,
  id: number,
  { link, mail }: LinkHashes,
  at: Date,
): Promise<InvitationRow> {
  return trx
    .updateTable('invitations')
    .set((eb) => ({
      link_hash: link,
      mail_hash: mail,
      expires_at: new Date(at.getTime() + VALID_MS),
      generation: eb('generation', '+', 1),
    }))
    .where('id', '=', id)
    .returning(SHOWN)
    .executeTakeFirstOrThrow();
}

/** Replaces the link that is mailed, and leaves the other one and the term as they are. */
export async function invitationMailRenew(trx: Trx, id: number, mail: Buffer): Promise<void> {
  await trx.updateTable('invitations').set({ mail_hash: mail }).where('id', '=', id).execute();
}

export async function invitationRowRevoke(trx: Trx, id: number, at: Date): Promise<void> {
  await trx.updateTable('invitations').set({ revoked_at: at }).where('id', '=', id).execute();
}

export async function invitationRowAccept(trx: Trx, id: number, at: Date): Promise<void> {
  await trx.updateTable('invitations').set({ accepted_at: at }).where('id', '=', id).execute();
}

/** What may be in the way of inviting an address. */
export interface Obstacles {
  isMember: boolean;
  /** Another invitation of the org to the address that can be accepted. */
  pending: number | null;
  /** How many invitations were mailed to the address lately, by any org. */
  mailed: number;
  /** How many invitations the org made lately. */
  made: number;
}

/**
 * @param except an invitation that is not in its own way; 0: none.
 * @param since since when mails and invitations are counted.
 */
export async function invitationObstacles(
  trx: Trx,
  { orgId, email, except }: { orgId: number; email: string; except: number },
  now: Date,
  since: Date,
): Promise<Obstacles> {
  const { rows } = await sql<Obstacles>`
    select
      exists (
        select from memberships as m join users as u on u.id = m.user_id
        where m.org_id = ${orgId} and ${emailIs(email, 'u.email')}
      ) as "isMember",
      (
        select min(id) from invitations
        where org_id = ${orgId} and ${emailIs(email)} and id <> ${except}
          and accepted_at is null and revoked_at is null and expires_at > ${now}
      ) as pending,
      (
        select count(*)::int from mails
        where ${emailIs(email)} and created_at > ${since} and kind = 'invitation'
      ) as mailed,
      (select count(*)::int from invitations where org_id = ${orgId} and created_at > ${since}) as made
  `.execute(trx);
  return rows[0] ?? { isMember: false, pending: null, mailed: 0, made: 0 };
}

/** An invitation as its link shows it to whoever has the link. */
export interface LinkedInvitation extends InvitationRow {
  /** Whether this is the link that was mailed. */
  isMailed: boolean;
  org_slug: string;
  org_name: string;
  org_status: 'active' | 'suspended';
  inviter_email: string | null;
  inviter_name: string | null;
}

/** The invitation that a link leads to. */
export async function invitationOfLink(db: Db, hash: Buffer): Promise<LinkedInvitation | null> {
  const row = await linkedInvitations(db, hash)
    .where((eb) => eb.or([eb('i.link_hash', '=', hash), eb('i.mail_hash', '=', hash)]))
    .executeTakeFirst();
  return row ?? null;
}

/** The same by its id, as by neither link. */
export async function invitationOfId(db: Db, id: number): Promise<LinkedInvitation | null> {
  const row = await linkedInvitations(db, Buffer.alloc(0))
    .where('i.id', '=', id)
    .executeTakeFirst();
  return row ?? null;
}

function linkedInvitations(db: Db, hash: Buffer) {
  return db
    .selectFrom('invitations as i')
    .innerJoin('orgs as o', 'o.id', 'i.org_id')
    .leftJoin('users as u', 'u.id', 'i.invited_by')
    .select(SHOWN.map((column) => `i.${column}` as const))
    .select([
      sql<boolean>`i.mail_hash = ${hash}`.as('isMailed'),
      'o.slug as org_slug',
      'o.name as org_name',
      'o.status as org_status',
      'u.email as inviter_email',
      'u.name as inviter_name',
    ]);
}
