import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { aptSkip } from '@dollarbox/host/apt';
import { type TestRedis, redisStart } from '@dollarbox/testbed/redis';
import { type Harness, harnessOpen } from '../support/harness.ts';

const LIMIT = 20;
/** Where Redis answers, a busy machine may take longer than a request would wait. */
const PATIENCE_MS = 300_000;

describe('limits over several processes', { skip: aptSkip() }, () => {
  let redis: TestRedis;
  let one: Harness;
  before(async () => {
    redis = await redisStart();
    const limit = { RATE_LIMIT_PER_MINUTE: String(LIMIT), REDIS_URL: redis.url };
    one = await harnessOpen(limit, {}, undefined, PATIENCE_MS);
  });
  after(async () => {
    await one.close();
    await redis.close();
  });

  it('are counted together, and by each process while Redis is unavailable', async () => {
    const caller = await one.callerAdd();
    const two = await one.appAdd();
    const apis = [caller.api, two.client(caller.token)];
    const statuses: number[] = [];
    for (let count = 0; count < LIMIT + 4; count += 1) {
      const reply = await apis[count % 2]?.get('/containers/');
      statuses.push(reply?.status ?? 0);
    }
    assert.deepEqual(statuses, [...Array(LIMIT).fill(200), ...Array(4).fill(429)]);
    assert.equal(await isShared(), 1);

    await redis.close();
    const other = await one.callerAdd();
    for (const api of [other.api, two.client(other.token)]) {
      const seen: number[] = [];
      for (let count = 0; count <= LIMIT; count += 1) {
        seen.push((await api.get('/containers/')).status);
      }
      assert.deepEqual(seen, [...Array(LIMIT).fill(200), 429]);
    }
    assert.equal(await isShared(), 0);
    assert.match(one.logText(), /Redis is not reachable: requests are limited in each process/);
    await two.close();
  });

  it('hold in each process while Redis hangs, and across processes again afterwards', async (t) => {
    const hanging = await redisStart();
    t.after(() => hanging.close());
    const limit = { RATE_LIMIT_PER_MINUTE: String(LIMIT), REDIS_URL: hanging.url };
    const harness = await harnessOpen(limit);
    t.after(() => harness.close());
    assert.equal((await (await harness.callerAdd()).api.get('/containers/')).status, 200);
    const { api } = await harness.callerAdd();
    hanging.signal('SIGSTOP');
    const statuses: number[] = [];
    for (let count = 0; count <= LIMIT; count += 1) {
      statuses.push((await api.get('/containers/')).status);
    }
    hanging.signal('SIGCONT');
    assert.deepEqual(statuses, [...Array(LIMIT).fill(200), 429]);
    while (!/reachable again/.test(harness.logText())) {
      await (await harness.callerAdd()).api.get('/containers/');
    }
  });

  async function isShared(): Promise<number | undefined> {
    const found = await one.deps.metrics.rateLimitsShared.get();
    return found.values[0]?.value;
  }
});
