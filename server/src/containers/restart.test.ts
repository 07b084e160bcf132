import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exitTimesAdd, isCrashLoop, restartDelayMs } from './restart.ts';

const at = (seconds: number): Date => new Date(Date.UTC(2026, 0, 1) + seconds * 1000);

describe('the delay before a restart', () => {
  it('is 1 s, doubling, up to 5 min', () => {
    const seconds = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map(
      (count) => restartDelayMs(count) / 1000,
    );
    assert.deepEqual(seconds, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
  });

  it('stays at its bounds', () => {
    assert.equal(restartDelayMs(0), 1000);
    assert.equal(restartDelayMs(10_000), 300_000);
  });
});

describe('a crash loop', () => {
  it('takes three exits', () => {
    assert.equal(isCrashLoop([]), false);
    assert.equal(isCrashLoop([at(0), at(1)]), false);
    assert.equal(isCrashLoop([at(0), at(1), at(2)]), true);
  });

  it('takes them within ten minutes', () => {
    assert.equal(isCrashLoop([at(0), at(1), at(600)]), true);
    assert.equal(isCrashLoop([at(0), at(1), at(601)]), false);
    assert.equal(isCrashLoop([at(0), at(500), at(700), at(1000)]), true);
  });

  it('stays one when the delays have grown', () => {
    let exits: Date[] = [];
    let seconds = 0;
    for (let count = 1; count <= 40; count += 1) {
      exits = exitTimesAdd(exits, at(seconds));
      seconds += restartDelayMs(count) / 1000;
      assert.equal(isCrashLoop(exits), count >= 3, `after ${count} exits`);
    }
  });

  it('is recorded in a bounded list that still yields the longest delay', () => {
    let exits: Date[] = [];
    for (let count = 0; count < 100; count += 1) exits = exitTimesAdd(exits, at(count * 300));
    assert.ok(exits.length <= 12);
    assert.equal(restartDelayMs(exits.length), 300_000);
    assert.deepEqual(exits.at(-1), at(99 * 300));
  });
});
