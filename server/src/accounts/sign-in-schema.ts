// Signing up and in, and the mails that help with it.
import { Type } from 'typebox';
import { displayNameSchema as name, emailSchema as email } from '../http/schema.ts';
import { closed, linkToken, newPassword, password } from './schema.ts';

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

export const PasswordReset = Type.Object(
  { token: linkToken, password: newPassword('The new password.') },
  { title: 'PasswordReset', ...closed },
);
