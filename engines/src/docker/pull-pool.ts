/** Who pulls when: two at a time for each tenant, and nobody waits for another tenant's. */

const PULLS_PER_TENANT = 2;

type PullProgress = { state: 'queued' } | { state: 'pulling'; startedAt: Date };

interface Pull {
  key: string;
  run: (signal: AbortSignal) => Promise<void>;
  /** Tenants that want it; any of them with a free place may start it. */
  tenants: Set<number>;
  /** Whose place it takes; null while it waits. */
  owner: number | null;
  startedAt: Date | null;
}

export interface PullPool {
  progress(key: string): PullProgress | null;
  /** Asks for a pull, or joins the one that is there already. `run` must not throw. */
  request(key: string, tenantId: number, run: (signal: AbortSignal) => Promise<void>): void;
  /** Ends all, and resolves when they have ended. */
  close(): Promise<void>;
}

export function createPullPool(now: () => Date): PullPool {
  /** In the order asked for. */
  const pulls = new Map<string, Pull>();
  const running = new Set<Promise<void>>();
  const closing = new AbortController();

  function start(pull: Pull, owner: number): void {
    pull.owner = owner;
    pull.startedAt = now();
    const done = pull.run(closing.signal).finally(() => {
      running.delete(done);
      pulls.delete(pull.key);
      // Whoever waited on this place, and whoever shared this pull, may have a next one.
      for (const tenantId of new Set([owner, ...pull.tenants])) startWaiting(tenantId);
    });
    running.add(done);
  }

  function startWaiting(tenantId: number): void {
    if (closing.signal.aborted) return;
    const all = [...pulls.values()];
    let free = PULLS_PER_TENANT - all.filter((pull) => pull.owner === tenantId).length;
    for (const pull of all) {
      if (free <= 0) return;
      if (pull.owner !== null || !pull.tenants.has(tenantId)) continue;
      start(pull, tenantId);
      free -= 1;
    }
  }

  return {
    progress(key) {
      const pull = pulls.get(key);
      if (pull === undefined) return null;
      return pull.startedAt === null
        ? { state: 'queued' }
        : { state: 'pulling', startedAt: pull.startedAt };
    },

    request(key, tenantId, run) {
      if (closing.signal.aborted) return;
      const pull = pulls.get(key) ?? { key, run, tenants: new Set(), owner: null, startedAt: null };
      pull.tenants.add(tenantId);
      pulls.set(key, pull);
      startWaiting(tenantId);
    },

    async close() {
      closing.abort();
      await Promise.all(running);
    },
  };
}
