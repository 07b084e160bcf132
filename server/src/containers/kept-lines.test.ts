import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LogLine, LogPart } from '@dollarbox/engines/contract';
import { type Collecting, instancesKept, linesCollect, linesUnpack } from './kept-lines.ts';

const START = Date.UTC(2030, 0, 1);
const at = (second: number) => new Date(START + second * 1000);

let serial = 0;
const line = (text: string, second: number): LogLine => ({
  position: `o${(serial += 1)}`,
  at: at(second).toISOString(),
  stream: serial % 2 === 0 ? 'stdout' : 'stderr',
  text,
  isCut: serial % 3 === 0,
});

async function* parts(...all: LogPart[]): AsyncGenerator<LogPart> {
  yield* all;
}

/** An object whose instances 4, 5 and 6 started at the seconds 0, 100 and 200. */
const THREE: Collecting = {
  object: 4,
  instances: [4, 5, 6].map((number, index) => ({ number, startedAt: at(index * 100) })),
  wanted: new Set([4, 5, 6]),
  isRunning: false,
};

describe('linesCollect', () => {
  it('keeps the lines of each instance as they are', async () => {
    const lines = [line('a "b"\r\u2028', 1), line('', 2), line('ü\uFFFD', 100), line('c', 250)];
    const [four, five, six] = await linesCollect(parts({ lines }), THREE);
    assert.ok(four?.lines && five?.lines && six?.lines);
    assert.deepEqual(linesUnpack(four.lines), lines.slice(0, 2));
    assert.deepEqual(linesUnpack(five.lines), lines.slice(2, 3));
    assert.deepEqual(linesUnpack(six.lines), lines.slice(3));
    assert.deepEqual(
      [four, five, six].map(({ number, count, lostLines }) => [number, count, lostLines]),
      [
        [4, 2, 0],
        [5, 1, 0],
        [6, 1, 0],
      ],
    );
  });

  it('keeps the last MiB of an instance, and counts what came before it', async () => {
    const long = 'x'.repeat(64 * 1024 - 1);
    const lines = [
      ...Array.from({ length: 3 }, () => line('early', 1)),
      ...Array.from({ length: 20 }, () => line(long, 100)),
      line('late', 200),
    ];
    const [four, five, six] = await linesCollect(parts({ lines }), THREE);
    assert.deepEqual([five?.count, five?.lostLines], [16, 4]);
    assert.deepEqual(linesUnpack(five?.lines ?? assert.fail()), lines.slice(7, 23));
    // The engine may have rotated older lines of the first instance away.
    assert.deepEqual([four?.count, four?.lostLines], [3, null]);
    assert.deepEqual([six?.count, six?.lostLines], [1, 0]);
  });

  it('keeps a bounded number of short lines', async () => {
    const lines = Array.from({ length: 120_001 }, () => line('', 1));
    const [four] = await linesCollect(parts({ lines }), THREE);
    assert.equal(four?.count, 50_000);
    assert.deepEqual(linesUnpack(four?.lines ?? assert.fail()), lines.slice(-50_000));
  });

  it('does not know what the engine has lost', async () => {
    const first = { lines: [line('five', 100)], hasGap: true as const };
    const [four, five, six] = await linesCollect(parts(first), THREE);
    assert.deepEqual([four?.lostLines, five?.lostLines, six?.lostLines], [null, null, 0]);
    const silent = await linesCollect(parts(), THREE);
    assert.deepEqual(
      new Set(silent.map(({ lines, lostLines }) => `${lines} ${lostLines}`)),
      new Set(['null 0']),
    );
  });

  it('does not know what an engine that says nothing of it has lost, unless the first line is early', async () => {
    const one = { ...THREE, object: 4, instances: [{ number: 4, startedAt: at(0) }] };
    const wholeFrom = at(2);
    const lost = async (...lines: LogLine[]) =>
      (await linesCollect(parts({ lines }), { ...one, wholeFrom }))[0]?.lostLines;
    assert.equal(await lost(line('early', 2), line('late', 100)), 0);
    assert.equal(await lost(line('late', 3)), null);
    assert.equal(await lost(), null);
  });

  it('marks where a process may have written more', async () => {
    const part = { lines: [line('six', 200)] };
    const kept = await linesCollect(parts(part), { ...THREE, isRunning: true });
    assert.deepEqual(
      kept.map(({ isCutOff }) => isCutOff),
      [false, false, true],
    );
  });
});

describe('instancesKept', () => {
  it('are the last ten, and the last of each of the last three generations', () => {
    const generations = [1, 1, 2, 3, 3, ...Array.from({ length: 15 }, () => 4)];
    const instances = generations.map((generation, index) => ({ number: index + 1, generation }));
    const kept = [...instancesKept(instances)].toSorted((a, b) => a - b);
    assert.deepEqual(kept, [3, 5, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]);
  });
});
