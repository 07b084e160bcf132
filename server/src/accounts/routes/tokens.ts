import { type AccountRoute, sessionRouteDefine } from '../account-route.ts';
import type { FieldFaults } from '../../base/errors.ts';
import type { ApiDeps } from '../../http/deps.ts';
import { tokensOfUser } from '../../tokens/store.ts';
import { accountWrite } from '../account-write.ts';
import { type OwnToken, ownTokenCreate, ownTokenRevoke } from '../operations/tokens.ts';
import { resultsOf } from '../schema.ts';
import { NewToken, Token, TokenCreate } from '../token-schema.ts';

const TAG = 'API tokens';
const RFC3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

const tokenList = sessionRouteDefine({
  operationId: 'tokenList',
  method: 'GET',
  path: '/tokens/',
  tag: TAG,
  summary: 'List your API tokens',
  description: 'Your tokens that are not revoked, newest first, without their secrets.',
  success: { status: 200, description: 'All tokens.', schema: resultsOf(Token) },
  async handle(call, deps) {
    const rows = await tokensOfUser(deps.db, call.session.userId);
    return { status: 200, body: { results: rows.map(tokenShow) } };
  },
});

const tokenCreate = sessionRouteDefine({
  operationId: 'tokenCreate',
  method: 'POST',
  path: '/tokens/',
  tag: TAG,
  summary: 'Create an API token',
  description:
    'Creates a token, and shows it this once. With two-factor on, it needs a proof of identity from the last five minutes.',
  proof: 'with_two_factor',
  body: TokenCreate,
  rules: tokenFaults,
  example: { name: 'deploy', scope: 'write', org: 'acme' },
  success: { status: 201, description: 'The token.', schema: NewToken },
  errors: ['conflict'],
  async handle(call, deps) {
    const { name, scope, org: orgSlug = null, expires_at: expires = null } = call.body;
    const expiresAt = expires === null ? null : expiresAtParse(expires);
    const { token, row } = await accountWrite(deps, call, (trx, actor) =>
      ownTokenCreate(trx, actor, { name, scope, orgSlug, expiresAt }, deps),
    );
    deps.mail.notify();
    return { status: 201, body: { token, ...tokenShow(row) } };
  },
});

const tokenDelete = sessionRouteDefine({
  operationId: 'tokenDelete',
  method: 'DELETE',
  path: '/tokens/{public_id}/',
  tag: TAG,
  summary: 'Revoke an API token',
  description: 'The token is refused from the next request on.',
  success: { status: 204, description: 'The token is revoked.' },
  errors: ['not_found'],
  async handle(call, deps) {
    const publicId = call.params['public_id'] ?? '';
    await accountWrite(deps, call, (trx, actor) => ownTokenRevoke(trx, actor, { publicId }, deps));
    return { status: 204 };
  },
});

export const tokenRoutes: readonly AccountRoute[] = [tokenList, tokenCreate, tokenDelete];

/** Faults of a new token that the schema can't express. */
export function tokenFaults(
  body: Record<string, unknown>,
  { clock }: Pick<ApiDeps, 'clock'>,
): FieldFaults {
  const { expires_at: expiresAt } = body;
  if (typeof expiresAt !== 'string') return {};
  const at = expiresAtParse(expiresAt);
  if (at === null) return { expires_at: ['Must be a time such as 2027-01-31T12:00:00Z.'] };
  return at > clock.now() ? {} : { expires_at: ['Must be in the future.'] };
}

export function expiresAtParse(text: string): Date | null {
  if (!RFC3339.test(text)) return null;
  try {
    // Unlike Date, this rejects February 30.
    return new Date(Temporal.Instant.from(text).epochMilliseconds);
  } catch {
    return null;
  }
}

export function tokenShow({ org_id: _orgId, ...row }: OwnToken) {
  return {
    ...row,
    created_at: row.created_at.toISOString(),
    expires_at: row.expires_at?.toISOString() ?? null,
    last_used_at: row.last_used_at?.toISOString() ?? null,
  };
}
