import { Type } from 'typebox';

export const Whoami = Type.Object(
  {
    public_id: Type.String({ description: "The token's public id, as lists of tokens show it." }),
    user: Type.Object(
      {
        id: Type.Integer({ format: 'int64', description: 'Their id, as events name it.' }),
        email: Type.String({ description: 'The address that they sign in with.' }),
        name: Type.String({ description: 'Their name; may be empty.' }),
      },
      { description: 'The person whom the token belongs to.' },
    ),
    org: Type.Union([Type.String(), Type.Null()], {
      description: 'Slug of the org that the token is restricted to; `null` if it is to none.',
    }),
    scope: Type.Enum(['read', 'write'], { description: 'What the token may do at most.' }),
    expires_at: Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
      description: 'When the token expires; `null`: never.',
    }),
  },
  {
    title: 'Whoami',
    description: 'The token of the request, and the person whom it belongs to.',
    examples: [
      {
        public_id: '4fQz8Lm2Xc7B',
        user: { id: 3, email: 'ada@example.com', name: 'Ada' },
        org: 'acme',
        scope: 'write',
        expires_at: null,
      },
    ],
  },
);
