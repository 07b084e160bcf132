/** What the watches have seen: at rest, sweeps read this and ask the API server for nothing. */
import type { KubeApi } from './client.ts';
import type { KubeList, KubeObject } from './objects.ts';
import type { Watch, WatchTarget } from './watch.ts';

/** A watch reports our own changes a moment after they are made. After this time, in milliseconds, it has. */
const SETTLED_MS = 5000;

export interface ObjectCache {
  /**
   * All objects of a target, as the watch of exactly that target has seen them. They are listed if there is no such
   * watch, it is interrupted, or this process has just changed something in the cluster.
   */
  list<T extends KubeObject>(target: WatchTarget, signal: AbortSignal): Promise<T[]>;
  /** Answers from this watch while it runs, until `signal` aborts. */
  follow<T extends KubeObject>(
    target: WatchTarget,
    watch: Watch<T>,
    signal: AbortSignal,
  ): Promise<void>;
  /** For how long the watch that was heard least recently has been silent, in milliseconds; null: there is none. */
  silentMs(): number | null;
}

export function objectCacheCreate(api: KubeApi): ObjectCache {
  const watches = new Map<string, Watch<KubeObject>>();
  const keyOf = ({ path, labelSelector = '' }: WatchTarget) => `${path}?${labelSelector}`;

  return {
    async list<T extends KubeObject>(target: WatchTarget, signal: AbortSignal) {
      const isSettled = api.unchangedMs() >= SETTLED_MS;
      const seen = isSettled ? watches.get(keyOf(target))?.objects() : null;
      if (seen !== undefined && seen !== null) return seen as T[];
      const { path, labelSelector } = target;
      const query = labelSelector === undefined ? {} : { labelSelector };
      return (await api.call<KubeList<T>>({ method: 'GET', path, query, signal })).items;
    },

    async follow(target, watch, signal) {
      const key = keyOf(target);
      watches.set(key, watch);
      try {
        await watch.run(signal);
      } finally {
        if (watches.get(key) === watch) watches.delete(key);
      }
    },

    silentMs() {
      const times = Array.from(watches.values(), (watch) => watch.silentMs());
      return times.length === 0 ? null : Math.max(...times);
    },
  };
}
