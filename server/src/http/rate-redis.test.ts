import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { aptSkip } from '@dollarbox/testbed/apt';
import { type TestRedis, redisStart } from '@dollarbox/testbed/redis';
import { type Harness, harnessOpen } from '../test/harness.ts';

const LIMIT = 20;

describe('limits over several processes', { skip: aptSkip() }, () => {
  let redis: TestRedis;
  let one: Harness;
  before(async () => {
    redis = await redisStart();
    one = await harnessOpen({ RATE_LIMIT_PER_MINUTE: String(LIMIT), REDIS_URL: redis.url });
  });
  after(async () => {
    await one.close();
    await redis.close();
  });

  it('are counted together, and nobody is shut out while Redis is away', async () => {
    const caller = await one.callerAdd();
    const two = await one.appAdd();
    const apis = [caller.api, two.client(caller.token)];
    const statuses: number[] = [];
    for (let count = 0; count < LIMIT + 4; count += 1) {
      const reply = await apis[count % 2]?.get('/containers/');
      statuses.push(reply?.status ?? 0);
    }
    assert.deepEqual(statuses, [...Array(LIMIT).fill(200), ...Array(4).fill(429)]);
    await redis.close();
    const reply = await caller.api.get('/containers/');
    assert.equal(reply.status, 200);
    await two.close();
  });
});
