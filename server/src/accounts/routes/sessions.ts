import { type AccountRoute, sessionRouteDefine } from '../account-route.ts';
import { pathId } from '../../http/route.ts';
import { cookieClear } from '../../sessions/session-cookie.ts';
import { sessionIsGood, sessionsOf } from '../../sessions/session-store.ts';
import { accountWrite } from '../account-write.ts';
import * as operations from '../operations/sessions.ts';
import { Session } from '../account-schema.ts';
import { resultsOf } from '../schema.ts';

const TAG = 'Sessions';

const sessionList = sessionRouteDefine({
  operationId: 'sessionList',
  method: 'GET',
  path: '/sessions/',
  tag: TAG,
  summary: 'List your sessions',
  description: 'The browsers that are signed in to your account, newest first.',
  success: { status: 200, description: 'All sessions.', schema: resultsOf(Session) },
  async handle(call, deps) {
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
  },
});

const sessionDelete = sessionRouteDefine({
  operationId: 'sessionDelete',
  method: 'DELETE',
  path: '/sessions/{id}/',
  tag: TAG,
  summary: 'End a session',
  description: 'Ends one session: it is refused from the next request on.',
  proof: 'always',
  success: { status: 204, description: 'The session has ended.' },
  errors: ['not_found'],
  async handle(call, deps) {
    const id = pathId(call.params);
    await accountWrite(deps, call, (trx, actor) =>
      operations.sessionDelete(trx, actor, { id }, deps),
    );
    if (id !== call.session.sessionId) return { status: 204 };
    return { status: 204, headers: { 'set-cookie': cookieClear(deps.config, 'session') } };
  },
});

const sessionEndOthers = sessionRouteDefine({
  operationId: 'sessionEndOthers',
  method: 'POST',
  path: '/sessions/end-others/',
  tag: TAG,
  summary: 'End all other sessions',
  description: 'Ends every session but the one that asks.',
  proof: 'always',
  success: { status: 204, description: 'The other sessions have ended.' },
  async handle(call, deps) {
    await accountWrite(deps, call, (trx, actor) => operations.sessionEndOthers(trx, actor, deps));
    return { status: 204 };
  },
});

export const sessionRoutes: readonly AccountRoute[] = [
  sessionList,
  sessionDelete,
  sessionEndOthers,
];
