import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { EmbeddedAccount } from './account.ts';

/** How to start a PostgreSQL program on one data folder: directly, or in its own mount namespace. */
export interface Launch {
  command: string;
  /** Arguments that precede the program's own. */
  prefix: readonly string[];
  /** The path of the data folder as the program sees it. */
  dataFolder: string;
  /** The user to switch to. Empty if the command switches itself, or if no switch is needed. */
  as: { uid?: number; gid?: number };
}

export interface LaunchRequest {
  program: 'initdb' | 'postgres';
  account: EmbeddedAccount;
  binariesFolder: string;
  /** The data folder on the host. */
  dataFolder: string;
}

// Each step replaces the process with the next, so the child's pid is PostgreSQL's. /mnt exists on every Linux system;
// the host's files below it are hidden only inside the namespace.
const IN_NAMESPACE = `set -e
mount -t tmpfs -o mode=0755,size=64k dollarbox /mnt
mkdir /mnt/data /mnt/software
mount --bind "$1" /mnt/data
mount --bind "$2" /mnt/software
cd /
uid=$3 gid=$4 program=$5
shift 5
exec setpriv --reuid "$uid" --regid "$gid" --clear-groups -- "/mnt/software/bin/$program" "$@"`;

/**
 * Plans the start of a program. If we run as root and the account may not enter the parent folders (a clone below
 * /root, a folder made by `mktemp -d`), the two folders are mounted for it in a private mount namespace. Nothing
 * changes on the host, and PostgreSQL gains no rights.
 */
export async function launchPlan(request: LaunchRequest): Promise<Launch> {
  const { program, account, binariesFolder, dataFolder } = request;
  const file = join(binariesFolder, 'bin', program);
  if (account.switchTo === null) return { command: file, prefix: [], dataFolder, as: {} };
  if (await isWithinReach(request)) {
    return { command: file, prefix: [], dataFolder, as: account.switchTo };
  }
  const { uid, gid } = account.switchTo;
  const script = ['sh', '-c', IN_NAMESPACE, 'dollarbox', dataFolder, binariesFolder];
  return {
    command: 'unshare',
    prefix: ['--mount', '--', ...script, String(uid), String(gid), program],
    dataFolder: '/mnt/data',
    as: {},
  };
}

/** Tests access as that user: mode bits alone don't account for access lists or mounts. */
async function isWithinReach({ account, binariesFolder, dataFolder }: LaunchRequest) {
  const script = 'test -w "$1" && test -x "$2/bin/postgres" && test -r "$2/share/postgresql"';
  const child = spawn('sh', ['-c', script, 'sh', dataFolder, binariesFolder], {
    stdio: 'ignore',
    cwd: '/',
    ...account.switchTo,
  });
  const [code] = await once(child, 'exit');
  return code === 0;
}
