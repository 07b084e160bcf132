/**
 * Follows all objects of one kind: a list, then a watch from there on. Of client-node's informer only the idea is used:
 * its watch stops for good on errors other than 410, ignores broken JSON, and asks for no bookmarks.
 * Source: https://kubernetes.io/docs/reference/using-api/api-concepts/ (efficient detection of changes).
 */
import { linesRead } from '../../lines.ts';
import { setTimeout as delay, setImmediate as turnOfLoop } from 'node:timers/promises';
import { isKubeStatus } from './client.ts';
import type { KubeApi } from './client.ts';
import type { KubeList, KubeObject } from './objects.ts';

export interface WatchTarget {
  /** Of the list, cluster-wide: `/api/v1/pods`. */
  path: string;
  /** Omitted: all of them. */
  labelSelector?: string;
}

export interface WatchListener<T> {
  /** `previous`: as it was last seen. */
  changed(object: T, previous: T | undefined): void;
  removed(object: T): void;
  /** There may have been changes that were not reported: a list, other than the first one, differs from what was seen. */
  gap(): void;
  /** Called with each failure before a pause. */
  failed(error: unknown): void;
}

export interface WatchTiming {
  /** The server ends a watch after about this time, in seconds. */
  watchSeconds: number;
  /** A watch is given up if nothing, not even a bookmark, arrives for this long, in milliseconds. */
  silenceMs: number;
  pauseFirstMs: number;
  pauseLastMs: number;
  /** What was seen is compared with a list after this time at the earliest, and after twice this time at the latest. */
  resyncMs: number;
  /** Between 0 and 1: spreads what many processes do at the same time. */
  random: () => number;
}

interface WatchEvent<T> {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  object: T;
}

/** The server no longer knows the version: the objects must be listed again. */
class Expired extends Error {}

export interface Watch<T> {
  /** Runs until `signal` aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** All objects, as of a moment ago; null: it is not known whether something has changed since. */
  objects(): T[] | null;
  /** How long ago the server last said something, in milliseconds. */
  silentMs(): number;
}

export function watchCreate<T extends KubeObject>(
  api: KubeApi,
  { path, labelSelector }: WatchTarget,
  listener: WatchListener<T>,
  timing: WatchTiming,
): Watch<T> {
  const selected = labelSelector === undefined ? {} : { labelSelector };
  const known = new Map<string, T>();
  let version: string | null = null;
  let pauseMs = timing.pauseFirstMs;
  let isOpen = false;
  let heardAtMs = performance.now();
  /** null: nothing has been listed yet. */
  let resyncAtMs: number | null = null;

  function hear(): void {
    heardAtMs = performance.now();
  }

  function see(object: T): void {
    const previous = known.get(object.metadata.uid);
    if (previous !== undefined && isOlder(object, previous)) return;
    known.set(object.metadata.uid, object);
    if (previous?.metadata.resourceVersion !== object.metadata.resourceVersion) {
      listener.changed(object, previous);
    }
  }

  function forget(object: T): void {
    const previous = known.get(object.metadata.uid);
    if (previous === undefined || isOlder(object, previous)) return;
    known.delete(object.metadata.uid);
    listener.removed(object);
  }

  async function list(signal: AbortSignal): Promise<void> {
    const { metadata, items } = await api.call<KubeList<T>>({
      ...{ method: 'GET', path, query: selected, signal },
    });
    hear();
    const found = new Set(items.map((item) => item.metadata.uid));
    const gone = [...known.values()].filter(({ metadata: { uid } }) => !found.has(uid));
    const isSame = gone.length === 0 && items.every((item) => !isNews(item));
    // What happened since the last watch is reported as one change of each object; what came and went is not.
    if (resyncAtMs !== null && !(isSame && version !== null)) listener.gap();
    for (const object of gone) {
      known.delete(object.metadata.uid);
      listener.removed(object);
    }
    for (const item of items) see(item);
    version = metadata.resourceVersion;
    resyncAtMs = performance.now() + timing.resyncMs * (1 + timing.random());
  }

  function isNews({ metadata }: T): boolean {
    return known.get(metadata.uid)?.metadata.resourceVersion !== metadata.resourceVersion;
  }

  function take({ type, object }: WatchEvent<T>): void {
    if (type === 'ERROR') {
      const { code } = object as unknown as { code?: number };
      if (code === 410) throw new Expired();
      throw new Error(`the watch of ${path} failed: ${JSON.stringify(object).slice(0, 300)}`);
    }
    if (type === 'DELETED') forget(object);
    else if (type !== 'BOOKMARK') see(object);
    version = object.metadata.resourceVersion;
    pauseMs = timing.pauseFirstMs;
  }

  /** @returns whether anything arrived. */
  async function watch(from: string, signal: AbortSignal): Promise<boolean> {
    const silence = new AbortController();
    let timer = setTimeout(() => giveUp(silence), timing.silenceMs);
    let hasArrived = false;
    try {
      const stream = await api.stream({
        method: 'GET',
        path,
        query: {
          ...{ ...selected, watch: 'true', allowWatchBookmarks: 'true', resourceVersion: from },
          timeoutSeconds: String(Math.ceil(timing.watchSeconds * (1 + timing.random()))),
        },
        signal: AbortSignal.any([signal, silence.signal]),
      });
      const stop = () => stream.destroy();
      const ended = AbortSignal.any([signal, silence.signal]);
      ended.addEventListener('abort', stop, { once: true });
      hear();
      isOpen = true;
      try {
        for await (const line of linesRead(stream)) {
          hear();
          clearTimeout(timer);
          timer = setTimeout(() => giveUp(silence), timing.silenceMs);
          if (line === '') continue;
          take(JSON.parse(line) as WatchEvent<T>);
          hasArrived = true;
        }
      } finally {
        isOpen = false;
        ended.removeEventListener('abort', stop);
        stream.destroy();
      }
    } finally {
      clearTimeout(timer);
    }
    return hasArrived;
  }

  /** Ends a watch, unless something arrived while this process was too busy to read it. */
  async function giveUp(silence: AbortController): Promise<void> {
    const untilMs = heardAtMs;
    await turnOfLoop();
    if (heardAtMs === untilMs) silence.abort();
  }

  /** Longer each time, until something arrives again. */
  async function pause(signal: AbortSignal): Promise<void> {
    const jittered = pauseMs * (0.5 + timing.random() / 2);
    pauseMs = Math.min(pauseMs * 2, timing.pauseLastMs);
    await delay(jittered, undefined, { signal }).catch(() => undefined);
  }

  async function run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const isDue = resyncAtMs !== null && performance.now() >= resyncAtMs;
        if (version === null || isDue) await list(signal);
        // Some proxies close quiet watches at once.
        else if (!(await watch(version, signal))) await pause(signal);
      } catch (error) {
        if (signal.aborted) return;
        const isExpired = error instanceof Expired || isKubeStatus(error, 410);
        if (isExpired) {
          version = null;
          if (pauseMs === timing.pauseFirstMs) {
            pauseMs *= 2;
            continue;
          }
        } else listener.failed(error);
        await pause(signal);
      }
    }
  }

  return {
    run,
    objects: () => (isOpen ? [...known.values()] : null),
    silentMs: () => performance.now() - heardAtMs,
  };
}

/** Versions of the objects of one cluster can be compared (KEP-5504, Kubernetes 1.35). */
function isOlder(one: KubeObject, other: KubeObject): boolean {
  const [a, b] = [one, other].map(({ metadata }) => metadata.resourceVersion) as [string, string];
  return a.length === b.length ? a < b : a.length < b.length;
}
