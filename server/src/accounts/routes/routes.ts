import { Type } from 'typebox';
import { type AccountRoute, sessionRouteDefine } from '../account-route.ts';
import { accountOpenapiCreate } from '../openapi.ts';
import { accountRoutes } from './account.ts';
import { clientLoginRoutes } from './client-logins.ts';
import { invitationRoutes } from './invitations.ts';
import { passkeyRoutes } from './passkeys.ts';
import { passwordRoutes } from './password.ts';
import { sessionRoutes } from './sessions.ts';
import { signInRoutes } from './sign-in.ts';
import { signUpRoutes } from './sign-up.ts';
import { tokenRoutes } from './tokens.ts';
import { twoFactorRoutes } from './two-factor.ts';

const accountSchemaRead = sessionRouteDefine({
  operationId: 'accountSchemaRead',
  method: 'GET',
  path: '/schema/',
  tag: 'Account',
  summary: 'Read this document',
  description: 'The OpenAPI document of these routes. They may change: scripts use `/api/v1`.',
  success: {
    status: 200,
    description: 'The document.',
    schema: Type.Object({ openapi: Type.String() }, { examples: [{ openapi: '3.1.1' }] }),
  },
  async handle() {
    return { status: 200, body: accountOpenapiCreate(ACCOUNT_ROUTES) };
  },
});

/** Every route of `/api/account`. */
export const ACCOUNT_ROUTES: readonly AccountRoute[] = [
  ...accountRoutes,
  ...signUpRoutes,
  ...signInRoutes,
  ...passwordRoutes,
  ...sessionRoutes,
  ...twoFactorRoutes,
  ...passkeyRoutes,
  ...tokenRoutes,
  ...clientLoginRoutes,
  ...invitationRoutes,
  accountSchemaRead,
];
