/** Who pulls when: two at a time for each tenant, and nobody waits for another tenant's. */

const PULLS_PER_TENANT = 2;
/** Past this, a tenant's pulls are not kept in mind: they wait until they are asked for again. */
const QUEUED_PER_TENANT = 500;
/** Who waits asks again every few seconds. Silent for this long, it is gone, or another process's. */
const WAITER_SILENCE_MS = 60_000;

type PullProgress = { state: 'queued' } | { state: 'pulling'; startedAt: Date };

/** Who wants a pull; any tenant of them with a free place may start it. */
interface Waiter {
  tenantId: number;
  askedAtMs: number;
}

interface Pull {
  key: string;
  run: (signal: AbortSignal) => Promise<void>;
  /** By the container's id. */
  waiters: Map<number, Waiter>;
  abort: AbortController;
}

interface RunningPull extends Pull {
  /** The tenant whose place it takes. */
  owner: number;
  startedAt: Date;
  done: Promise<void>;
}

interface PullRequest {
  key: string;
  tenantId: number;
  containerId: number;
  /** Must not throw; ends soon after the signal. */
  run: (signal: AbortSignal) => Promise<void>;
}

export interface PullPool {
  progress(key: string): PullProgress | null;
  /** Asks for a pull, or joins the one that is there already. */
  request(request: PullRequest): PullProgress;
  /** Lets go of all pulls that a container waits for but these; what nobody waits for is ended. */
  release(containerId: number, except: ReadonlySet<string>): void;
  /** Ends all, and resolves when they have ended. */
  close(): Promise<void>;
}

/** @param ended told the containers that waited, when a pull has ended by itself. */
export function createPullPool(now: () => Date, ended: (containerId: number) => void): PullPool {
  /** In the order asked for. */
  const queued = new Map<string, Pull>();
  const pulling = new Map<string, RunningPull>();
  /** Those that are being ended too: they keep their places until they have. */
  const running = new Set<RunningPull>();
  let isClosed = false;

  function isWanted(pull: Pull): boolean {
    const sinceMs = now().getTime() - WAITER_SILENCE_MS;
    return [...pull.waiters.values()].some(({ askedAtMs }) => askedAtMs >= sinceMs);
  }

  function isWantedBy(pull: Pull, tenantId: number): boolean {
    return [...pull.waiters.values()].some((waiter) => waiter.tenantId === tenantId);
  }

  function start(pull: Pull, owner: number): void {
    queued.delete(pull.key);
    const { promise: done, resolve } = Promise.withResolvers<void>();
    const started: RunningPull = { ...pull, owner, startedAt: now(), done };
    pulling.set(pull.key, started);
    running.add(started);
    void pull.run(pull.abort.signal).finally(() => {
      running.delete(started);
      if (pulling.get(pull.key) === started) pulling.delete(pull.key);
      resolve();
      if (!pull.abort.signal.aborted) for (const id of pull.waiters.keys()) ended(id);
      // Whoever waited on this place, and whoever shared this pull, may have a next one.
      const sharers = [...pull.waiters.values()].map(({ tenantId }) => tenantId);
      for (const tenantId of new Set([started.owner, ...sharers])) startWaiting(tenantId);
    });
  }

  function startWaiting(tenantId: number): void {
    if (isClosed) return;
    let free = PULLS_PER_TENANT - [...running].filter(({ owner }) => owner === tenantId).length;
    for (const pull of [...queued.values()]) {
      if (free <= 0) return;
      if (!isWantedBy(pull, tenantId)) continue;
      if (!isWanted(pull)) {
        queued.delete(pull.key);
        continue;
      }
      start(pull, tenantId);
      free -= 1;
    }
  }

  function progress(key: string): PullProgress | null {
    const started = pulling.get(key);
    if (started !== undefined) return { state: 'pulling', startedAt: started.startedAt };
    return queued.has(key) ? { state: 'queued' } : null;
  }

  return {
    progress,

    request({ key, tenantId, containerId, run }) {
      if (isClosed) return { state: 'queued' };
      let pull = pulling.get(key) ?? queued.get(key);
      if (pull === undefined) {
        const count = [...queued.values()].filter((each) => isWantedBy(each, tenantId)).length;
        if (count >= QUEUED_PER_TENANT) return { state: 'queued' };
        pull = { key, run, waiters: new Map(), abort: new AbortController() };
        queued.set(key, pull);
      }
      pull.waiters.set(containerId, { tenantId, askedAtMs: now().getTime() });
      startWaiting(tenantId);
      return progress(key) ?? { state: 'queued' };
    },

    release(containerId, except) {
      for (const pull of [...queued.values()]) {
        if (except.has(pull.key) || !pull.waiters.delete(containerId)) continue;
        if (pull.waiters.size === 0) queued.delete(pull.key);
      }
      for (const pull of [...pulling.values()]) {
        if (except.has(pull.key) || !pull.waiters.delete(containerId)) continue;
        const [heir] = pull.waiters.values();
        if (heir === undefined) {
          pulling.delete(pull.key);
          pull.abort.abort();
        } else if (!isWantedBy(pull, pull.owner)) {
          const before = pull.owner;
          pull.owner = heir.tenantId;
          startWaiting(before);
        }
      }
    },

    async close() {
      isClosed = true;
      for (const { abort } of running) abort.abort();
      await Promise.all([...running].map(({ done }) => done));
    },
  };
}
