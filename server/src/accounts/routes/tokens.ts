import { type AccountRoute, sessionRouteDefine } from '../account-route.ts';
import * as tokens from '../tokens.ts';
import { NewToken, Token, TokenCreate, resultsOf } from '../schema.ts';

const TAG = 'API tokens';

const tokenList = sessionRouteDefine({
  operationId: 'tokenList',
  method: 'GET',
  path: '/tokens/',
  tag: TAG,
  summary: 'List your API tokens',
  description: 'Your tokens that are not revoked, newest first, without their secrets.',
  success: { status: 200, description: 'All tokens.', schema: resultsOf(Token) },
  handle: tokens.tokenList,
});

const tokenCreate = sessionRouteDefine({
  operationId: 'tokenCreate',
  method: 'POST',
  path: '/tokens/',
  tag: TAG,
  summary: 'Make an API token',
  description:
    'Makes a token, and shows it this once. With two-factor on it asks for a proof of the last five minutes.',
  proof: 'with_two_factor',
  body: TokenCreate,
  rules: tokens.tokenFaults,
  example: { name: 'deploy', scope: 'write', org: 'acme' },
  success: { status: 201, description: 'The token.', schema: NewToken },
  errors: ['conflict'],
  handle: tokens.tokenCreate,
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
  handle: tokens.tokenDelete,
});

export const tokenRoutes: readonly AccountRoute[] = [tokenList, tokenCreate, tokenDelete];
