import { type Static, Type } from 'typebox';
import { emailSchema, idSchema, pageQuerySchema } from '../http/schema.ts';

const ROLES = ['admin', 'member'] as const;

export const InvitationListQuery = pageQuerySchema({});

export const InvitationCreate = Type.Object(
  {
    email: emailSchema('Whom to invite. Compared without regard to case.'),
    role: Type.Optional(
      Type.Enum(ROLES, {
        fault: 'Must be admin or member; make someone an owner once they are in the org.',
        default: 'member',
        description: 'The role that they get.',
      }),
    ),
  },
  { title: 'InvitationCreate', additionalProperties: false },
);
export type InvitationCreate = Static<typeof InvitationCreate>;

const FIELDS = {
  id: idSchema('Never reused.'),
  org: Type.String({ description: 'Slug of the org.' }),
  email: Type.String({ description: 'As the inviter wrote it.' }),
  role: Type.Enum(ROLES, { description: 'The role that they get.' }),
  accepted: Type.Boolean({ description: 'Whether it has been accepted.' }),
  expires_at: Type.String({
    format: 'date-time',
    description: 'Until when it can be accepted, in UTC.',
  }),
  created_at: Type.String({ format: 'date-time', description: 'When it was created, in UTC.' }),
  notice: Type.Optional(
    Type.String({
      description: 'Only where sign-up is closed: that only people with an account can accept.',
    }),
  ),
};

const EXAMPLE = {
  id: 4,
  org: 'acme',
  email: 'grace@example.com',
  role: 'member',
  accepted: false,
  expires_at: '2026-11-09T09:30:00.000Z',
  created_at: '2026-11-02T09:30:00.000Z',
};

export const Invitation = Type.Object(FIELDS, {
  title: 'Invitation',
  description: 'An invitation to an org.',
  examples: [EXAMPLE],
});

export const InvitationMade = Type.Object(
  {
    ...FIELDS,
    accept_url: Type.String({
      format: 'uri',
      description:
        'The page where it is accepted, once. In no other reply. It invites, and proves no mailbox: hand it to the invited person alone.',
    }),
  },
  {
    title: 'InvitationMade',
    description: 'A new invitation, or an existing one with a new link.',
    examples: [
      {
        ...EXAMPLE,
        accept_url:
          'https://panel.example/invitations/accept?token=uT3kQ0mXn4yB7vLw2Jc9Rf5HsZa8Ed1GpK6iNoVbCxM',
      },
    ],
  },
);
