import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { userInfo } from 'node:os';
import type { EmbeddedAccount } from './embedded-account.ts';

/** The one role and the one database: `dollarbox` owns everything. */
export const EMBEDDED_ROLE = 'dollarbox';

/** Written once, when the data folder is made: an operator may change them there. */
export const INITIAL_SETTINGS: Readonly<Record<string, string>> = {
  shared_buffers: '128MB',
  max_connections: '100',
  max_wal_size: '512MB',
  jit: 'off',
  random_page_cost: '1.1',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

/** What must hold whatever the files in the data folder say: given on each start's command line. */
export function fixedSettings(socketFolder: string, durable: boolean): Record<string, string> {
  return {
    listen_addresses: '',
    port: '5432',
    unix_socket_directories: socketFolder,
    unix_socket_permissions: '0700',
    logging_collector: 'off',
    log_destination: 'stderr',
    log_line_prefix: '%m [%p] ',
    // Detail lines quote rows, and rows hold what must not be in a log.
    log_error_verbosity: 'terse',
    // A statement's error is told to us, who asked, and logged there with the request. Logged here too, each
    // with its statement, what clients can bring about without end would fill the disk. FATAL, PANIC and what
    // the server does by itself (level LOG) stay.
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    ...(durable ? {} : { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' }),
  };
}

/**
 * Who may connect: by socket only, and only the OS users named here, as told by the kernel. There is no password
 * to leak, and no other user of the machine, tenant or not, gets past the folder's mode or this.
 */
export async function accessFilesWrite(dataFolder: string, account: EmbeddedAccount) {
  const users = new Set([userInfo().username, account.name]);
  const map = [...users].map((user) => `${EMBEDDED_ROLE} ${identQuote(user)} ${EMBEDDED_ROLE}\n`);
  await replaceFile(
    join(dataFolder, 'pg_hba.conf'),
    `local all all peer map=${EMBEDDED_ROLE}\n`,
    account,
  );
  await replaceFile(join(dataFolder, 'pg_ident.conf'), map.join(''), account);
}

/** A leading slash would be read as a regular expression, a leading plus as a role's members: quoted, all is literal. */
function identQuote(user: string): string {
  if (/["\n\r]/.test(user) || user.startsWith('/')) {
    throw new Error(`PostgreSQL can't be told of a user named ${JSON.stringify(user)}`);
  }
  return `"${user}"`;
}

/** Never follows a link that the account may have put in its folder: this may run as root. */
async function replaceFile(path: string, text: string, account: EmbeddedAccount): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(text);
    if (account.switchTo !== null) await file.chown(account.uid, account.gid);
    await file.sync();
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  await rename(draft, path);
}
