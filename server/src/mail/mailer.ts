import type { Logger } from 'pino';
import type { SecretBox } from '../base/secrets.ts';
import type { Clock } from '../base/system.ts';
import type { Config } from '../base/config.ts';
import type { Db } from '../db/database.ts';
import { mailContentKeep, mailDrop, mailFailed, mailKeep, mailSent, mailTake } from './outbox.ts';
import type { DueMail, MailContent } from './outbox.ts';
import type { MailSignal } from './signal.ts';
import type { MailTransport } from './transport.ts';

/** How soon mail requested by another process is found, in milliseconds. */
const POLL_MS = 5000;

interface Deps {
  config: Config;
  db: Db;
  clock: Clock;
  secrets: SecretBox;
  log: Logger;
  mail: MailSignal;
}

/** A mail ready to be sent. */
export interface PreparedMail extends MailContent {
  email: string;
}

/**
 * Determines the content and recipient of a mail in the transaction that stores them. Can be repeated.
 * @returns null if there is nothing to send.
 */
export type MailPrepare = (
  db: Db,
  deps: Pick<Deps, 'config' | 'clock' | 'secrets'>,
  mail: DueMail,
) => Promise<PreparedMail | null>;

/** Sends the mail in the outbox, independently of requests, until stopped. */
export function mailerStart(
  deps: Deps,
  transport: MailTransport | null,
  prepare: MailPrepare,
): { stop(): Promise<void> } {
  let isStopping = false;
  let wakeUp = () => {};
  const unsubscribe = deps.mail.subscribe(() => wakeUp());

  async function run(): Promise<void> {
    while (!isStopping) {
      let isWoken = false;
      wakeUp = () => (isWoken = true);
      await mailsWork(deps, transport, prepare, () => isStopping);
      if (isStopping || isWoken) continue;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, POLL_MS);
        wakeUp = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  const running = run();
  return {
    async stop() {
      isStopping = true;
      unsubscribe();
      wakeUp();
      await running;
    },
  };
}

/** Processes all mail that is due. Never fails: what can't be sent now becomes due again later. */
export async function mailsWork(
  deps: Deps,
  transport: MailTransport | null,
  prepare: MailPrepare,
  isStopping: () => boolean = () => false,
): Promise<void> {
  try {
    while (!isStopping()) {
      const mail = await mailTake(deps.db, deps.secrets, deps.clock.now());
      if (mail === null) return;
      await mailWork(deps, transport, prepare, mail);
    }
  } catch (error) {
    deps.log.warn({ err: error }, 'mail could not be worked off, and is tried again');
  }
}

async function mailWork(
  deps: Deps,
  transport: MailTransport | null,
  prepare: MailPrepare,
  mail: DueMail,
): Promise<void> {
  const { db, clock, log } = deps;
  const ready =
    mail.content === null
      ? await mailCreate(deps, prepare, mail)
      : { email: mail.email, ...mail.content };
  if (ready === null) return;
  if (transport === null) return mailKeep(db, mail.id);
  try {
    await transport(ready.email, ready);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    log.warn({ mail: mail.id, kind: mail.request.kind, why }, 'a mail could not be sent yet');
    return mailFailed(db, mail, why, clock.now());
  }
  await mailSent(db, mail.id, clock.now());
}

/** The content and recipient of a mail, stored for another attempt; null, after removing the mail, if there is nothing to send. */
async function mailCreate(deps: Deps, prepare: MailPrepare, mail: DueMail) {
  return deps.db.transaction().execute(async (trx) => {
    const made = await prepare(trx, deps, mail);
    if (made === null) await mailDrop(trx, mail.id);
    else await mailContentKeep(trx, deps.secrets, mail.id, made);
    return made;
  });
}
