import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { EmbeddedAccount } from './embedded-account.ts';

/** How to start a PostgreSQL program on one folder of data: directly, or inside a mount namespace of its own. */
export interface Launch {
  command: string;
  /** Arguments before the program's own. */
  prefix: readonly string[];
  /** Where the data folder is, as the program sees it. */
  dataFolder: string;
  /** The user to change to; empty where the command does that itself, or none is needed. */
  as: { uid?: number; gid?: number };
}

export interface LaunchRequest {
  program: 'initdb' | 'postgres';
  account: EmbeddedAccount;
  binariesFolder: string;
  /** The data folder on the host. */
  dataFolder: string;
}

// Each step replaces the process by the next, so that the child's pid is PostgreSQL's.
// /mnt is there on every Linux; what the host has below it is hidden only inside.
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
 * Plans the start of a program. As root, where the account may not enter the folders on the way (a clone below
 * /root, a folder of `mktemp -d`), the two folders are shown to it in a private mount namespace: nothing on the
 * host changes, and PostgreSQL gets no rights that it did not have.
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

/** Asked of the kernel, as that user: mode bits alone don't tell of access lists or of mounts. */
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
