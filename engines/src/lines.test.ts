import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { linesRead } from './lines.ts';

const linesOf = (...chunks: Buffer[]) => Array.fromAsync(linesRead(Readable.from(chunks)));

test('lines come whole, wherever the stream is cut', async () => {
  const bytes = Buffer.from('one\n\nzwö\nlast');
  for (let size = 1; size <= bytes.length; size += 1) {
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
      bytes.subarray(index * size, (index + 1) * size),
    );
    assert.deepEqual(await linesOf(...chunks), ['one', '', 'zwö', 'last']);
  }
  assert.deepEqual(await linesOf(Buffer.from('one\n')), ['one']);
  assert.deepEqual(await linesOf(), []);
});
