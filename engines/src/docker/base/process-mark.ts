/** Marks on objects that belong to one running process, so that another process can find out whether it still runs. */
import { readFile, readlink } from 'node:fs/promises';
import { processIsAlive, processStartTime } from '@dollarbox/host/process-lock';

/** The number of this process's PID namespace; 0 if it is not known. */
export async function pidNamespace(): Promise<string> {
  const link = await readlink('/proc/self/ns/pid').catch(() => '');
  return /\d+/.exec(link)?.[0] ?? '0';
}

/** The running kernel's own id; the initial PID namespace has the same number on every machine. */
async function bootId(): Promise<string> {
  const text = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  return text.trim();
}

/** @returns the mark of this process: `<boot id> <PID namespace> <pid> <start time>`. */
export async function processMark(): Promise<string> {
  const { pid } = process;
  return [await bootId(), await pidNamespace(), pid, processStartTime(pid) ?? '0'].join(' ');
}

/** @returns whether the marked process is certainly dead; false also if it can't be looked up from here. */
export async function markedIsDead(mark: string): Promise<boolean> {
  const [boot = '', namespace = '0', pid = '', startTime = ''] = mark.split(' ');
  if (boot === '' || boot !== (await bootId())) return false;
  if (namespace === '0' || namespace !== (await pidNamespace())) return false;
  return /^\d+$/.test(pid) && !processIsAlive(Number(pid), startTime);
}
