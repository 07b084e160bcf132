import { type Static, Type } from 'typebox';
import { idSchema, pageQuerySchema } from '../http/schema.ts';

const ROLES = ['owner', 'admin', 'member'] as const;

export const MemberListQuery = pageQuerySchema({
  name: Type.Optional(Type.String({ description: 'Only members of this name.' })),
});

export const Member = Type.Object(
  {
    id: idSchema('Of the membership: someone who comes back has another one.'),
    org: Type.String({ description: 'Slug of the org.' }),
    user_id: Type.Integer({
      format: 'int64',
      description: 'Of the person, as in the `actor` of an event; the same in every org.',
    }),
    email: Type.String({ description: 'As the account has it.' }),
    name: Type.String({ description: 'What people call them.' }),
    role: Type.Enum(ROLES, { description: 'What they may do in the org.' }),
    joined_at: Type.String({ format: 'date-time', description: 'Since when, in UTC.' }),
  },
  {
    title: 'Member',
    description: 'A person in an org.',
    examples: [
      {
        id: 12,
        org: 'acme',
        user_id: 7,
        email: 'grace@example.com',
        name: 'Grace',
        role: 'member',
        joined_at: '2026-11-02T09:30:00.000Z',
      },
    ],
  },
);

export const MemberUpdate = Type.Object(
  {
    role: Type.Enum(ROLES, {
      fault: `Must be one of ${ROLES.join(', ')}.`,
      description: 'What they may do from now on.',
    }),
  },
  { title: 'MemberUpdate', additionalProperties: false },
);
export type MemberUpdate = Static<typeof MemberUpdate>;
