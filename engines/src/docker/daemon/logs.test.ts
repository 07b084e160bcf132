import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { logTailRead } from './logs.ts';

function frame(type: number, text: string | Buffer): Buffer {
  const payload = Buffer.from(text);
  const header = Buffer.alloc(8);
  header.writeUInt8(type, 0);
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

function split(content: Buffer, size: number): Readable {
  const chunks: Buffer[] = [];
  for (let start = 0; start < content.length; start += size) {
    chunks.push(content.subarray(start, start + size));
  }
  return Readable.from(chunks);
}

test('frames are joined in order, however the stream is cut', async () => {
  const content = Buffer.concat([
    frame(1, 'out 🐳\n'),
    frame(2, 'err\n'),
    frame(1, ''),
    frame(1, 'end\n'),
  ]);
  for (const size of [1, 3, 7, 8, 9, 1000]) {
    assert.equal(await logTailRead(split(content, size), 1000), 'out 🐳\nerr\nend\n');
  }
});

test('the last bytes are kept, from a whole character on', async () => {
  const content = frame(1, 'a🐳b\n');
  for (const [maxBytes, kept] of [
    [7, 'a🐳b\n'],
    [6, '🐳b\n'],
    [5, 'b\n'],
    [3, 'b\n'],
    [2, 'b\n'],
  ] as const) {
    assert.equal(await logTailRead(split(content, 1000), maxBytes), kept, String(maxBytes));
  }
});

test('a long log keeps its end', async () => {
  const frames = Array.from({ length: 2000 }, (_, index) => frame(1, `line ${index}\n`));
  const text = await logTailRead(Readable.from(frames), 30);
  assert.equal(text, 'line 1997\nline 1998\nline 1999\n');
});

test('what is not UTF-8 is replaced', async () => {
  const content = frame(1, Buffer.from([0x61, 0xff, 0x62]));
  assert.equal(await logTailRead(split(content, 1000), 100), 'a\ufffdb');
});
