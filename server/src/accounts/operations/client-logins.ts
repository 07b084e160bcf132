import { hash } from 'node:crypto';
import { DomainError, InvalidInput, objectMissing } from '../../base/domain-error.ts';
import type { ChangeDeps } from '../../changes/deps.ts';
import type { Db, Trx } from '../../db/database.ts';
import type { TokenScope } from '../../db/types-account.ts';
import { browserSecretCreate } from '../../sessions/session-cookie.ts';
import { sessionIsGood } from '../../sessions/session-store.ts';
import { orgOfUser } from '../../tokens/store.ts';
import { type SessionActor, accountAudit } from '../account-write.ts';
import { sessionHold } from '../session-hold.ts';
import { type ClientCode, clientCodeCreate } from '../client-code.ts';
import * as store from '../client-login-store.ts';
import { type OwnToken, ownTokenCreate } from './tokens.ts';

/** Groups are taken by less than a few sign-ins in 160,000, so the second try nearly always finds a free one. */
const CODE_TRIES = 20;

interface Begin {
  client: string;
  ipAddress: string;
  scope: TokenScope;
  orgSlug: string | null;
}

/** Begins a sign-in that a person approves by its code. The secrets are only in the result. */
export async function deviceLoginBegin(
  db: Db,
  { client, ipAddress, ...terms }: Begin,
  { clock, random }: Pick<ChangeDeps, 'clock' | 'random'>,
): Promise<{ deviceCode: string; userCode: string }> {
  for (let tries = 0; tries < CODE_TRIES; tries += 1) {
    const secret = browserSecretCreate(random);
    const code = clientCodeCreate(random);
    const begun = { secret, client, ipAddress, now: clock.now() };
    if (await store.deviceLoginInsert(db, begun, code, terms)) {
      return { deviceCode: secret.value, userCode: code.text };
    }
  }
  throw new DomainError('contended', 'Too many sign-ins are under way: try again.');
}

/** The undecided sign-in with this code. @throws DomainError if there is none: a wrong entry counts against it. */
export async function clientLoginShow(db: Db, code: ClientCode | null, now: Date) {
  const found = code === null ? null : await store.clientLoginFind(db, code, now);
  if (found === null) throw objectMissing();
  return found;
}

/** @throws InvalidInput if the person is not in the org. */
async function orgRequire(trx: Trx, userId: number, slug: string | null): Promise<void> {
  if (slug === null || (await orgOfUser(trx, userId, slug)) !== null) return;
  throw new InvalidInput({ org: ['You are in no org with this slug.'] });
}

/** Approves or refuses a sign-in that was found by its code. @param granted null to refuse. */
export async function deviceLoginDecide(
  trx: Trx,
  actor: SessionActor,
  login: { id: number; client: string },
  granted: store.ClientLoginTerms | null,
  deps: Pick<ChangeDeps, 'clock'>,
): Promise<void> {
  if (granted !== null) await orgRequire(trx, actor.userId, granted.orgSlug);
  if (!(await store.clientLoginDecide(trx, login.id, actor, granted))) throw objectMissing();
  const action = granted === null ? 'client_login.refuse' : 'client_login.approve';
  await accountAudit(trx, deps, actor, action, { detail: { client: login.client } });
}

/** Approves the sign-in of a program that waits for a redirect. @returns the code for it. */
export async function redirectLoginApprove(
  trx: Trx,
  actor: SessionActor,
  { client, challenge, ...terms }: store.ClientLoginTerms & { client: string; challenge: string },
  deps: Pick<ChangeDeps, 'clock' | 'random'>,
): Promise<string> {
  await orgRequire(trx, actor.userId, terms.orgSlug);
  const secret = browserSecretCreate(deps.random);
  const { userId, sessionId, ipAddress = '' } = actor;
  const begun = { secret, client, ipAddress: ipAddress ?? '', now: deps.clock.now() };
  await store.redirectLoginInsert(trx, begun, terms, { challenge, userId, sessionId });
  await accountAudit(trx, deps, actor, 'client_login.approve', { detail: { client } });
  return secret.value;
}

interface Collector {
  requestId: string;
  ipAddress: string;
}

/**
 * Collects the token of an approved sign-in, which is generated here, once.
 * @param verifier of a sign-in by redirect; a wrong one ends it.
 * @throws DomainError if it is over, or the session that approved it is.
 */
export async function clientLoginCollect(
  db: Db,
  { secret, verifier }: { secret: string; verifier: string | null },
  { requestId, ipAddress }: Collector,
  deps: ChangeDeps,
): Promise<
  { status: 'pending' | 'refused' } | { status: 'granted'; token: string; row: OwnToken }
> {
  const now = deps.clock.now();
  const login = await store.clientLoginRead(db, secret, now);
  if (login === null) throw objectMissing();
  const { id, challenge, decision, userId, sessionId, client } = login;
  if (challengeOf(verifier) !== challenge) {
    if (challenge !== null) await store.clientLoginDelete(db, id);
    throw objectMissing();
  }
  if (challenge === null && !(await store.clientLoginPoll(db, id, now))) throw askedTooSoon();
  if (decision === null || userId === null || sessionId === null) return { status: 'pending' };
  if (decision === 'refused') {
    await store.clientLoginDelete(db, id);
    return { status: 'refused' };
  }
  return db.transaction().execute(async (trx) => {
    const hasTwoFactor = await approverHold(trx, { userId, sessionId }, now);
    if (!(await store.clientLoginDelete(trx, id))) throw objectMissing();
    const actor = { userId, sessionId, hasTwoFactor, tokenId: null, requestId, ipAddress };
    const { scope, orgSlug, tokenExpiresAt: expiresAt } = login;
    const made = await ownTokenCreate(
      trx,
      actor,
      { name: client, scope, orgSlug, expiresAt },
      deps,
    );
    return { status: 'granted', ...made };
  });
}

/**
 * Locks the session that has approved a sign-in, as each change of an account does.
 * @returns whether its person has two-factor on.
 * @throws DomainError if the session is over.
 */
async function approverHold(
  trx: Trx,
  session: { userId: number; sessionId: number },
  now: Date,
): Promise<boolean> {
  const held = await sessionHold(trx, session);
  // It was used a few minutes ago at most, to approve.
  const isGood = held !== undefined && sessionIsGood({ ...held, lastUsedAt: now }, now);
  if (!isGood) throw objectMissing();
  return held.hasTwoFactor;
}

/** Source: RFC 7636, section 4.2. */
function challengeOf(verifier: string | null): string | null {
  return verifier === null ? null : hash('sha256', verifier, 'base64url');
}

function askedTooSoon(): DomainError {
  const seconds = store.POLL_SECONDS;
  return new DomainError('too_many_attempts', `Ask every ${seconds} seconds at most.`, {
    retry_after: seconds,
  });
}
