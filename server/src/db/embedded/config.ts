import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { userInfo } from 'node:os';
import type { EmbeddedAccount } from './account.ts';

/** The owner of everything, and the only database. */
export const EMBEDDED_ROLE = 'dollarbox';
/** The role of processes that serve. */
export const EMBEDDED_SERVING_ROLE = 'dollarbox_serving';

/** Written once, when the data folder is created. An operator may change them there. */
export const INITIAL_SETTINGS: Readonly<Record<string, string>> = {
  shared_buffers: '128MB',
  max_connections: '100',
  max_wal_size: '512MB',
  jit: 'off',
  random_page_cost: '1.1',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

/** Of a cluster whose data may be lost. All test files and the servers that they start share one. */
const TEST_SETTINGS = {
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'off',
  max_connections: '400',
};

/**
 * Settings that must hold whatever the files in the data folder say. They are passed on the command line of each start.
 */
export function fixedSettings(socketFolder: string, durable: boolean): Record<string, string> {
  return {
    listen_addresses: '',
    port: '5432',
    unix_socket_directories: socketFolder,
    unix_socket_permissions: '0700',
    logging_collector: 'off',
    log_destination: 'stderr',
    log_line_prefix: '%m [%p] ',
    // Detail lines quote rows, and rows contain data that must not be in a log.
    log_error_verbosity: 'terse',
    // PostgreSQL returns the error of a statement to us, and we log it with the request. If PostgreSQL logged errors
    // too, each with its statement, clients could fill the disk by causing errors. FATAL, PANIC and the server's own
    // activity (level LOG) are still logged.
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    ...(durable ? {} : TEST_SETTINGS),
  };
}

/**
 * Who may connect: only through the socket, and only the OS users named here, as reported by the kernel. There is no
 * password that could leak. The folder's mode and this file keep out all other users of the machine, tenants or not.
 */
export async function accessFilesWrite(dataFolder: string, account: EmbeddedAccount) {
  const users = new Set([userInfo().username, account.name]);
  const roles = [EMBEDDED_ROLE, EMBEDDED_SERVING_ROLE];
  const map = [...users].flatMap((user) =>
    roles.map((role) => `${EMBEDDED_ROLE} ${identQuote(user)} ${role}\n`),
  );
  await replaceFile(
    join(dataFolder, 'pg_hba.conf'),
    `local all all peer map=${EMBEDDED_ROLE}\n`,
    account,
  );
  await replaceFile(join(dataFolder, 'pg_ident.conf'), map.join(''), account);
}

/**
 * A leading slash would mean a regular expression, and a leading plus the members of a role. Quoted, both are literal.
 */
function identQuote(user: string): string {
  if (/["\n\r]/.test(user) || user.startsWith('/')) {
    throw new Error(`PostgreSQL can't be told of a user named ${JSON.stringify(user)}`);
  }
  return `"${user}"`;
}

/** Never follows a link that the account may have placed in its folder, because this may run as root. */
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
