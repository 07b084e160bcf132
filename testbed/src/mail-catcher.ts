import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { CANARY } from './canary.ts';

/** A received mail. */
export interface CaughtMail {
  from: string;
  to: string[];
  subject: string;
  /** The plain text, decoded. */
  text: string;
  /** All headers and the body, as sent. */
  raw: string;
}

export interface MailCatcher {
  /** For `SMTP_URL`, with a password. */
  url: string;
  /** The mail received so far, oldest first. */
  mails: readonly CaughtMail[];
  /** Waits for the n-th mail to an address, counting from 1. */
  mailTo(address: string, nth?: number): Promise<CaughtMail>;
  /** Refuses every mail from now on, temporarily or permanently; null: accepts all. */
  refuse(code: 451 | 550 | null): void;
  close(): Promise<void>;
}

/** A mail server on loopback that delivers nothing and keeps everything. */
export async function mailCatcherStart(): Promise<MailCatcher> {
  const mails: CaughtMail[] = [];
  const listeners = new Set<() => void>();
  let refusal: 451 | 550 | null = null;
  const server = new SMTPServer({
    authOptional: true,
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _session, done) =>
      password === CANARY ? done(null, { user: username }) : done(new Error('the wrong password')),
    disabledCommands: ['STARTTLS'],
    logger: false,
    onData(stream, session, done) {
      let raw = '';
      stream.setEncoding('utf8');
      stream.on('data', (part: string) => (raw += part));
      stream.on('end', () => {
        if (refusal !== null) {
          return done(Object.assign(new Error('Not now'), { responseCode: refusal }));
        }
        const { mailFrom, rcptTo } = session.envelope;
        const from = mailFrom === false ? '' : (mailFrom?.address ?? '');
        mails.push({ from, to: rcptTo.map(({ address }) => address), ...mailParse(raw) });
        done();
        for (const listener of listeners) listener();
      });
    },
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  const find = (address: string, nth: number) =>
    mails.filter(({ to }) => to.includes(address))[nth - 1];
  return {
    url: `smtp://mailer:${CANARY}@127.0.0.1:${port}`,
    mails,
    mailTo: (address, nth = 1) =>
      new Promise((resolve) => {
        const look = () => {
          const found = find(address, nth);
          if (found === undefined) return;
          listeners.delete(look);
          resolve(found);
        };
        listeners.add(look);
        look();
      }),
    refuse(code) {
      refusal = code;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** Subject and text of a single-part mail (RFC 5322, RFC 2045). */
function mailParse(raw: string): Pick<CaughtMail, 'subject' | 'text' | 'raw'> {
  const end = raw.indexOf('\r\n\r\n');
  const head = raw.slice(0, end).replaceAll(/\r\n[ \t]+/g, ' ');
  const header = (name: string) =>
    new RegExp(`^${name}: *(.*)$`, 'im').exec(head)?.[1]?.trimEnd() ?? '';
  const body = raw.slice(end + 4);
  const encoding = header('content-transfer-encoding').toLowerCase();
  return { subject: header('subject'), text: bodyDecode(body, encoding), raw };
}

function bodyDecode(body: string, encoding: string): string {
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString();
  if (encoding !== 'quoted-printable') return body;
  const bytes = body
    .replaceAll(/=\r\n/g, '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) =>
      String.fromCodePoint(Number.parseInt(hex, 16)),
    );
  return Buffer.from(bytes, 'latin1').toString();
}
