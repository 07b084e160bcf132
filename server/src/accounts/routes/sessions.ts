import { type AccountRoute, sessionRouteDefine } from '../account-route.ts';
import * as sessions from '../sessions.ts';
import { Session, resultsOf } from '../schema.ts';

const TAG = 'Sessions';

const sessionList = sessionRouteDefine({
  operationId: 'sessionList',
  method: 'GET',
  path: '/sessions/',
  tag: TAG,
  summary: 'List your sessions',
  description: 'The browsers that are signed in to your account, newest first.',
  success: { status: 200, description: 'All sessions.', schema: resultsOf(Session) },
  handle: sessions.sessionList,
});

const sessionDelete = sessionRouteDefine({
  operationId: 'sessionDelete',
  method: 'DELETE',
  path: '/sessions/{id}/',
  tag: TAG,
  summary: 'End a session',
  description: 'Ends one session: it is refused from the next request on.',
  proof: 'always',
  success: { status: 204, description: 'The session is over.' },
  errors: ['not_found'],
  handle: sessions.sessionDelete,
});

const sessionEndOthers = sessionRouteDefine({
  operationId: 'sessionEndOthers',
  method: 'POST',
  path: '/sessions/end-others/',
  tag: TAG,
  summary: 'End all other sessions',
  description: 'Ends every session but the one that asks.',
  proof: 'always',
  success: { status: 204, description: 'The other sessions are over.' },
  handle: sessions.sessionEndOthers,
});

export const sessionRoutes: readonly AccountRoute[] = [
  sessionList,
  sessionDelete,
  sessionEndOthers,
];
