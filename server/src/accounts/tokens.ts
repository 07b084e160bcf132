import type { ApiDeps } from '../deps.ts';
import { ApiError, type FieldFaults, notFound, validationError } from '../errors.ts';
import type { Answer } from '../http/route.ts';
import { mailRequest } from '../mail/outbox.ts';
import * as store from '../tokens/store.ts';
import type { SessionCall } from './account-route.ts';
import { emailOf } from './account-store.ts';
import { accountAudit, accountWrite } from './account-write.ts';

const MAX_TOKENS = 100;
const RFC3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;
const PUBLIC_ID = /^[0-9A-Za-z]{12}$/;

interface TokenBody {
  name: string;
  scope: 'read' | 'write';
  org?: string | null;
  expires_at?: string | null;
}

/** What the schema can't say of a token that is to be. */
export function tokenFaults(
  body: Record<string, unknown>,
  { clock }: Pick<ApiDeps, 'clock'>,
): FieldFaults {
  const { expires_at: expiresAt } = body;
  if (typeof expiresAt !== 'string') return {};
  const at = momentParse(expiresAt);
  if (at === null) return { expires_at: ['Must be a time such as 2027-01-31T12:00:00Z.'] };
  return at > clock.now() ? {} : { expires_at: ['Must be to come.'] };
}

export async function tokenList(call: SessionCall, deps: ApiDeps): Promise<Answer> {
  const rows = await store.tokenList(deps.db, call.session.userId);
  return { status: 200, body: { results: rows.map(tokenShow) } };
}

/** Makes a token for who is signed in. Its clear text is in the reply and nowhere else. */
export async function tokenCreate(call: SessionCall<TokenBody>, deps: ApiDeps): Promise<Answer> {
  const { userId } = call.session;
  const { name, scope, org: slug = null, expires_at: expiresAt = null } = call.body;
  const made = await accountWrite(deps, call, async (trx) => {
    const rows = await store.tokenList(trx, userId);
    if (rows.length >= MAX_TOKENS) {
      throw new ApiError('conflict', `You have ${MAX_TOKENS} tokens: revoke one first.`);
    }
    const orgId = slug === null ? null : await store.orgOfUser(trx, userId, slug);
    if (slug !== null && orgId === null) {
      throw validationError({ org: ['You are in no org with this slug.'] });
    }
    const expires = expiresAt === null ? null : momentParse(expiresAt);
    const given = { userId, name, scope, orgId, expiresAt: expires };
    const { id, token, publicId } = await store.tokenCreate(trx, deps, given);
    await accountAudit(trx, deps, { userId, requestId: call.requestId }, 'token.create', {
      kind: 'token',
      id,
      ...(orgId === null ? {} : { orgId }),
      detail: { public_id: publicId, scope },
    });
    const email = await emailOf(trx, userId);
    await mailRequest(trx, deps, email, { kind: 'notice', notice: 'token_created' });
    const row = (await store.tokenList(trx, userId)).find((each) => each.public_id === publicId);
    return { token, row };
  });
  if (made.row === undefined) throw new Error('a token that was made is not there');
  deps.mail.notify();
  return { status: 201, body: { token: made.token, ...tokenShow(made.row) } };
}

export async function tokenDelete(call: SessionCall, deps: ApiDeps): Promise<Answer> {
  const { userId } = call.session;
  const publicId = call.params['public_id'] ?? '';
  await accountWrite(deps, call, async (trx) => {
    const known = PUBLIC_ID.test(publicId) ? await store.tokenList(trx, userId) : [];
    const row = known.find((each) => each.public_id === publicId);
    if (row === undefined) throw notFound();
    await store.tokenRevoke(trx, publicId, deps.clock.now());
    await accountAudit(trx, deps, { userId, requestId: call.requestId }, 'token.revoke', {
      kind: 'token',
      id: row.id,
      detail: { public_id: publicId },
    });
  });
  return { status: 204 };
}

function momentParse(text: string): Date | null {
  if (!RFC3339.test(text)) return null;
  try {
    // Unlike Date, it refuses a 30th of February.
    return new Date(Temporal.Instant.from(text).epochMilliseconds);
  } catch {
    return null;
  }
}

function tokenShow({ id: _id, ...row }: Awaited<ReturnType<typeof store.tokenList>>[number]) {
  return {
    ...row,
    created_at: row.created_at.toISOString(),
    expires_at: row.expires_at?.toISOString() ?? null,
    last_used_at: row.last_used_at?.toISOString() ?? null,
  };
}
