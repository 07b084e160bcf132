import type { ApiDeps } from '../deps.ts';
import { mailContentKeep, mailDrop, mailFailed, mailKeep, mailSent, mailTake } from './outbox.ts';
import type { DueMail } from './outbox.ts';
import { mailPrepare } from './prepare.ts';
import type { MailTransport } from './transport.ts';

/** How soon a mail that another process asked for is found, in milliseconds. */
const POLL_MS = 5000;

type Deps = Pick<ApiDeps, 'config' | 'db' | 'clock' | 'secrets' | 'log' | 'mail'>;

/** Sends what is in the outbox, apart from the requests that put it there, until stopped. */
export function mailerStart(
  deps: Deps,
  transport: MailTransport | null,
): { stop(): Promise<void> } {
  let isStopping = false;
  let wakeUp = () => {};
  const unsubscribe = deps.mail.subscribe(() => wakeUp());

  async function run(): Promise<void> {
    while (!isStopping) {
      let isWoken = false;
      wakeUp = () => (isWoken = true);
      await mailsWork(deps, transport, () => isStopping);
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

/** Works off what is due. Never fails: what can't be done now is due again later. */
export async function mailsWork(
  deps: Deps,
  transport: MailTransport | null,
  isStopping: () => boolean = () => false,
): Promise<void> {
  try {
    while (!isStopping()) {
      const mail = await mailTake(deps.db, deps.secrets, deps.clock.now());
      if (mail === null) return;
      await mailWork(deps, transport, mail);
    }
  } catch (error) {
    deps.log.warn({ err: error }, 'mail could not be worked off, and is tried again');
  }
}

async function mailWork(deps: Deps, transport: MailTransport | null, mail: DueMail): Promise<void> {
  const { db, clock, log } = deps;
  const ready =
    mail.content === null ? await mailMake(deps, mail) : { email: mail.email, ...mail.content };
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

/** What a mail says and to whom, kept for another try; null, and it is gone, where there is nothing to say. */
async function mailMake(deps: Deps, mail: DueMail) {
  return deps.db.transaction().execute(async (trx) => {
    const made = await mailPrepare(trx, deps, mail);
    if (made === null) await mailDrop(trx, mail.id);
    else await mailContentKeep(trx, deps.secrets, mail.id, made);
    return made;
  });
}
