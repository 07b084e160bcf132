import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { type Transaction, sql } from 'kysely';
import type { ApiDeps } from '../deps.ts';
import type { Db } from '../db/database.ts';
import type { Database } from '../db/types.ts';
import { ApiError, type FieldFaults } from '../errors.ts';
import type { Version } from './etag.ts';
import type { Answer, Call } from './route.ts';

/** For how long a reply is kept, in hours. */
const KEPT_HOURS = 24;

const SEAL_PURPOSE = 'idempotency';

/** One keyed request: who sent it under which key, and a hash over what it asked. */
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
 * @returns null when the header is absent.
 */
function idempotencyKeyRead({ headers }: FastifyRequest): string | null {
  const header = headers['idempotency-key'];
  if (header === undefined) return null;
  const text = Array.isArray(header) ? header.join(', ') : header;
  const quoted = /^"(.*)"$/.exec(text);
  return quoted?.[1] ?? text;
}

/** What is wrong with the key of a request, if it has one. It is told with the faults of the body. */
export function idempotencyKeyFaults(request: FastifyRequest): FieldFaults {
  const key = idempotencyKeyRead(request);
  if (key === null || /^[\x20-\x7e]{1,255}$/.test(key)) return {};
  return { 'Idempotency-Key': ['Must have 1 to 255 printable ASCII characters.'] };
}

/** @returns null when a request, whose key is a good one if it has one, has none. */
export function keyedRequestMake(call: Call, orgId: number | null): KeyedRequest | null {
  const key = idempotencyKeyRead(call.request);
  if (key === null) return null;
  const path = (call.request.url.split('?')[0] ?? '').replace(/\/?$/, '/');
  const hash = createHash('sha256')
    .update(`${call.request.method}\n${path}\n${orgId ?? 0}\n`)
    .update(call.request.bodyBytes ?? '')
    .digest();
  return { userId: call.principal.userId, orgId: orgId ?? 0, key, hash };
}

interface KeptReply {
  body: unknown;
  version: Version | null;
  headers: NonNullable<Answer['headers']>;
}

/**
 * Takes the key for this transaction and looks for the reply that an earlier one kept.
 * @returns the first reply again, or null when this request is the first.
 * @throws ApiError when the key is in use, or was used for another request.
 */
export async function keptReplyRead(
  trx: Transaction<Database>,
  deps: Pick<ApiDeps, 'secrets' | 'clock'>,
  keyed: KeyedRequest,
): Promise<Answer | null> {
  const lock = createHash('sha256')
    .update(`${keyed.userId}\n${keyed.orgId}\n${keyed.key}`)
    .digest()
    .readBigInt64BE();
  const taken = await sql<{
    ok: boolean;
  }>`select pg_try_advisory_xact_lock(${lock.toString()}::bigint) as ok`.execute(trx);
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
    throw new ApiError(
      'idempotency_in_progress',
      'A request with this Idempotency-Key is still running: repeat yours in a moment.',
      { headers: { 'retry-after': '1' } },
    );
  }
  // Kept for good, so it makes no difference who else is reading it under the lock.
  if (!row.request_hash.equals(keyed.hash)) {
    throw new ApiError(
      'idempotency_mismatch',
      'This Idempotency-Key was used for another request: send a new key with a new request.',
    );
  }
  const kept = JSON.parse(deps.secrets.open(SEAL_PURPOSE, row.reply_sealed)) as KeptReply;
  return {
    status: row.status,
    body: kept.body,
    ...(kept.version === null ? {} : { version: kept.version }),
    headers: { ...kept.headers, 'idempotency-replayed': 'true' },
  };
}

/** Keeps a reply in the transaction that made the object. */
export async function keptReplyWrite(
  trx: Transaction<Database>,
  deps: Pick<ApiDeps, 'secrets' | 'clock'>,
  keyed: KeyedRequest,
  answer: Answer,
): Promise<void> {
  const kept: KeptReply = {
    body: answer.body,
    version: answer.version ?? null,
    headers: answer.headers ?? {},
  };
  const values = {
    request_hash: keyed.hash,
    status: answer.status,
    reply_sealed: deps.secrets.seal(SEAL_PURPOSE, JSON.stringify(kept)),
    created_at: deps.clock.now(),
  };
  await trx
    .insertInto('idempotency_keys')
    .values({ user_id: keyed.userId, org_id: keyed.orgId, key: keyed.key, ...values })
    // Only a reply older than its time can be in the way.
    .onConflict((conflict) => conflict.columns(['user_id', 'org_id', 'key']).doUpdateSet(values))
    .execute();
}

/** Removes the replies that no longer count. */
export async function keptReplyPurge(db: Db, now: Date): Promise<void> {
  await db.deleteFrom('idempotency_keys').where('created_at', '<', keptSince(now)).execute();
}

/** Replies kept before this moment no longer count. */
function keptSince(now: Date): Date {
  return new Date(now.getTime() - KEPT_HOURS * 3_600_000);
}
