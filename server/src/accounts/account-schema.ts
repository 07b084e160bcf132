// The account of the person who is signed in, the sessions of its browsers, and how the installation is set up.
import { Type } from 'typebox';
import { displayNameSchema as name, emailSchema as email, idSchema } from '../http/schema.ts';
import { closed, newPassword, password, time, timeOrNull } from './schema.ts';

export const Account = Type.Object(
  {
    id: idSchema('Never changes, never reused.'),
    email: Type.String({ description: 'What the person signs in with.' }),
    name: Type.String({ description: 'What people call them.' }),
    email_verified: Type.Boolean({
      description:
        'Whether the address is verified. It is not if an invitation was accepted on an installation that sends no mail: whoever verifies the address by mail then gets it.',
    }),
    two_factor_enabled: Type.Boolean({ description: 'Whether signing in needs a second factor.' }),
    reauthenticated_until: timeOrNull(
      'Until when the last proof of identity counts; null if it no longer does.',
    ),
    created_at: time('When the account was created, in UTC.'),
    orgs: Type.Array(
      Type.Object({
        slug: Type.String({ description: 'The key of the org.' }),
        name: Type.String({ description: 'What people call it.' }),
        role: Type.Enum(['owner', 'admin', 'member'], { description: "The person's role in it." }),
      }),
      { description: 'The orgs that the person is in, by slug.' },
    ),
  },
  {
    title: 'Account',
    description: 'The person who is signed in.',
    examples: [
      {
        id: 7,
        email: 'ada@example.com',
        name: 'Ada',
        email_verified: true,
        two_factor_enabled: false,
        reauthenticated_until: '2026-11-02T09:35:00.000Z',
        created_at: '2026-11-02T09:30:00.000Z',
        orgs: [{ slug: 'acme', name: 'Acme', role: 'owner' }],
      },
    ],
  },
);

export const AccountUpdate = Type.Object(
  { name: name('Your name.') },
  { title: 'AccountUpdate', ...closed },
);

export const Setup = Type.Object(
  {
    signup: Type.Enum(['open', 'invite', 'closed'], { description: 'Who may create an account.' }),
    mail: Type.Enum(['smtp', 'outbox'], {
      description: 'Whether mail is sent, or kept for the operator (`dollarbox-admin mail-list`).',
    }),
    org_creation: Type.Enum(['open', 'closed'], {
      description: 'Whether people may create orgs, or only the operator.',
    }),
    passkeys: Type.Boolean({
      description: 'Whether passkeys can be used: not where the panel is reached by an IP address.',
    }),
    kubectl: Type.Boolean({
      description: 'Whether orgs can have kubectl access: not where containers run on Docker.',
    }),
  },
  {
    title: 'Setup',
    description: 'How this installation is set up.',
    examples: [
      { signup: 'invite', mail: 'smtp', org_creation: 'open', passkeys: true, kubectl: false },
    ],
  },
);

export const PasswordChange = Type.Object(
  {
    current_password: password('The current password.'),
    new_password: newPassword('The new one.'),
  },
  { title: 'PasswordChange', ...closed },
);

export const EmailChange = Type.Object(
  { email: email('The new address.'), password: password("The account's password.") },
  { title: 'EmailChange', ...closed },
);

export const Session = Type.Object(
  {
    id: idSchema('Names the session in its path.'),
    created_at: time('When the person signed in, in UTC.'),
    last_seen_at: time('When it was last used, to within some minutes.'),
    ip_address: Type.String({ description: 'Where the person signed in from.' }),
    user_agent: Type.String({ description: 'What the browser calls itself; may be empty.' }),
    current: Type.Boolean({ description: 'Whether it is the session of this request.' }),
  },
  {
    title: 'Session',
    description: 'A browser that is signed in.',
    examples: [
      {
        id: 3,
        created_at: '2026-11-02T09:30:00.000Z',
        last_seen_at: '2026-11-02T10:05:00.000Z',
        ip_address: '192.0.2.7',
        user_agent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
        current: true,
      },
    ],
  },
);
