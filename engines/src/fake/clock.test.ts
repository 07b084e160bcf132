import assert from 'node:assert/strict';
import { test } from 'node:test';
import { virtualClock } from './clock.ts';
import { seededRandom } from './random.ts';

test('things fall due in the order of time, then of scheduling', async () => {
  const clock = virtualClock(0);
  const random = seededRandom(7);
  const seen: [dueMs: number, index: number][] = [];
  const expected: [dueMs: number, index: number][] = [];
  for (let index = 0; index < 500; index += 1) {
    const dueMs = Math.floor(random() * 50);
    const cancel = clock.schedule(dueMs, () => {
      assert.equal(clock.now().getTime(), dueMs);
      seen.push([dueMs, index]);
    });
    if (index % 5 === 0) cancel();
    else expected.push([dueMs, index]);
  }
  await clock.advance(49);
  assert.deepEqual(
    seen,
    expected.toSorted(([a, i], [b, j]) => a - b || i - j),
  );
  assert.equal(clock.now().getTime(), 49);
  assert.equal(clock.nextDueMs(), null);
});

test('what follows from a due timer happens at its time', async () => {
  const clock = virtualClock(0);
  const sleep = (ms: number) => new Promise<void>((resolve) => void clock.schedule(ms, resolve));
  const seen: number[] = [];
  const work = (async () => {
    for (let round = 0; round < 3; round += 1) {
      await sleep(10);
      seen.push(clock.now().getTime());
    }
  })();
  await clock.advance(25);
  assert.deepEqual(seen, [10, 20]);
  assert.equal(clock.nextDueMs(), 5);
  await clock.advance(5);
  await work;
  assert.deepEqual(seen, [10, 20, 30]);
});
