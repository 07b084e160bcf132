/** What a lock file records about the process that holds it. */
export interface LockHolder {
  pid: number;
  /** In clock ticks since boot, field 22 of /proc/pid/stat; null where there is no /proc. Detects a reused pid. */
  startTime: string | null;
  bootId: string | null;
  pidNamespace: string | null;
  /** Random, new with each acquisition. */
  nonce: string;
}

export interface ProcessLock {
  /** Releases the lock. If it is not called, the lock ends with the process. */
  release(): void;
}

/**
 * Takes the lock at `path` (its folder must exist), or returns the process that holds it. A lock whose holder is dead
 * is taken over. A holder in another container (PID namespace) counts as dead if its heartbeat is a minute old.
 */
export function processLockAcquire(path: string): ProcessLock | { holder: LockHolder };

/** Takes the lock, waiting for as long as another process holds it; `onWait` is called once if it has to. */
export function processLockWait(
  path: string,
  onWait: (holder: LockHolder) => void,
): Promise<ProcessLock>;

/** Start time of a process as in {@link LockHolder}; null if it is gone, a zombie, or there is no /proc. */
export function processStartTime(pid: number): string | null;

/** Whether the process is alive and, if `startTime` is not null, still the same one. */
export function processIsAlive(pid: number, startTime: string | null): boolean;
