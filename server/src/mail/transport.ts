import type { Config } from '../base/config.ts';
import type { MailContent } from './outbox.ts';

const TIMEOUT_MS = 20_000;

/**
 * Passes a mail to the mail server, until the signal aborts.
 * @throws if the server rejects it. If the signal aborted, the server may have accepted it all the same.
 */
export type MailTransport = (
  to: string,
  content: MailContent,
  signal: AbortSignal,
) => Promise<void>;

/** @returns null if no mail server is configured. */
export function mailTransportOpen({
  smtpUrl,
  mailFrom,
}: Pick<Config, 'smtpUrl' | 'mailFrom'>): MailTransport | null {
  if (smtpUrl === null) return null;
  let opened: ReturnType<typeof transportOpen> | null = null;
  return async (to, { subject, text }, signal) => {
    opened ??= transportOpen(smtpUrl, mailFrom);
    // As an object, so that no character in it can add a recipient.
    await (
      await opened
    ).sendMail({
      to: { name: '', address: to },
      subject,
      text,
      headers: { 'Auto-Submitted': 'auto-generated' },
      signal,
    });
  };
}

/** The library is loaded when there is something to send. */
async function transportOpen(url: string, from: string) {
  const { createTransport } = await import('nodemailer');
  return createTransport(
    {
      url,
      connectionTimeout: TIMEOUT_MS,
      greetingTimeout: TIMEOUT_MS,
      socketTimeout: TIMEOUT_MS,
    },
    { from, disableFileAccess: true, disableUrlAccess: true },
  );
}
