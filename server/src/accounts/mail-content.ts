import type { MailContent, Notice } from '../mail/outbox.ts';

/** The text about each event of an account. */
const NOTICES: Readonly<Record<Notice, { subject: string; sentence: string }>> = {
  password_changed: {
    subject: 'Your password was changed',
    sentence: 'The password of your account was changed, and all other sessions were ended.',
  },
  password_reset: {
    subject: 'Your password was reset',
    sentence:
      'The password of your account was reset with a link that was sent to you, and all sessions were ended.',
  },
  two_factor_on: {
    subject: 'Two-factor is on',
    sentence: 'Signing in to your account takes a code of your authenticator app from now on.',
  },
  two_factor_off: {
    subject: 'Two-factor is off',
    sentence: 'Signing in to your account takes only the password from now on.',
  },
  passkey_added: {
    subject: 'A passkey was added',
    sentence:
      'A passkey was added to your account. It signs in without the password, and stays when that is changed: remove it if it is not yours.',
  },
  passkey_removed: {
    subject: 'A passkey was removed',
    sentence: 'A passkey was removed from your account.',
  },
  email_change: {
    subject: 'Your address is about to change',
    sentence:
      'Someone who knows your password asked for another address for your account. It changes when the link that was sent there is opened.',
  },
  token_created: {
    subject: 'An API token was made',
    sentence:
      'An API token was made for your account. It stays when the password is changed: revoke it if it is not yours.',
  },
};

const NOT_YOU = 'If that was not you, set a new password at once:';
const IGNORE = 'If you did not ask for this, do nothing: nothing changes then.';

/** The texts of mails. None of it is written by the person who requested the mail. */
export function mailContentCreate(publicUrl: string) {
  const link = (path: string, name: string, secret: string) =>
    `${publicUrl}${path}?${name}=${secret}`;
  const letter = (subject: string, ...paragraphs: string[]): MailContent => ({
    subject: `DollarBox: ${subject}`,
    text: `${paragraphs.join('\n\n')}\n\n-- \n${publicUrl}\n`,
  });
  return {
    signUp: (secret: string) =>
      letter(
        'confirm your address',
        'Open this link within a day to make your account:',
        link('/verify-email', 'token', secret),
        IGNORE,
      ),
    signUpKnown: () =>
      letter(
        'you have an account already',
        'Someone, probably you, asked for an account with this address. It has one already:',
        `sign in at ${publicUrl}/sign-in, or set a new password at ${publicUrl}/forgot-password`,
        IGNORE,
      ),
    passwordReset: (secret: string) =>
      letter(
        'set a new password',
        'Open this link within an hour to set a new password:',
        link('/reset-password', 'token', secret),
        IGNORE,
      ),
    emailChange: (secret: string) =>
      letter(
        'confirm your new address',
        'Open this link within a day to sign in with this address from then on:',
        link('/confirm-email', 'token', secret),
        IGNORE,
      ),
    emailChangeKnown: () =>
      letter(
        'this address has an account already',
        'Someone, probably you, asked to use this address for another account. It has an account already, and an address can have only one.',
        IGNORE,
      ),
    invite: (secret: string) =>
      letter(
        'you are invited',
        'You are invited to make an account. Open this link within a week:',
        link('/sign-up', 'invite', secret),
      ),
    // A slug is lower-case letters, digits and dashes: the name of the org is text that somebody wrote.
    invitation: (secret: string, org: string) =>
      letter(
        `you are invited to the org ${org}`,
        `Open this link within a week to see who invites you to the org ${org}, and to accept:`,
        link('/invitations/accept', 'token', secret),
        'If you do not know what this is about, do nothing: nothing changes then.',
      ),
    notice: (notice: Notice) =>
      letter(
        NOTICES[notice].subject,
        NOTICES[notice].sentence,
        `${NOT_YOU} ${publicUrl}/forgot-password`,
      ),
  };
}
