import { notFound } from '../base/errors.ts';
import { type Route, preconditionOf, routeDefine } from '../http/route.ts';
import { writeRunUnscoped } from '../http/write.ts';
import * as operations from './operations.ts';
import { Whoami } from './schema.ts';
import * as store from './store.ts';

const TAG = 'Whoami';

const whoamiRead = routeDefine({
  operationId: 'whoamiRead',
  method: 'GET',
  path: '/whoami/',
  tag: TAG,
  summary: 'Read who you are',
  description: 'The token of the request: whose it is, and what it may do.',
  action: 'token.read',
  org: 'none',
  success: { status: 200, description: 'The token.', schema: Whoami },
  async handle({ principal: { tokenId } }, deps) {
    const row = tokenId === null ? null : await store.whoamiRead(deps.db, tokenId);
    // The account was deleted a moment ago.
    if (row === null) throw notFound();
    return { status: 200, body: whoamiShow(row) };
  },
});

const whoamiDelete = routeDefine({
  operationId: 'whoamiDelete',
  method: 'DELETE',
  path: '/whoami/',
  tag: TAG,
  summary: 'Revoke this token',
  description:
    'Revokes the token of the request, whatever its scope, and no other. It is refused from the next request on.',
  action: 'token.revoke',
  org: 'none',
  success: { status: 204, description: 'The token is revoked.' },
  async handle(call, deps) {
    return writeRunUnscoped(deps, call, async (trx, actor) => {
      await operations.whoamiDelete(trx, actor, { precondition: preconditionOf(call) }, deps);
      return { status: 204 };
    });
  },
});

export const whoamiRoutes: readonly Route[] = [whoamiRead, whoamiDelete];

function whoamiShow(row: store.WhoamiRow) {
  return {
    public_id: row.public_id,
    user: { id: row.user_id, email: row.email, name: row.name },
    org: row.org,
    scope: row.scope,
    expires_at: row.expires_at?.toISOString() ?? null,
  };
}
