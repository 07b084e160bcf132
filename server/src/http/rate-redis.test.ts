import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { aptSkip } from '@dollarbox/host/apt';
import { type TestRedis, redisStart } from '@dollarbox/testbed/redis';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { metricsCreate } from '../base/metrics.ts';
import { systemClock } from '../base/system.ts';
import { sharedRatesOpen } from './rate-redis.ts';

const WINDOW_MS = 60_000;
/** Where Redis answers, a busy machine may take longer than a request would wait. */
const PATIENCE_MS = 300_000;

describe('counting in Redis', { skip: aptSkip() }, () => {
  let server: TestRedis;
  let redis: Redis;
  before(async () => {
    server = await redisStart();
    redis = new Redis(server.url);
  });
  after(async () => {
    redis.disconnect();
    await server.close();
  });

  it('begins with the first request', async (t) => {
    const rates = await ratesOpen(t, { patienceMs: PATIENCE_MS });
    await rates.count('first');
    assert.equal(await redis.get('test first'), '1');
  });

  it('goes on after a pause of this process in which Redis answered', async (t) => {
    const rates = await ratesOpen(t, { patienceMs: 1000 });
    const counted = rates.count('paused');
    const endMs = performance.now() + 3000;
    while (performance.now() < endMs);
    await counted;
    await rates.count('paused');
    assert.equal(await redis.get('test paused'), '2');
    assert.doesNotMatch(rates.logText(), /Redis/);
  });

  it('goes on at once when a lost connection is back', async (t) => {
    const back = Promise.withResolvers<void>();
    const rates = await ratesOpen(t, {
      patienceMs: PATIENCE_MS,
      lineSee(line) {
        if (!line.includes('Redis is reachable again')) return;
        rates.count('back').then(() => back.resolve());
      },
    });
    await redis.client('KILL', 'SKIPME', 'yes');
    while (!/Redis is not reachable/.test(rates.logText())) await rates.count('lost');
    await back.promise;
    assert.equal(await redis.get('test back'), '1');
  });

  it('waits no longer than a second for a Redis that hangs at the start', async (t) => {
    const hanging = await redisStart();
    t.after(() => hanging.close());
    hanging.signal('SIGSTOP');
    const rates = await ratesOpen(t, { url: hanging.url });
    assert.match(rates.logText(), /Redis is not reachable/);
    assert.equal(await rates.count('hanging'), 1);
    hanging.signal('SIGCONT');
  });

  async function ratesOpen(
    t: { after(end: () => void): void },
    options: { url?: string; patienceMs?: number; lineSee?(line: string): void } = {},
  ) {
    const { url = server.url, patienceMs, lineSee } = options;
    const lines: string[] = [];
    const write = (line: string) => {
      lines.push(line);
      lineSee?.(line);
    };
    const rates = await sharedRatesOpen({
      ...{ url, namespace: 'test', clock: systemClock, maxKeys: 10, patienceMs },
      ...{ log: pino({}, { write }), metrics: metricsCreate() },
    });
    t.after(() => rates.close());
    const store = new rates.store({});
    const count = (key: string) =>
      new Promise<number>((resolve, reject) => {
        const answer = (error: Error | null, result?: { current: number }) =>
          result === undefined ? reject(error) : resolve(result.current);
        store.incr(key, answer, WINDOW_MS, 1);
      });
    return { count, logText: () => lines.join('') };
  }
});
