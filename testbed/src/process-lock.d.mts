/** What a lock file says of the process that holds it. */
export interface LockHolder {
  pid: number;
  /** In clock ticks since boot, field 22 of /proc/pid/stat; null where there is no /proc. Tells a reused pid apart. */
  startTime: string | null;
  bootId: string | null;
  pidNamespace: string | null;
  /** Random, new with each acquisition. */
  nonce: string;
}

export interface ProcessLock {
  /** Gives the lock back. Without it, the lock ends with the process. */
  release(): void;
}

/**
 * Takes the lock at `path` (its folder must exist), or tells who holds it. A lock whose holder is dead is taken over.
 * A holder in another container (PID namespace) counts as dead when its heartbeat is a minute old.
 */
export function processLockAcquire(path: string): ProcessLock | { holder: LockHolder };

/** Takes the lock, waiting for as long as another process holds it; `onWait` is called once if it has to. */
export function processLockWait(
  path: string,
  onWait: (holder: LockHolder) => void,
): Promise<ProcessLock>;

/** Start time of a process as in {@link LockHolder}; null when it is gone, a zombie, or there is no /proc. */
export function processStartTime(pid: number): string | null;

/** Whether the process lives and, if `startTime` is not null, is still the same one. */
export function processIsAlive(pid: number, startTime: string | null): boolean;
