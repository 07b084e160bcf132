/** Which pulls run, and which wait: at most two per tenant, and no tenant waits for another tenant's pulls. */

const PULLS_PER_TENANT = 2;
/** Beyond this, a tenant's pulls are not queued: they wait until they are requested again. */
const QUEUED_PER_TENANT = 500;
/** A waiter asks again every few seconds. If it is silent for this long, it is gone or belongs to another process. */
const WAITER_SILENCE_MS = 60_000;

type PullProgress = { state: 'queued' } | { state: 'pulling'; startedAt: Date };

/** Pulls are for one tenant: what another may get from the registry can differ. */
interface PullKey {
  tenantId: number;
  /** The full reference. */
  ref: string;
}

interface Pull extends PullKey {
  run: (signal: AbortSignal) => Promise<void>;
  /** When each container that wants it last asked, in milliseconds, by the container's id. */
  waiters: Map<number, number>;
  abort: AbortController;
}

interface RunningPull extends Pull {
  startedAt: Date;
  done: Promise<void>;
}

interface PullRequest extends PullKey {
  containerId: number;
  /** Must not throw; ends soon after the signal. */
  run: (signal: AbortSignal) => Promise<void>;
}

export interface PullPool {
  progress(key: PullKey): PullProgress | null;
  /** The references of all pulls that run or wait. */
  references(): Set<string>;
  /** Requests a pull, or joins the existing one. */
  request(request: PullRequest): PullProgress;
  /** Releases all pulls that a container waits for, except these references. A pull without waiters is ended. */
  release(containerId: number, except: ReadonlySet<string>): void;
  /** Ends all pulls, and resolves when they have ended. */
  close(): Promise<void>;
}

function keyText({ tenantId, ref }: PullKey): string {
  return `${tenantId} ${ref}`;
}

/** @param ended notifies the containers that waited, when a pull has ended by itself. */
export function pullPoolCreate(now: () => Date, ended: (containerId: number) => void): PullPool {
  /** In the order of the requests. */
  const queued = new Map<string, Pull>();
  const pulling = new Map<string, RunningPull>();
  /** Includes those that are being ended: they keep their places until they have ended. */
  const running = new Set<RunningPull>();
  let isClosed = false;

  function isWanted({ waiters }: Pull): boolean {
    const sinceMs = now().getTime() - WAITER_SILENCE_MS;
    return [...waiters.values()].some((askedAtMs) => askedAtMs >= sinceMs);
  }

  function start(pull: Pull): void {
    const key = keyText(pull);
    queued.delete(key);
    const { promise: done, resolve } = Promise.withResolvers<void>();
    const started: RunningPull = { ...pull, startedAt: now(), done };
    pulling.set(key, started);
    running.add(started);
    void pull.run(pull.abort.signal).finally(() => {
      running.delete(started);
      if (pulling.get(key) === started) pulling.delete(key);
      resolve();
      if (!pull.abort.signal.aborted) for (const id of pull.waiters.keys()) ended(id);
      startWaiting(pull.tenantId);
    });
  }

  function startWaiting(tenantId: number): void {
    if (isClosed) return;
    const isOfTenant = (pull: Pull) => pull.tenantId === tenantId;
    let free = PULLS_PER_TENANT - [...running].filter(isOfTenant).length;
    for (const pull of [...queued.values()].filter(isOfTenant)) {
      if (free <= 0) return;
      if (!isWanted(pull)) {
        queued.delete(keyText(pull));
        continue;
      }
      start(pull);
      free -= 1;
    }
  }

  function progress(key: PullKey): PullProgress | null {
    const started = pulling.get(keyText(key));
    if (started !== undefined) return { state: 'pulling', startedAt: started.startedAt };
    return queued.has(keyText(key)) ? { state: 'queued' } : null;
  }

  return {
    progress,

    references: () => new Set([...queued.values(), ...running].map(({ ref }) => ref)),

    request({ tenantId, ref, containerId, run }) {
      if (isClosed) return { state: 'queued' };
      const key = keyText({ tenantId, ref });
      let pull = pulling.get(key) ?? queued.get(key);
      if (pull === undefined) {
        const count = [...queued.values()].filter((each) => each.tenantId === tenantId).length;
        if (count >= QUEUED_PER_TENANT) return { state: 'queued' };
        pull = { tenantId, ref, run, waiters: new Map(), abort: new AbortController() };
        queued.set(key, pull);
      }
      pull.waiters.set(containerId, now().getTime());
      startWaiting(tenantId);
      return progress({ tenantId, ref }) ?? { state: 'queued' };
    },

    release(containerId, except) {
      for (const [key, pull] of queued) {
        if (except.has(pull.ref) || !pull.waiters.delete(containerId)) continue;
        if (pull.waiters.size === 0) queued.delete(key);
      }
      for (const [key, pull] of pulling) {
        if (except.has(pull.ref) || !pull.waiters.delete(containerId)) continue;
        if (pull.waiters.size > 0) continue;
        pulling.delete(key);
        pull.abort.abort();
      }
    },

    async close() {
      isClosed = true;
      for (const { abort } of running) abort.abort();
      await Promise.all([...running].map(({ done }) => done));
    },
  };
}
