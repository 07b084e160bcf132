/** Runs programs of this machine as root of a user namespace, who has the ids of root in a container. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { hostEnvironment, HostCommandError } from './host-command.ts';
import { SHIFTED_IDS } from './user-shift.ts';
import type { UserShift } from './user-shift.ts';

export interface UserNamespace {
  /** The beginning of a command that runs in it; empty if nothing is shifted. */
  launcher: readonly string[];
  close(): void;
}

/** Only root can open one. @throws HostCommandError */
export async function userNamespaceOpen({ uid, gid }: UserShift): Promise<UserNamespace> {
  if (uid === 0 && gid === 0) return { launcher: [], close() {} };
  // It ends with its input, and so with this process.
  const holder = spawn('unshare', ['--user', '--', 'sh', '-c', 'echo ready; exec cat'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: hostEnvironment(),
  });
  holder.stdin.on('error', () => {});
  const failed = once(holder, 'error').then(([error]) => {
    throw new HostCommandError('unshare', null, (error as Error).message);
  });
  const ended = once(holder.stdout, 'end').then(() => {
    throw new HostCommandError('unshare', holder.exitCode, 'no user namespace can be created');
  });
  try {
    await Promise.race([once(holder.stdout, 'data'), failed, ended]);
    await writeFile(`/proc/${holder.pid}/uid_map`, `0 ${uid} ${SHIFTED_IDS}`);
    await writeFile(`/proc/${holder.pid}/gid_map`, `0 ${gid} ${SHIFTED_IDS}`);
  } catch (error) {
    holder.kill('SIGKILL');
    throw error;
  } finally {
    failed.catch(() => {});
    ended.catch(() => {});
  }
  return {
    launcher: ['nsenter', `--user=/proc/${holder.pid}/ns/user`, '--'],
    close: () => void holder.kill('SIGKILL'),
  };
}
