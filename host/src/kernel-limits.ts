/**
 * Tables of the kernel that all containers of a machine share, with defaults that one container can use up. Nothing but
 * the limit of the whole machine bounds them, so a host of containers raises it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface KernelLimit {
  /** As `sysctl` writes it. */
  key: string;
  atLeast: number;
  /** What ends when the table is full. */
  why: string;
}

/** The same list stands in `docs/security.md`. */
export const KERNEL_LIMITS: readonly KernelLimit[] = [
  {
    key: 'net.ipv6.neigh.default.gc_thresh3',
    atLeast: 65_536,
    why: 'neighbours over IPv6: one container can use them up, and others then reach nobody new',
  },
  {
    key: 'net.ipv6.neigh.default.gc_thresh2',
    atLeast: 32_768,
    why: 'neighbours over IPv6 from which on entries are removed within seconds',
  },
  {
    key: 'net.ipv4.neigh.default.gc_thresh3',
    atLeast: 65_536,
    why: 'neighbours over IPv4',
  },
  {
    key: 'fs.inotify.max_user_instances',
    atLeast: 65_536,
    why: 'watchers of files of one user, and root is the same user in all containers',
  },
  { key: 'fs.aio-max-nr', atLeast: 1_048_576, why: 'asynchronous disk requests' },
  {
    key: 'net.netfilter.nf_conntrack_max',
    atLeast: 1_048_576,
    why: 'connections: an org may have 16,384',
  },
  {
    key: 'kernel.keys.root_maxkeys',
    atLeast: 1_000_000,
    why: 'keys of root: Docker uses one for each container',
  },
];

export interface LowKernelLimit extends KernelLimit {
  current: number;
}

const SYSCTL_FOLDER = '/proc/sys';

function pathOf(key: string, folder: string): string {
  return join(folder, ...key.split('.'));
}

/**
 * @param folder where the kernel shows its settings; differs only in tests.
 * @returns the limits that are lower here than they should be. A setting that this kernel does not have, or that can't be
 *   read, is left out.
 */
export function kernelLimitsLow(folder = SYSCTL_FOLDER): LowKernelLimit[] {
  return KERNEL_LIMITS.flatMap((limit) => {
    const current = settingRead(pathOf(limit.key, folder));
    return current === null || current >= limit.atLeast ? [] : [{ ...limit, current }];
  });
}

/**
 * Raises the limits that are low, until the machine restarts. None is lowered, and no file is changed.
 * @param log is called with a sentence for each that was raised, or could not be.
 */
export function kernelLimitsRaise(log: (text: string) => void, folder = SYSCTL_FOLDER): void {
  for (const { key, atLeast, current, why } of kernelLimitsLow(folder)) {
    try {
      writeFileSync(pathOf(key, folder), String(atLeast));
      log(`Raised ${key} from ${current} to ${atLeast} until this machine restarts (${why}).`);
    } catch (error) {
      const reason = (error as NodeJS.ErrnoException).code ?? String(error);
      log(`${key} is ${current} and could not be raised to ${atLeast} (${reason}): ${why}.`);
    }
  }
}

/** @returns a sentence that says which limits an operator should raise; null: none. */
export function kernelLimitsAdvice(low: readonly LowKernelLimit[]): string | null {
  if (low.length === 0) return null;
  const settings = low.map(({ key, current, atLeast }) => `${key}=${atLeast} (now ${current})`);
  return (
    'Containers share some tables of the kernel, which are small here: one container can use them up for all. ' +
    `Set in /etc/sysctl.d/: ${settings.join(', ')}. See "What an operator has to set" in docs/security.md.`
  );
}

function settingRead(path: string): number | null {
  try {
    const value = Number(readFileSync(path, 'utf8').trim());
    return Number.isFinite(value) ? value : null;
  } catch {
    return null;
  }
}
