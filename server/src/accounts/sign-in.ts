import type { ApiDeps } from '../deps.ts';
import { ApiError } from '../errors.ts';
import type { Answer } from '../http/route.ts';
import { passwordVerify } from '../users/password.ts';
import type { AccountCall } from './account-route.ts';
import { browserSecretMake, cookieSet } from './session-cookie.ts';
import { SESSION_MAX_MS, sessionCreate } from './session-store.ts';

const USER_AGENT_MAX = 300;

/** Signs someone in who knows the password. */
export async function signInByPassword(
  call: AccountCall<{ email: string; password: string }>,
  deps: ApiDeps,
): Promise<Answer> {
  const { email, password } = call.body;
  const user = await deps.db
    .selectFrom('users')
    .select(['id', 'password_hash', 'disabled_at'])
    .where((eb) => eb(eb.fn<string>('lower', ['email']), '=', email.toLowerCase()))
    .executeTakeFirst();
  const isRight = await passwordVerify(password, user?.password_hash ?? null);
  if (user === undefined || !isRight || user.disabled_at !== null) {
    throw new ApiError('authentication_failed', 'The address or the password is not right.', {
      headers: { 'www-authenticate': 'Session' },
    });
  }
  const cookie = await sessionBegin(call, deps, user.id);
  return { status: 200, body: { two_factor_required: false }, headers: { 'set-cookie': cookie } };
}

/** Begins a session. @returns the `Set-Cookie` line. */
async function sessionBegin(call: AccountCall, deps: ApiDeps, userId: number): Promise<string> {
  const secret = browserSecretMake(deps.random);
  await sessionCreate(deps.db, {
    userId,
    tokenHash: secret.hash,
    now: deps.clock.now(),
    ipAddress: call.request.ip,
    userAgent: (call.request.headers['user-agent'] ?? '').slice(0, USER_AGENT_MAX),
  });
  return cookieSet(deps.config, 'session', secret.value, SESSION_MAX_MS / 1000);
}
