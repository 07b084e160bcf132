import type { Logger } from 'pino';
import type { SecretBox } from '../base/secrets.ts';
import type { Clock } from '../base/system.ts';
import type { Config } from '../base/config.ts';
import type { Db } from '../db/database.ts';
import {
  mailContentKeep,
  mailDrop,
  mailFailed,
  mailKeep,
  mailRelease,
  mailSent,
  mailTake,
} from './outbox.ts';
import type { DueMail, MailContent } from './outbox.ts';
import type { MailSignal } from './signal.ts';
import type { MailTransport } from './transport.ts';

/** How soon mail requested by another process is found, in milliseconds. */
const POLL_MS = 5000;
/**
 * How long a stop waits for the mail that is being sent, in milliseconds. A mail server that works has answered by then, so
 * that a mail which it has accepted is recorded as sent.
 */
const STOP_GRACE_MS = 2000;

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

/** How the mailer is asked to stop. */
interface MailerStop {
  /** No other mail is begun. */
  isStopping(): boolean;
  /** The mail that is being sent is broken off. */
  breakOff: AbortSignal;
}

const NO_STOP: MailerStop = { isStopping: () => false, breakOff: new AbortController().signal };

/**
 * Sends the mail in the outbox, independently of requests, until stopped.
 * @param stopGraceMs how long a stop waits for the mail that is being sent, in milliseconds.
 */
export function mailerStart(
  deps: Deps,
  transport: MailTransport | null,
  prepare: MailPrepare,
  stopGraceMs = STOP_GRACE_MS,
): { stop(): Promise<void> } {
  let isStopping = false;
  const breakOff = new AbortController();
  let wakeUp = () => {};
  const unsubscribe = deps.mail.subscribe(() => wakeUp());

  async function run(): Promise<void> {
    while (!isStopping) {
      let isWoken = false;
      wakeUp = () => (isWoken = true);
      await mailsWork(deps, transport, prepare, {
        isStopping: () => isStopping,
        breakOff: breakOff.signal,
      });
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
      const timer = setTimeout(() => breakOff.abort(), stopGraceMs);
      await running;
      clearTimeout(timer);
    },
  };
}

/** Processes all mail that is due. Never fails: what can't be sent now becomes due again later. */
export async function mailsWork(
  deps: Deps,
  transport: MailTransport | null,
  prepare: MailPrepare,
  stop: MailerStop = NO_STOP,
): Promise<void> {
  try {
    while (!stop.isStopping()) {
      const mail = await mailTake(deps.db, deps.secrets, deps.clock.now());
      if (mail === null) return;
      await mailWork(deps, transport, prepare, mail, stop.breakOff);
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
  breakOff: AbortSignal,
): Promise<void> {
  const { db, clock, log } = deps;
  const ready =
    mail.content === null
      ? await mailCreate(deps, prepare, mail)
      : { email: mail.email, ...mail.content };
  if (ready === null) return;
  if (transport === null) return mailKeep(db, mail.id);
  try {
    await transport(ready.email, ready, breakOff);
  } catch (error) {
    if (breakOff.aborted) return mailRelease(db, mail, clock.now());
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
