import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { pullDeadlineCreate } from './pull-deadline.ts';

const MIB = 1024 * 1024;
const IDLE_MS = 300_000;

test('each MiB received restarts the time limit, for an hour at most', (t) => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 0 });
  t.after(() => mock.timers.reset());
  const slow = pullDeadlineCreate(IDLE_MS, () => new Date());
  assert.equal(slow.progressAt(), null);
  // Two MiB every four minutes, in small pieces.
  for (let minutes = 4; minutes <= 56; minutes += 4) {
    mock.timers.tick(240_000);
    for (let piece = 0; piece < 8; piece += 1) slow.received(MIB / 4);
    assert.equal(slow.signal.aborted, false, `after ${minutes} minutes`);
    assert.equal(slow.progressAt()?.getTime(), minutes * 60_000);
  }
  mock.timers.tick(240_000);
  assert.equal(slow.signal.aborted, true);
});

test('less than a MiB does not count as progress', (t) => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 0 });
  t.after(() => mock.timers.reset());
  const stalled = pullDeadlineCreate(IDLE_MS, () => new Date());
  mock.timers.tick(IDLE_MS - 1);
  stalled.received(MIB - 1);
  assert.equal(stalled.signal.aborted, false);
  mock.timers.tick(1);
  assert.equal(stalled.signal.aborted, true);
  assert.equal(stalled.progressAt(), null);
});
