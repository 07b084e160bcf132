/** Processes of pods on the tests' own node, which run on this machine too. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';

/** The container's first process. */
function podProcess(podUid: string): number {
  const found: { pid: number; startedAt: number }[] = [];
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    try {
      if (!readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(`pod${podUid}`)) continue;
      if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('/pause')) continue;
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      found.push({ pid, startedAt: Number(fields[19]) });
    } catch {
      // It has just ended.
    }
  }
  const [first] = found.toSorted((a, b) => a.startedAt - b.startedAt || a.pid - b.pid);
  if (first === undefined) throw new Error(`pod ${podUid} has no process here`);
  return first.pid;
}

export function podProcessKill(podUid: string): void {
  process.kill(podProcess(podUid), 'SIGKILL');
}

/** An id of the process as its container sees it. */
function idInside(pid: number, kind: 'uid' | 'gid'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const id = Number(new RegExp(`^${kind}:\\s+(\\d+)`, 'im').exec(status)?.[1]);
  for (const line of readFileSync(`/proc/${pid}/${kind}_map`, 'utf8').trim().split('\n')) {
    const [inside = 0, outside = 0, count = 0] = line.trim().split(/\s+/).map(Number);
    if (id >= outside && id < outside + count) return inside + id - outside;
  }
  return id;
}

/** As `kubectl exec … sh -c`, and quicker. @returns its stdout. */
export async function podScriptRun(podUid: string, script: string, ...words: string[]) {
  const pid = podProcess(podUid);
  const { stdout } = await promisify(execFile)('nsenter', [
    ...['--target', String(pid), '--user', '--mount', '--pid', '--net', '--root', '--wd'],
    ...['--setuid', String(idInside(pid, 'uid')), '--setgid', String(idInside(pid, 'gid'))],
    ...['--', '/bin/sh', '-c', script, ...words],
  ]);
  return stdout;
}
