import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { virtualClock } from '@dollarbox/engines/fake/clock';
import { CLOCK_ERROR_MS, databaseClockCreate } from './database-clock.ts';

const STARTED_MS = Date.UTC(2030, 0, 1);
/** How far the machine's time of day is ahead of the database's at first. */
const AHEAD_MS = 50_000;

describe('the database clock', () => {
  let machine = virtualClock(STARTED_MS);
  /** What was added to the time of day, and to the time of the database. */
  let setMs = 0;
  let databaseSetMs = 0;
  let suspendedMs = 0;
  let toMs = 0;
  let fromMs = 0;
  let isAway = false;

  beforeEach(() => {
    machine = virtualClock(STARTED_MS);
    [setMs, databaseSetMs, suspendedMs, toMs, fromMs] = [AHEAD_MS, 0, 0, 0, 0];
    isAway = false;
  });

  const databaseNow = () => new Date(machine.now().getTime() + databaseSetMs);
  const pause = (ms: number) => new Promise<void>((resolve) => void machine.schedule(ms, resolve));

  function create() {
    return databaseClockCreate(
      async () => {
        if (toMs > 0) await pause(toMs);
        if (isAway) throw new Error('away');
        const at = databaseNow();
        if (fromMs > 0) await pause(fromMs);
        return at;
      },
      {
        dayMs: () => machine.now().getTime() + setMs,
        ticksMs: () => machine.now().getTime() - STARTED_MS - suspendedMs,
      },
      { after: (delayMs, work) => machine.schedule(delayMs, work) },
    );
  }

  it('shows the time of the database, and not that of its machine', async () => {
    const clock = create();
    await clock.read();
    assert.equal(clock.isSure(), true);
    await machine.advance(3_600_000);
    assert.deepEqual(clock.now(), databaseNow());
    setMs = -AHEAD_MS;
    assert.deepEqual(clock.now(), databaseNow(), 'the time of day was set');
    clock.close();
  });

  it('is not sure before it was read, and reads without being asked', async () => {
    isAway = true;
    const clock = create();
    await assert.rejects(clock.read());
    assert.equal(clock.isSure(), false);
    isAway = false;
    await machine.advance(1000);
    assert.equal(clock.isSure(), true);
    assert.deepEqual(clock.now(), databaseNow());
    clock.close();
  });

  it('is in doubt after its machine was suspended, and right as soon as it is sure again', async () => {
    const clock = create();
    await clock.read();
    await machine.advance(60_000);
    suspendedMs = 60_000;
    assert.equal(clock.isSure(), false);
    await machine.advance(0);
    assert.equal(clock.isSure(), true);
    assert.deepEqual(clock.now(), databaseNow());
    clock.close();
  });

  it('does not trust a reading during which the machine was suspended', async () => {
    const clock = create();
    await clock.read();
    toMs = 10;
    const reading = clock.read();
    await machine.advance(5);
    suspendedMs = 4;
    setMs += 200;
    const refused = assert.rejects(reading, /was set during the reading/);
    await machine.advance(5);
    await refused;
    clock.close();
  });

  it('is not sure of a reading that took too long, and prefers precise ones', async () => {
    fromMs = 2 * CLOCK_ERROR_MS;
    const clock = create();
    const first = clock.read();
    await machine.advance(fromMs);
    await first;
    assert.equal(clock.isSure(), false);
    assert.ok(Math.abs(+clock.now() - +databaseNow()) <= CLOCK_ERROR_MS);
    fromMs = 0;
    await clock.read();
    assert.deepEqual(clock.now(), databaseNow());
    fromMs = 600;
    const slow = clock.read();
    await machine.advance(fromMs);
    await slow;
    assert.deepEqual(clock.now(), databaseNow());
    clock.close();
  });

  it('loses its sureness if the database does not answer for long, and goes on', async () => {
    const clock = create();
    await clock.read();
    isAway = true;
    await machine.advance(10 * 60_000);
    assert.equal(clock.isSure(), true);
    await machine.advance(20 * 60_000);
    assert.equal(clock.isSure(), false);
    assert.deepEqual(clock.now(), databaseNow());
    clock.close();
  });

  it('follows the database when its clock is set', async () => {
    const clock = create();
    await clock.read();
    databaseSetMs = -90_000;
    await machine.advance(5000);
    assert.deepEqual(clock.now(), databaseNow());
    clock.close();
  });

  it('reads nothing more once it is closed', async () => {
    const clock = create();
    await clock.read();
    clock.close();
    assert.equal(machine.nextDueMs(), null);
  });
});
