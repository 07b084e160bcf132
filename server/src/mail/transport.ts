import { createTransport } from 'nodemailer';
import type { Config } from '../config.ts';
import type { MailContent } from './outbox.ts';

const TIMEOUT_MS = 20_000;

/** Hands a mail to the mail server. @throws when it does not take it. */
export type MailTransport = (to: string, content: MailContent) => Promise<void>;

/** @returns null where no mail server is configured. */
export function mailTransportOpen(
  config: Pick<Config, 'smtpUrl' | 'mailFrom'>,
): MailTransport | null {
  if (config.smtpUrl === null) return null;
  const transport = createTransport(
    {
      url: config.smtpUrl,
      connectionTimeout: TIMEOUT_MS,
      greetingTimeout: TIMEOUT_MS,
      socketTimeout: TIMEOUT_MS,
    },
    { from: config.mailFrom, disableFileAccess: true, disableUrlAccess: true },
  );
  return async (to, { subject, text }) => {
    // As an object, so that no character of it makes another recipient.
    await transport.sendMail({
      to: { name: '', address: to },
      subject,
      text,
      headers: { 'Auto-Submitted': 'auto-generated' },
    });
  };
}
