import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LOG_LINE_MAX_BYTES } from './contract/access.ts';
import type { LogLine } from './contract/access.ts';
import { type LogEntry, lineMakerCreate } from './log-lines.ts';

const PIECE_BYTES = 16 * 1024;
const at = (second: number) => `2026-11-02T09:30:${String(second).padStart(2, '0')}.000000001Z`;

function entry(text: string | Buffer, more: Partial<LogEntry> = {}): LogEntry {
  return { stream: 'stdout', at: at(0), bytes: Buffer.from(text), isLast: true, ...more };
}

function linesOf(entries: readonly LogEntry[]): LogLine[] {
  const maker = lineMakerCreate();
  return [...entries.flatMap((each) => maker.add(each)), ...maker.flush()];
}

/** A long line as an engine cuts it. */
function pieces(bytes: Buffer, more: Partial<LogEntry> = {}): LogEntry[] {
  const entries: LogEntry[] = [];
  for (let start = 0; start < bytes.length; start += PIECE_BYTES) {
    const isLast = start + PIECE_BYTES >= bytes.length;
    entries.push(entry(bytes.subarray(start, start + PIECE_BYTES), { ...more, isLast }));
  }
  return entries;
}

test('lines of the same time, and of the same time and text, have positions of their own', () => {
  const lines = linesOf([entry('a'), entry('a'), entry('b'), entry('a', { stream: 'stderr' })]);
  assert.equal(new Set(lines.map(({ position }) => position)).size, 4);
  // The clock was set back, and shows the same time again.
  const again = linesOf([entry('a'), entry('b', { at: at(1) }), entry('c')]);
  assert.equal(new Set(again.map(({ position }) => position)).size, 3);
});

test('a long line is joined, and cut where it is longer than the limit', () => {
  const short = linesOf(pieces(Buffer.alloc(PIECE_BYTES * 3 + 5, 'x')));
  assert.deepEqual(
    short.map(({ text, isCut }) => [text.length, isCut]),
    [[PIECE_BYTES * 3 + 5, false]],
  );
  const whole = linesOf(pieces(Buffer.alloc(LOG_LINE_MAX_BYTES, 'x')));
  assert.deepEqual(
    whole.map(({ text, isCut }) => [text.length, isCut]),
    [[LOG_LINE_MAX_BYTES, false]],
  );
  const long = linesOf(pieces(Buffer.alloc(LOG_LINE_MAX_BYTES * 2 + 5, 'x')));
  assert.deepEqual(
    long.map(({ text, isCut }) => [text.length, isCut]),
    [
      [LOG_LINE_MAX_BYTES, true],
      [LOG_LINE_MAX_BYTES, true],
      [5, false],
    ],
  );
  assert.equal(new Set(long.map(({ position }) => position)).size, 3);
});

test('characters are not torn by pieces or cuts', () => {
  const text = `x${'🐳'.repeat(LOG_LINE_MAX_BYTES / 2)}`;
  const lines = linesOf(pieces(Buffer.from(text)));
  assert.equal(lines.map((line) => line.text).join(''), text);
  assert.ok(lines.every((line) => Buffer.byteLength(line.text) <= LOG_LINE_MAX_BYTES));
});

test('pieces of both streams do not mix', () => {
  const [out, err] = [
    pieces(Buffer.alloc(40_000, 'o')),
    pieces(Buffer.alloc(40_000, 'e'), { stream: 'stderr', at: at(1) }),
  ];
  const lines = linesOf(out.flatMap((piece, index) => [piece, err[index] ?? assert.fail()]));
  assert.deepEqual(
    lines.map(({ stream, text }) => [stream, text]),
    [
      ['stdout', 'o'.repeat(40_000)],
      ['stderr', 'e'.repeat(40_000)],
    ],
  );
});

test('a line that its process did not end is not joined with that of the next process', () => {
  const lines = linesOf([
    entry(Buffer.alloc(PIECE_BYTES, 'x'), { isLast: false }),
    entry('next', { at: at(1) }),
    entry('open', { at: at(2), isLast: false }),
  ]);
  assert.deepEqual(
    lines.map(({ text }) => text.slice(0, 4)),
    ['xxxx', 'next', 'open'],
  );
});

test('binary is replaced, and carriage returns are kept', () => {
  const [binary, progress] = linesOf([entry(Buffer.from([0x61, 0xff, 0])), entry('10%\r20%\r')]);
  assert.equal(binary?.text, 'a\ufffd\0');
  assert.equal(progress?.text, '10%\r20%\r');
  assert.equal(JSON.parse(JSON.stringify(binary?.text)), 'a\ufffd\0');
});
