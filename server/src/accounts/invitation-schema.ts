// Invitations, as the person who is invited sees them.
import { Type } from 'typebox';
import { displayNameSchema as name } from '../http/schema.ts';
import { closed, newPassword, time } from './schema.ts';

const invitationToken = Type.String({
  minLength: 1,
  maxLength: 100,
  description: 'The `token` of the link.',
});

export const InvitationLink = Type.Object(
  { token: invitationToken },
  { title: 'InvitationLink', ...closed },
);

export const InvitationSignUp = Type.Object(
  {
    token: invitationToken,
    name: name('Your name.'),
    password: newPassword('At least 12 characters, and hard to guess.'),
  },
  { title: 'InvitationSignUp', ...closed },
);

export const InvitationShown = Type.Object(
  {
    state: Type.Enum(['open', 'accepted', 'revoked', 'expired'], {
      description: 'Whether it can be accepted, or why not.',
    }),
    org: Type.Object(
      {
        slug: Type.String({ description: 'The key of the org.' }),
        name: Type.String({ description: 'What people call it.' }),
      },
      { description: 'The org that it invites to.' },
    ),
    email: Type.String({ description: 'The person whom it invites.' }),
    role: Type.Enum(['admin', 'member'], { description: 'The role that they get.' }),
    inviter: Type.Union(
      [
        Type.Object({
          email: Type.String({ description: 'Their address.' }),
          name: Type.String({ description: 'What people call them.' }),
        }),
        Type.Null(),
      ],
      { description: 'Who invites; null for the operator, and for an account that was deleted.' },
    ),
    expires_at: time('Until when it can be accepted, in UTC.'),
    sign_up: Type.Boolean({ description: 'Whether a new account can accept it.' }),
    proof: Type.Enum(['none', 'mail'], {
      description: 'Whether a new account first gets a mail that proves its address.',
    }),
  },
  {
    title: 'InvitationShown',
    description: 'What a link invites to.',
    examples: [
      {
        state: 'open',
        org: { slug: 'acme', name: 'Acme' },
        email: 'grace@example.com',
        role: 'member',
        inviter: { email: 'ada@example.com', name: 'Ada' },
        expires_at: '2026-11-09T09:30:00.000Z',
        sign_up: true,
        proof: 'none',
      },
    ],
  },
);

export const InvitationAccepted = Type.Object(
  {
    org: Type.String({ description: 'Slug of the org.' }),
    mail_sent: Type.Boolean({
      description: 'True if nothing has been accepted yet: the link in a mail does that.',
    }),
  },
  {
    title: 'InvitationAccepted',
    description: 'The org that was joined.',
    examples: [{ org: 'acme', mail_sent: false }],
  },
);
