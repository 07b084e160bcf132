import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LogRow } from '@dollarbox/client';
import { linePlain, lineShown, logLinesCreate } from './log-lines.ts';

const MOST = 1000;
const line = (number: number, instance = 1): LogRow => ({
  ...{ type: 'line', cursor: `c${number}`, at: '2026-11-02T09:30:00.000000001Z' },
  ...{ stream: 'stdout', instance, text: `line ${number}`, cut: false },
});
const gap = (lost: number | null): LogRow => ({
  ...{ type: 'gap', cursor: null, at: null, stream: null, instance: null },
  ...{ text: null, cut: false, lost_lines: lost },
});
const linesFrom = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => line(from + index));

function shown(lines: ReturnType<typeof logLinesCreate>): string[] {
  return lines.blocks
    .flatMap(({ entries }) => entries)
    .map((entry) => {
      if (entry.kind === 'line') return entry.text;
      return entry.kind === 'gap' ? `gap ${entry.lost}` : `start ${entry.instance}`;
    });
}

describe('the lines of a log', () => {
  it('are in order, however they arrive, and each block keeps its key', () => {
    const lines = logLinesCreate(MOST);
    for (let from = 500; from < 700; from += 7) lines.append(linesFrom(from, from + 7));
    const before = lines.blocks.map(({ key }) => key);
    lines.prepend(linesFrom(380, 500));
    lines.prepend(linesFrom(375, 380));
    const expected = ['start 1', ...linesFrom(375, 703).map(({ text }) => text ?? '')];
    assert.deepEqual(shown(lines), expected);
    assert.equal(lines.count, 328);
    const keys = lines.blocks.map(({ key }) => key);
    assert.deepEqual(keys.slice(-before.length), before);
    assert.deepEqual(
      keys,
      keys.toSorted((a, b) => a - b),
    );
  });

  it('say where a process was started, once, and where lines were lost', () => {
    const lines = logLinesCreate(MOST);
    lines.append([line(3, 2), line(4, 3), gap(12)]);
    lines.append([gap(12), line(5, 3), gap(null)]);
    lines.prepend([line(1, 1), line(2, 2)]);
    assert.deepEqual(shown(lines), [
      ...['start 1', 'line 1', 'start 2', 'line 2', 'line 3'],
      ...['start 3', 'line 4', 'gap 12', 'line 5', 'gap null'],
    ]);
  });

  it('are dropped from the oldest on when there are too many, and that is known', () => {
    const lines = logLinesCreate(MOST);
    lines.append(linesFrom(0, MOST));
    assert.equal(lines.hasDropped, false);
    lines.append(linesFrom(MOST, MOST + 10));
    assert.equal(lines.hasDropped, true);
    assert.ok(lines.count <= MOST && lines.count >= MOST * 0.8);
    assert.equal(shown(lines).at(-1), `line ${MOST + 9}`);
  });

  it('are shown as on a terminal, and copied without its commands', () => {
    assert.equal(lineShown('10 %\r50 %\r100 %\r'), '100 %');
    assert.equal(lineShown('plain'), 'plain');
    assert.equal(
      linePlain('\u001B[1;31mred\u001B[0m \u001B[2Kand \u001B]0;title\u0007not'),
      'red and not',
    );
  });
});
