import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as tick } from 'node:timers/promises';
import { answerExpect } from './liveness.ts';

test('long work continues for as long as the database gives signs of life', async () => {
  const work = Promise.withResolvers<void>();
  const probed = Promise.withResolvers<void>();
  let probes = 0;
  const probe = async () => {
    probes += 1;
    if (probes === 3) probed.resolve();
    return true;
  };
  answerExpect({ probe }, 1, work.promise, () => assert.fail('it was given up'));
  await probed.promise;
  work.resolve();
  await work.promise;
});

test('work is given up once if there is no sign of life', async () => {
  const silent = Promise.withResolvers<void>();
  let calls = 0;
  answerExpect({ probe: async () => false }, 1, new Promise(() => {}), () => {
    calls += 1;
    silent.resolve();
  });
  await silent.promise;
  await tick();
  assert.equal(calls, 1);
});

test('work that finishes during a probe is not given up', async () => {
  const work = Promise.withResolvers<void>();
  const probing = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<boolean>();
  const probe = () => {
    probing.resolve();
    return answer.promise;
  };
  answerExpect({ probe }, 1, work.promise, () => assert.fail('it was given up'));
  await probing.promise;
  work.resolve();
  await work.promise;
  answer.resolve(false);
  await tick();
});
