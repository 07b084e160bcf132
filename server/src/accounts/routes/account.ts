import { type AccountRoute, openRouteDefine, sessionRouteDefine } from '../account-route.ts';
import { accountShow } from '../account-store.ts';
import { accountWrite } from '../account-write.ts';
import { passkeysArePossible } from '../passkey-ceremony.ts';
import * as operations from '../operations/account.ts';
import { kubectlIsPossible } from '../../orgs/operations.ts';
import { cookieClear } from '../../sessions/session-cookie.ts';
import { Account, AccountUpdate, Setup } from '../account-schema.ts';

const TAG = 'Account';

const accountRead = sessionRouteDefine({
  operationId: 'accountRead',
  method: 'GET',
  path: '/',
  tag: TAG,
  summary: 'Read your account',
  description: 'The person who is signed in, and their orgs.',
  success: { status: 200, description: 'The account.', schema: Account },
  async handle(call, deps) {
    return {
      status: 200,
      body: await accountShow(deps, deps.db, call.session.userId, call.session),
    };
  },
});

const accountUpdate = sessionRouteDefine({
  operationId: 'accountUpdate',
  method: 'PATCH',
  path: '/',
  tag: TAG,
  summary: 'Change your name',
  description: 'Changes your name.',
  body: AccountUpdate,
  example: { name: 'Ada Lovelace' },
  success: { status: 200, description: 'The account.', schema: Account },
  async handle(call, deps) {
    const { userId } = call.session;
    const body = await accountWrite(deps, call, async (trx, actor) => {
      await operations.accountUpdate(trx, actor, call.body, deps);
      return accountShow(deps, trx, userId, call.session);
    });
    return { status: 200, body };
  },
});

const accountDelete = sessionRouteDefine({
  operationId: 'accountDelete',
  method: 'DELETE',
  path: '/',
  tag: TAG,
  summary: 'Delete your account',
  description:
    'Deletes the account for good, with its sessions, its API tokens, and those of its orgs that hold nothing and nobody else. Refused while you are the last owner of an org that holds anything else.',
  proof: 'always',
  success: { status: 204, description: 'The account is gone.' },
  errors: ['conflict'],
  async handle(call, deps) {
    await accountWrite(
      deps,
      call,
      (trx, actor) => operations.accountDelete(trx, actor, deps),
      (trx) => operations.ownedOrgsLock(trx, call.session.userId),
    );
    return { status: 204, headers: { 'set-cookie': cookieClear(deps.config, 'session') } };
  },
});

const setupRead = openRouteDefine({
  operationId: 'setupRead',
  method: 'GET',
  path: '/setup/',
  tag: TAG,
  summary: 'Read how the installation is set up',
  description: 'What pages need to know before anyone has signed in.',
  success: { status: 200, description: 'How this installation is set up.', schema: Setup },
  async handle(_call, { config }) {
    const mail = config.smtpUrl === null ? 'outbox' : 'smtp';
    const passkeys = passkeysArePossible(config);
    const { signup, orgCreation } = config;
    const kubectl = kubectlIsPossible(config);
    return { status: 200, body: { signup, mail, org_creation: orgCreation, passkeys, kubectl } };
  },
});

export const accountRoutes: readonly AccountRoute[] = [
  accountRead,
  accountUpdate,
  accountDelete,
  setupRead,
];
