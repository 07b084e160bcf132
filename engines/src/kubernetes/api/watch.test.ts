/** The watch against a server that does what API servers and proxies between do wrong. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { test } from 'node:test';
import { kubeApiCreate } from './client.ts';
import type { KubeObject } from './objects.ts';
import { watchCreate } from './watch.ts';
import type { Watch, WatchTiming } from './watch.ts';

const TIMING = {
  watchSeconds: 60,
  silenceMs: 300,
  pauseFirstMs: 5,
  pauseLastMs: 20,
  resyncMs: 3_600_000,
  random: () => 0.5,
};
const WAIT_MS = 300_000;

/** What happens to one watch, in order; the last lasts for ever. */
type Behaviour =
  | 'good'
  | 'closes'
  /** Says nothing of objects, and closes when there is a newer version. */
  | 'deaf'
  | 'resets'
  | 'stalls'
  | 'truncates'
  | 'garbles'
  | 'expires'
  | 'expires-in-stream'
  | 'fails'
  | 'fails-in-stream'
  | 'replays';

interface Stored {
  version: number;
  object: KubeObject;
}

/** A server with a history of its objects: a watch from a version tells what came after it. */
async function serverStart(behaviours: Behaviour[]) {
  let version = 100;
  const objects = new Map<string, Stored>();
  const history: { version: number; type: string; object: KubeObject }[] = [];
  const watches = new Set<ServerResponse>();
  const counts = { lists: 0, watches: 0 };

  function record(type: string, name: string): void {
    version += 1;
    const object: KubeObject = {
      metadata: {
        ...{ name, uid: `uid-${name}`, resourceVersion: String(version) },
        creationTimestamp: '2026-01-01T00:00:00Z',
      },
    };
    if (type === 'DELETED') objects.delete(name);
    else objects.set(name, { version, object });
    history.push({ version, type, object });
    for (const watch of watches) watch.write(`${JSON.stringify({ type, object })}\n`);
  }

  function refuse(reply: ServerResponse, status: number): void {
    reply.writeHead(status, { 'content-type': 'application/json' });
    reply.end(JSON.stringify({ kind: 'Status', code: status, reason: 'x', message: 'no' }));
  }

  function watch(reply: ServerResponse, from: number): void {
    const behaviour = behaviours.length > 1 ? behaviours.shift() : behaviours[0];
    if (behaviour === 'fails') return refuse(reply, 500);
    if (behaviour === 'expires') return refuse(reply, 410);
    reply.writeHead(200, { 'content-type': 'application/json' });
    reply.flushHeaders();
    if (behaviour === 'stalls') return;
    const send = (event: object) => reply.write(`${JSON.stringify(event)}\n`);
    if (behaviour === 'expires-in-stream' || behaviour === 'fails-in-stream') {
      send({ type: 'ERROR', object: { code: behaviour === 'fails-in-stream' ? 500 : 410 } });
      return void reply.end();
    }
    if (behaviour === 'deaf') {
      const timer = setInterval(() => {
        if (version === from) return;
        send({ type: 'BOOKMARK', object: bookmark() });
        reply.end();
      }, 5);
      return void reply.on('close', () => clearInterval(timer));
    }
    const since = behaviour === 'replays' ? 0 : from;
    for (const { type, object, version: at } of history) if (at > since) send({ type, object });
    const event = JSON.stringify({
      type: 'BOOKMARK',
      object: { metadata: { resourceVersion: version } },
    });
    if (behaviour === 'closes' || behaviour === 'replays') return void reply.end();
    if (behaviour === 'resets') return void reply.write('\n', () => reply.destroy());
    if (behaviour === 'truncates') return void reply.end(event.slice(0, 20));
    if (behaviour === 'garbles') return void reply.end(`${event.slice(0, 20)}}}}}\n`);
    watches.add(reply);
    // As a server's bookmarks: what keeps a quiet watch from being given up.
    const timer = setInterval(() => send({ type: 'BOOKMARK', object: bookmark() }), 100);
    reply.on('close', () => {
      clearInterval(timer);
      watches.delete(reply);
    });
  }

  const bookmark = () => ({ metadata: { uid: '', resourceVersion: String(version) } });

  const server = createServer((request, reply) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://server');
    if (searchParams.get('watch') === 'true') {
      counts.watches += 1;
      assert.equal(searchParams.get('allowWatchBookmarks'), 'true');
      return watch(reply, Number(searchParams.get('resourceVersion')));
    }
    counts.lists += 1;
    reply.setHeader('content-type', 'application/json');
    const items = [...objects.values()].map(({ object }) => object);
    reply.end(JSON.stringify({ metadata: { resourceVersion: String(version) }, items }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const folder = mkdtempSync(join(tmpdir(), 'kubeconfig-'));
  const kubeconfig = join(folder, 'config');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'a', cluster: { server: url, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'a', user: {} }],
      contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
      'current-context': 'a',
    }),
  );
  return {
    kubeconfig,
    counts,
    record,
    versions: () => new Map([...objects].map(([name, stored]) => [name, String(stored.version)])),
    isWatched: () => watches.size > 0,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      rmSync(folder, { recursive: true });
    },
  };
}

async function until(what: string, probe: () => boolean): Promise<void> {
  const endMs = performance.now() + WAIT_MS;
  while (!probe()) {
    assert.ok(performance.now() < endMs, what);
    await delay(5);
  }
}

interface Seen {
  versions: Map<string, string>;
  /** In the order in which they were reported. */
  told: string[];
  gaps: number;
  failures: number;
}

/** Watches a server while `work` runs, and expects to have seen what the server has in the end. */
async function watching(
  behaviours: Behaviour[],
  work: (
    server: Awaited<ReturnType<typeof serverStart>>,
    seen: Seen,
    watch: Watch<KubeObject>,
  ) => Promise<void>,
  timing: Partial<WatchTiming> = {},
): Promise<void> {
  const server = await serverStart(behaviours);
  const api = kubeApiCreate(server.kubeconfig);
  const stop = new AbortController();
  const seen: Seen = { versions: new Map(), told: [], gaps: 0, failures: 0 };
  const watch = watchCreate<KubeObject>(
    api,
    { path: '/api/v1/pods', labelSelector: 'a=b' },
    {
      changed({ metadata }) {
        const { name, resourceVersion } = metadata;
        assert.ok(Number(resourceVersion) > Number(seen.versions.get(name) ?? 0), 'an older one');
        seen.versions.set(name, resourceVersion);
        seen.told.push(`${name} ${resourceVersion}`);
      },
      removed: ({ metadata }) => void seen.versions.delete(metadata.name),
      gap: () => void (seen.gaps += 1),
      failed: () => void (seen.failures += 1),
    },
    { ...TIMING, ...timing },
  );
  const running = watch.run(stop.signal);
  try {
    server.record('ADDED', 'first');
    await work(server, seen, watch);
    await until('everything is seen', () => {
      const wanted = server.versions();
      return (
        wanted.size === seen.versions.size &&
        [...wanted].every(([name, version]) => seen.versions.get(name) === version)
      );
    });
  } finally {
    stop.abort();
    await running;
    api.close();
    await server.close();
  }
}

for (const behaviour of [
  'closes',
  'resets',
  'stalls',
  'truncates',
  'garbles',
  'expires',
  'expires-in-stream',
  'fails',
  'fails-in-stream',
  'replays',
] as const) {
  test(`everything is seen although the server ${behaviour}`, async () => {
    await watching([behaviour, behaviour, behaviour, 'good'], async (server) => {
      for (let round = 0; round < 4; round += 1) {
        const before = server.counts.watches;
        server.record('ADDED', `box-${round}`);
        server.record('MODIFIED', 'first');
        if (round > 0) server.record('DELETED', `box-${round - 1}`);
        if (!server.isWatched()) await until('a new watch', () => server.counts.watches > before);
      }
    });
  });
}

test('at rest nothing is listed, and a watch that only gets bookmarks lasts', async () => {
  await watching(['good'], async (server, seen) => {
    await until('a watch', () => server.isWatched());
    // Several times the silence after which a watch is given up.
    await delay(4 * TIMING.silenceMs);
    assert.deepEqual(server.counts, { lists: 1, watches: 1 });
    assert.equal(seen.gaps, 0);
  });
});

test('a pause of this process does not end a watch', async () => {
  await watching(['good'], async (server) => {
    await until('a watch', () => server.isWatched());
    const endMs = performance.now() + 2 * TIMING.silenceMs;
    while (performance.now() < endMs);
    await delay(TIMING.silenceMs);
    assert.deepEqual(server.counts, { lists: 1, watches: 1 });
  });
});

test('a watch that breaks goes on from where it was, without a list', async () => {
  await watching(['closes', 'truncates', 'resets', 'good'], async (server, seen) => {
    await until('the last watch', () => server.isWatched());
    server.record('ADDED', 'second');
    await until('it is seen', () => seen.versions.has('second'));
    assert.equal(server.counts.lists, 1);
    assert.equal(seen.gaps, 0);
  });
});

test('what was missed for good is told as a gap', async () => {
  await watching(['expires', 'good'], async (server, seen) => {
    await until('the last watch', () => server.isWatched());
    assert.equal(server.counts.lists, 2);
    assert.equal(seen.gaps, 1);
  });
});

test('nothing is told twice', async () => {
  await watching(['replays', 'replays', 'good'], async (server, seen) => {
    await until('the last watch', () => server.isWatched());
    assert.deepEqual(seen.told.length, new Set(seen.told).size);
  });
});

test('what was seen is what there is while a watch is open, and unknown without one', async () => {
  await watching(['good'], async (server, seen, watch) => {
    await until('a watch', () => server.isWatched());
    server.record('ADDED', 'second');
    server.record('DELETED', 'first');
    await until('both are seen', () => seen.versions.has('second') && !seen.versions.has('first'));
    assert.deepEqual(
      watch.objects()?.map(({ metadata }) => metadata.name),
      ['second'],
    );
  });
  await watching(['fails', 'good'], async (server, seen, watch) => {
    await until('a failure', () => seen.failures > 0 || server.isWatched());
    if (!server.isWatched()) assert.equal(watch.objects(), null);
  });
});

test('for how long the server was silent can be told, and bookmarks end it', async () => {
  await watching(['good'], async (server, _seen, watch) => {
    await until('a watch', () => server.isWatched());
    let longestMs = 0;
    await until('a word after a silence', () => {
      const silentMs = watch.silentMs();
      const isWord = silentMs < longestMs;
      longestMs = Math.max(longestMs, silentMs);
      return isWord;
    });
  });
});

test('what was seen is compared with a list from time to time', async () => {
  await watching(
    ['closes', 'closes', 'good'],
    async (server, seen) => {
      await until('a list', () => server.counts.lists >= 2);
      assert.equal(seen.failures, 0);
    },
    { resyncMs: 1 },
  );
});

test('what the watch has lost is found by the comparison, and told as a gap', async () => {
  await watching(
    ['deaf', 'good'],
    async (server, seen) => {
      await until('the deaf watch', () => server.counts.watches >= 1);
      server.record('ADDED', 'lost');
      await until('it is seen', () => seen.versions.has('lost'));
      assert.equal(seen.gaps, 1);
    },
    { resyncMs: 1 },
  );
});
