import { Type } from 'typebox';
import { displayNameSchema as name, emailSchema as email } from '../http/schema.ts';

const closed = { additionalProperties: false } as const;

const time = (description: string) => Type.String({ format: 'date-time', description });
const timeOrNull = (description: string) =>
  Type.Union([Type.String({ format: 'date-time' }), Type.Null()], { description });

/** A password to verify: any length, within reason. */
const password = (description: string) =>
  Type.String({ minLength: 1, maxLength: 256, description });

/** A new password. `password-rules.ts` has the other rules. */
const newPassword = (description: string) =>
  Type.String({ minLength: 12, maxLength: 256, description });

const code = Type.String({
  pattern: '^[0-9A-Za-z -]{6,20}$',
  fault: 'Must be a code of your authenticator app, or one of your backup codes.',
  description: 'Six digits from the authenticator app, or a backup code.',
});

const linkToken = Type.String({
  minLength: 1,
  maxLength: 100,
  description: 'The `token` of the link in the mail.',
});

const text = () => Type.String({ maxLength: 65_536 });

/** The result of `PublicKeyCredential.toJSON()` (WebAuthn Level 3). */
const PasskeyCredential = Type.Object(
  {
    id: text(),
    rawId: text(),
    type: Type.Literal('public-key'),
    response: Type.Object({
      clientDataJSON: text(),
      attestationObject: Type.Optional(text()),
      authenticatorData: Type.Optional(text()),
      signature: Type.Optional(text()),
      userHandle: Type.Optional(Type.Union([text(), Type.Null()])),
      transports: Type.Optional(Type.Array(Type.String({ maxLength: 50 }), { maxItems: 10 })),
    }),
    clientExtensionResults: Type.Object({}),
  },
  { title: 'PasskeyCredential', description: 'What `PublicKeyCredential.toJSON()` gives.' },
);

/** The argument of `PublicKeyCredential.parse…OptionsFromJSON()`. */
export const PasskeyOptions = Type.Object(
  { challenge: Type.String({ description: 'Base64url; good for five minutes.' }) },
  {
    title: 'PasskeyOptions',
    description: "What the browser's `PublicKeyCredential.parse…OptionsFromJSON()` takes.",
    additionalProperties: true,
    examples: [{ challenge: 'u6vKq3m1Nn0rQ8oJ0b2d3w', rpId: 'localhost' }],
  },
);

export const Nothing = Type.Object(
  {},
  { title: 'Nothing', description: 'It was done; the reply has no content.', examples: [{}] },
);

export const Account = Type.Object(
  {
    id: Type.Integer({ description: 'Never changes, never reused.' }),
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
  },
  {
    title: 'Setup',
    description: 'How this installation is set up.',
    examples: [{ signup: 'invite', mail: 'smtp', org_creation: 'open', passkeys: true }],
  },
);

export const SignUp = Type.Object(
  {
    email: email('The address that the link is sent to.'),
    password: newPassword('At least 12 characters, and none that is often used.'),
    name: name('Your name.'),
    org_name: name('The name of your org.'),
    invite: Type.Optional(
      Type.String({ maxLength: 100, description: 'The `invite` of the link that invited you.' }),
    ),
  },
  { title: 'SignUp', ...closed },
);

export const LinkToken = Type.Object({ token: linkToken }, { title: 'LinkToken', ...closed });

export const EmailVerify = Type.Object(
  {
    token: linkToken,
    password: Type.Optional(
      password(
        'The password of the sign-up: needed in any browser other than the one that signed up.',
      ),
    ),
  },
  { title: 'EmailVerify', ...closed },
);

export const MailRequest = Type.Object(
  { email: email('The address of the account.') },
  { title: 'MailRequest', ...closed },
);

export const SignIn = Type.Object(
  { email: email('The address of the account.'), password: password('Its password.') },
  { title: 'SignIn', ...closed },
);

export const SignInResult = Type.Object(
  {
    two_factor_required: Type.Boolean({
      description: 'Whether a code is needed before the session starts: `/sign-in/two-factor/`.',
    }),
  },
  {
    title: 'SignInResult',
    description: 'Whether the person is signed in.',
    examples: [{ two_factor_required: false }],
  },
);

export const Code = Type.Object({ code }, { title: 'Code', ...closed });

export const PasskeyProof = Type.Object(
  { credential: PasskeyCredential },
  { title: 'PasskeyProof', ...closed },
);

export const PasswordReset = Type.Object(
  { token: linkToken, password: newPassword('The new password.') },
  { title: 'PasswordReset', ...closed },
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
    id: Type.Integer({ description: 'Names the session in its path.' }),
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

export const Password = Type.Object(
  { password: password("The account's password.") },
  { title: 'Password', ...closed },
);

export const TwoFactorSecret = Type.Object(
  {
    secret: Type.String({ description: 'To type into the authenticator app (base32).' }),
    uri: Type.String({ description: 'The same as an `otpauth://` URI.' }),
    qr_svg: Type.String({ description: 'The URI as a QR picture, an SVG document.' }),
  },
  {
    title: 'TwoFactorSecret',
    description: 'The second factor, in effect once a code from it has been sent.',
    examples: [
      {
        secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
        uri: 'otpauth://totp/DollarBox:ada%40example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=DollarBox',
        qr_svg: '<svg xmlns="http://www.w3.org/2000/svg"/>',
      },
    ],
  },
);

export const BackupCodes = Type.Object(
  {
    backup_codes: Type.Array(Type.String(), {
      description: 'Each works once, in place of a code from the app. Shown only now.',
    }),
  },
  {
    title: 'BackupCodes',
    description: 'Codes for people who have lost the app.',
    examples: [{ backup_codes: ['4k7qm-x2v9r', '8wd3n-tb6hc'] }],
  },
);

export const Passkey = Type.Object(
  {
    id: Type.Integer({ description: 'Names the passkey in its path.' }),
    name: Type.String({ description: 'What its owner calls it.' }),
    created_at: time('When it was added, in UTC.'),
    last_used_at: timeOrNull('When it was last used to sign in or to confirm.'),
  },
  {
    title: 'Passkey',
    description: 'A passkey of the account.',
    examples: [
      { id: 2, name: 'Laptop', created_at: '2026-11-02T09:40:00.000Z', last_used_at: null },
    ],
  },
);

export const PasskeyCreate = Type.Object(
  { name: name('Its name.'), credential: PasskeyCredential },
  { title: 'PasskeyCreate', ...closed },
);

export const Reauthentication = Type.Object(
  {
    password: Type.Optional(password("The account's password; with two-factor on, with `code`.")),
    code: Type.Optional(code),
    credential: Type.Optional(PasskeyCredential),
  },
  { title: 'Reauthentication', description: 'A password, or a passkey.', ...closed },
);

export const ReauthenticationResult = Type.Object(
  { reauthenticated_until: time('Until when this proof counts.') },
  {
    title: 'ReauthenticationResult',
    description: 'Your identity is proven.',
    examples: [{ reauthenticated_until: '2026-11-02T09:35:00.000Z' }],
  },
);

const TOKEN_FIELDS = {
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

/** A whole list without pages: there are never many. */
export const resultsOf = (item: typeof Session | typeof Passkey | typeof Token) =>
  Type.Object(
    { results: Type.Array(item, { description: 'All of them, newest first.' }) },
    {
      title: `${(item as { title?: string }).title}List`,
      description: 'All of them; there are never many.',
      examples: [{ results: (item as { examples?: unknown[] }).examples ?? [] }],
    },
  );

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
