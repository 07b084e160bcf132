import { Type } from 'typebox';
import { type AccountRoute, sessionRouteDefine } from './account-route.ts';
import { accountOpenapiMake } from './openapi.ts';
import { accountRoutes } from './routes/account.ts';
import { passkeyRoutes } from './routes/passkeys.ts';
import { passwordRoutes } from './routes/password.ts';
import { sessionRoutes } from './routes/sessions.ts';
import { signInRoutes } from './routes/sign-in.ts';
import { signUpRoutes } from './routes/sign-up.ts';
import { tokenRoutes } from './routes/tokens.ts';
import { twoFactorRoutes } from './routes/two-factor.ts';

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
    return { status: 200, body: accountOpenapiMake(ACCOUNT_ROUTES) };
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
  accountSchemaRead,
];
