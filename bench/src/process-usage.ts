import { readFileSync, readdirSync } from 'node:fs';

/** Clock ticks a second, as Linux counts a process's time. */
const TICKS_PER_SECOND = 100;

/** Seconds of processor time that a process has used. */
export function cpuSeconds(pid: number): number {
  const fields = statFields(pid);
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Like {@link cpuSeconds}, for all descendants of a process, including those that have ended. */
export function descendantsCpuSeconds(pid: number): number {
  // The use of a process that ended is added to the process that waited for it.
  const ofEnded = (fields: readonly string[]) => Number(fields[13]) + Number(fields[14]);
  let ticks = ofEnded(statFields(pid));
  for (const child of descendants(pid)) {
    try {
      const fields = statFields(child);
      ticks += Number(fields[11]) + Number(fields[12]) + ofEnded(fields);
    } catch {
      // It has just ended.
    }
  }
  return ticks / TICKS_PER_SECOND;
}

/** The memory of a process in bytes. */
export function rssBytes(pid: number): number {
  return statusBytes(pid, 'VmRSS');
}

/** The most memory that a process has had. */
export function rssPeakBytes(pid: number): number {
  return statusBytes(pid, 'VmHWM');
}

function statusBytes(pid: number, name: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * 1024;
}

/** The descendants of a process. */
function descendants(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      parents.set(Number(name), Number(statFields(Number(name))[1]));
    } catch {
      // It has just ended.
    }
  }
  const childrenOf = (parent: number): number[] =>
    [...parents].filter(([, of]) => of === parent).map(([child]) => child);
  const found: number[] = [];
  for (let level = childrenOf(pid); level.length > 0; level = level.flatMap(childrenOf)) {
    found.push(...level);
  }
  return found;
}

/** The fields of `/proc/<pid>/stat` after the command's name. */
function statFields(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}
