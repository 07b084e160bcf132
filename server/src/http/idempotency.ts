import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { FastifyRequest } from 'fastify';
import { type RawBuilder, type Transaction, sql } from 'kysely';
import type { ApiDeps } from './deps.ts';
import type { Db } from '../db/database.ts';
import type { Database } from '../db/types.ts';
import { ApiError, type FieldFaults } from '../base/errors.ts';
import type { Version } from './etag.ts';
import type { Answer, Call } from './route.ts';

/** How long a reply is stored, in hours. */
const KEPT_HOURS = 24;

/** The limit on all stored replies of one org. */
const MAX_KEPT_BYTES = 67_108_864;

const OPENING_BRACE = 0x7b;

const SEAL_PURPOSE = 'idempotency';

/** On the reply to a request that was repeated. */
export const REPLAYED_HEADER = 'idempotency-replayed';

/** A request with a key: its sender, the key, and a hash of the request. */
export interface KeyedRequest {
  userId: number;
  /** 0 outside any org. */
  orgId: number;
  key: string;
  hash: Buffer;
}

/**
 * Reads `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): 1–255 printable characters,
 * bare or as a quoted string.
 * @returns null if the header is absent.
 */
function idempotencyKeyRead({ headers }: FastifyRequest): string | null {
  const header = headers['idempotency-key'];
  if (header === undefined) return null;
  const text = Array.isArray(header) ? header.join(', ') : header;
  const quoted = /^"(.*)"$/.exec(text);
  return quoted?.[1] ?? text;
}

/** The fault of a request's key, if it has an invalid one. It is reported together with the faults of the body. */
export function idempotencyKeyFaults(request: FastifyRequest): FieldFaults {
  const key = idempotencyKeyRead(request);
  if (key === null || /^[\x20-\x7e]{1,255}$/.test(key)) return {};
  return { 'Idempotency-Key': ['Must have 1 to 255 printable ASCII characters.'] };
}

/** @returns null if the request has no key. A key that is present must be valid. */
export function keyedRequestCreate(call: Call, orgId: number | null): KeyedRequest | null {
  const key = idempotencyKeyRead(call.request);
  if (key === null) return null;
  const path = (call.request.url.split('?')[0] ?? '').replace(/\/?$/, '/');
  const hash = createHash('sha256')
    .update(`${call.request.method}\n${path}\n${orgId ?? 0}\n`)
    .update(call.request.bodyBytes ?? '')
    .digest();
  return { userId: call.principal.userId, orgId: orgId ?? 0, key, hash };
}

/** What stands for a key of a user in an org. */
export function keyDigest({ userId, orgId, key }: KeyedRequest): Buffer {
  return createHash('sha256').update(`${userId}\n${orgId}\n${key}`).digest();
}

function inProgress(): ApiError {
  return new ApiError(
    'idempotency_in_progress',
    'A request with this Idempotency-Key is still running: repeat yours in a moment.',
    { headers: { 'retry-after': '1' } },
  );
}

interface KeptReply {
  body: unknown;
  version: Version | null;
  headers: NonNullable<Answer['headers']>;
}

/**
 * Takes the key for this transaction and looks for the reply that an earlier request stored.
 * @returns the stored reply, or null if this request is the first.
 * @param isRunning whether a request with the key is between two transactions; omitted: requests have only one.
 * @throws ApiError if the key is in use, or was used for a different request.
 */
export async function keptReplyRead(
  trx: Transaction<Database>,
  deps: Pick<ApiDeps, 'secrets' | 'clock'>,
  keyed: KeyedRequest,
  isRunning?: (trx: Transaction<Database>, digest: Buffer) => Promise<boolean>,
): Promise<Answer | null> {
  const digest = keyDigest(keyed);
  const lock = digest.readBigInt64BE();
  const taken = await sql<{
    ok: boolean;
  }>`select pg_try_advisory_xact_lock(${lock.toString()}::bigint) as ok`.execute(trx);
  // Before the reply is looked for: what has ended meanwhile has left one.
  if ((await isRunning?.(trx, digest)) === true) throw inProgress();
  const row = await trx
    .selectFrom('idempotency_keys')
    .select(['request_hash', 'status', 'reply_sealed'])
    .where('user_id', '=', keyed.userId)
    .where('org_id', '=', keyed.orgId)
    .where('key', '=', keyed.key)
    .where('created_at', '>', keptSince(deps.clock.now()))
    .executeTakeFirst();
  if (row === undefined) {
    if (taken.rows[0]?.ok === true) return null;
    throw inProgress();
  }
  // Stored permanently, so it does not matter who else reads it under the lock.
  if (!row.request_hash.equals(keyed.hash)) {
    throw new ApiError(
      'idempotency_mismatch',
      'This Idempotency-Key was used for another request: send a new key with a new request.',
    );
  }
  const kept = replyOpen(deps, row.reply_sealed);
  return {
    status: row.status,
    body: kept.body,
    ...(kept.version === null ? {} : { version: kept.version }),
    headers: { ...kept.headers, [REPLAYED_HEADER]: 'true' },
  };
}

/**
 * Stores a reply in the transaction that created the object, and counts its bytes towards the org's limit.
 * @throws ApiError 429 if the limit is exceeded.
 */
export async function keptReplyWrite(
  trx: Transaction<Database>,
  deps: Pick<ApiDeps, 'secrets' | 'clock'>,
  { userId, orgId, key, hash }: KeyedRequest,
  answer: Answer,
): Promise<void> {
  const sealed = replySeal(deps, answer);
  // An existing reply is too old to be replayed, and is replaced.
  const replacedBytes = sql`coalesce((select bytes from replaced), 0)`;
  const { rows } = await sql`
    with replaced as (
      select octet_length(reply_sealed) as bytes from idempotency_keys
      where user_id = ${userId} and org_id = ${orgId} and key = ${key}
    ),
    kept as (
      insert into idempotency_keys (user_id, org_id, key, request_hash, status, reply_sealed, created_at)
      values (${userId}, ${orgId}, ${key}, ${hash}, ${answer.status}, ${sealed}, ${deps.clock.now()})
      on conflict (user_id, org_id, key) do update set
        request_hash = excluded.request_hash, status = excluded.status,
        reply_sealed = excluded.reply_sealed, created_at = excluded.created_at
    )
    insert into idempotency_usage as u (org_id, bytes)
    values (${orgId}, ${sealed.length}::bigint)
    on conflict (org_id) do update set bytes = greatest(u.bytes + excluded.bytes - ${replacedBytes}, 0)
    where u.bytes + excluded.bytes - ${replacedBytes} <= ${MAX_KEPT_BYTES}::bigint
    returning org_id`.execute(trx);
  if (rows.length > 0) return;
  throw new ApiError(
    'rate_limited',
    `So many large replies are kept for this org's Idempotency-Keys that there is no room for more: send fewer or smaller requests with a key. Replies are kept for ${KEPT_HOURS} hours.`,
    { detail: { retry_after: 3600 }, headers: { 'retry-after': '3600' } },
  );
}

/** Removes expired replies. */
export async function keptReplyPurge(db: Db, now: Date): Promise<void> {
  await keptRepliesDelete(db, sql`created_at < ${keptSince(now)}`);
}

/** Removes the replies to a user's requests. */
export async function keptRepliesOfUserDelete(db: Db, userId: number): Promise<void> {
  await keptRepliesDelete(db, sql`user_id = ${userId}`);
}

async function keptRepliesDelete(db: Db, which: RawBuilder<unknown>): Promise<void> {
  await sql`
    with gone as (
      delete from idempotency_keys where ${which} returning org_id, octet_length(reply_sealed) as bytes
    )
    update idempotency_usage as u set bytes = greatest(u.bytes - freed.bytes, 0)
    from (select org_id, sum(bytes) as bytes from gone group by org_id) as freed
    where freed.org_id = u.org_id`.execute(db);
}

/** Compressed before sealing: sealed bytes are random, so they can't be compressed. */
function replySeal(deps: Pick<ApiDeps, 'secrets'>, answer: Answer): Buffer {
  const { version } = answer;
  const kept: KeptReply = {
    body: answer.body,
    // The argument that is passed as a version may be a whole row.
    version: version ? { generation: version.generation, revision: version.revision } : null,
    headers: answer.headers ?? {},
  };
  return deps.secrets.seal(SEAL_PURPOSE, deflateRawSync(JSON.stringify(kept)));
}

/** Replies stored before compression was introduced start with `{`; compressed ones never do. */
function replyOpen(deps: Pick<ApiDeps, 'secrets'>, sealed: Buffer): KeptReply {
  const bytes = deps.secrets.openBytes(SEAL_PURPOSE, sealed);
  const text = bytes[0] === OPENING_BRACE ? bytes : inflateRawSync(bytes);
  return JSON.parse(text.toString('utf8')) as KeptReply;
}

/** Replies stored before this time have expired. */
function keptSince(now: Date): Date {
  return new Date(now.getTime() - KEPT_HOURS * 3_600_000);
}
