// API tokens, as their owner sees them.
import { Type } from 'typebox';
import { displayNameSchema as name, idSchema } from '../http/schema.ts';
import { closed, time, timeOrNull } from './schema.ts';

const TOKEN_FIELDS = {
  id: idSchema('As in the `actor` of an event.'),
  public_id: Type.String({ description: 'How the token is named in lists; no secret.' }),
  name: Type.String({ description: 'What it is for.' }),
  scope: Type.Enum(['read', 'write'], { description: 'What it may do.' }),
  org: Type.Union([Type.String(), Type.Null()], {
    description: 'Slug of the one org that it may act in; null for all of its owner.',
  }),
  created_at: time('When it was created, in UTC.'),
  expires_at: timeOrNull('When it expires; null for never.'),
  last_used_at: timeOrNull('When it was last used, to within some minutes; null for never.'),
};

const TOKEN_EXAMPLE = {
  id: 31,
  public_id: '4kT9aQzX2mNb',
  name: 'deploy',
  scope: 'write',
  org: 'acme',
  created_at: '2026-11-02T09:30:00.000Z',
  expires_at: null,
  last_used_at: null,
};

export const Token = Type.Object(TOKEN_FIELDS, {
  title: 'Token',
  description: 'An API token, without its secret.',
  examples: [TOKEN_EXAMPLE],
});

export const NewToken = Type.Object(
  {
    token: Type.String({ description: 'The token itself: shown only now.' }),
    ...TOKEN_FIELDS,
  },
  {
    title: 'NewToken',
    description: 'An API token that was just created.',
    examples: [
      { token: 'dbx_4kT9aQzX2mNb_0123456789abcdefghijABCDEFGHIJ0123456789', ...TOKEN_EXAMPLE },
    ],
  },
);

export const TokenCreate = Type.Object(
  {
    name: name('What it is for.'),
    scope: Type.Enum(['read', 'write'], {
      fault: 'Must be "read" or "write".',
      description: 'What it may do: `read` (GET and HEAD), or `write`.',
    }),
    org: Type.Optional(
      Type.Union([Type.String({ maxLength: 40 }), Type.Null()], {
        description: 'Slug of the one org that it may act in; all of yours if not given.',
      }),
    ),
    expires_at: Type.Optional(
      Type.Union([Type.String({ maxLength: 40 }), Type.Null()], {
        description: 'When it expires (RFC 3339); never if not given.',
      }),
    ),
  },
  { title: 'TokenCreate', ...closed },
);
