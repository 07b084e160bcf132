import type { ApiDeps } from '../deps.ts';
import { notFound } from '../errors.ts';
import { type Answer, pathId } from '../http/route.ts';
import type { SessionCall } from './account-route.ts';
import { accountAudit, accountWrite } from './account-write.ts';
import { cookieClear } from './session-cookie.ts';
import { sessionIsGood, sessionsEnd, sessionsOf } from './session-store.ts';

export async function sessionList(call: SessionCall, deps: ApiDeps): Promise<Answer> {
  const { userId, sessionId } = call.session;
  const now = deps.clock.now();
  const rows = await sessionsOf(deps.db, userId);
  const results = rows
    .filter((row) => sessionIsGood({ ...row, userDisabledAt: null }, now))
    .map((row) => ({
      id: row.sessionId,
      created_at: row.createdAt.toISOString(),
      last_seen_at: (row.lastUsedAt ?? row.createdAt).toISOString(),
      ip_address: row.ipAddress,
      user_agent: row.userAgent,
      current: row.sessionId === sessionId,
    }));
  return { status: 200, body: { results } };
}

export async function sessionDelete(call: SessionCall, deps: ApiDeps): Promise<Answer> {
  const { userId, sessionId } = call.session;
  const id = pathId(call.params);
  await accountWrite(deps, call, async (trx) => {
    const only = id ?? 0;
    if ((await sessionsEnd(trx, userId, deps.clock.now(), { only })) === 0) throw notFound();
    await sessionsAudit(trx, deps, call, { session_id: only });
  });
  if (id !== sessionId) return { status: 204 };
  return { status: 204, headers: { 'set-cookie': cookieClear(deps.config, 'session') } };
}

export async function sessionEndOthers(call: SessionCall, deps: ApiDeps): Promise<Answer> {
  const { userId, sessionId } = call.session;
  await accountWrite(deps, call, async (trx) => {
    const count = await sessionsEnd(trx, userId, deps.clock.now(), { except: sessionId });
    await sessionsAudit(trx, deps, call, { count });
  });
  return { status: 204 };
}

async function sessionsAudit(
  trx: Parameters<typeof accountAudit>[0],
  deps: ApiDeps,
  call: SessionCall,
  detail: Record<string, unknown>,
): Promise<void> {
  const by = { userId: call.session.userId, requestId: call.requestId };
  await accountAudit(trx, deps, by, 'user.sessions_end', { detail });
}
