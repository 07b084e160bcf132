import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventStreamRead } from './event-stream.ts';

async function blocksOf(...chunks: (string | Uint8Array)[]) {
  const bytes = chunks.map((chunk) =>
    typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk,
  );
  return Array.fromAsync(eventStreamRead(ReadableStream.from(bytes)));
}

test('reads blocks as the specification says', async () => {
  const text =
    ': alive\n\nid: 1\nevent: created\ndata: {"a":\ndata: 1}\n\ndata:x\nretry: 5\n\nid\ndata:  y\n\n';
  const blocks = [
    { id: '', event: 'message', data: null },
    { id: '1', event: 'created', data: '{"a":\n1}' },
    { id: '1', event: 'message', data: 'x' },
    { id: '', event: 'message', data: ' y' },
  ];
  assert.deepEqual(await blocksOf(text), blocks);
  assert.deepEqual(await blocksOf(text.replaceAll('\n', '\r\n')), blocks);
  assert.deepEqual(await blocksOf(...text.replaceAll('\n', '\r\n')), blocks);
});

test('an id without data is there to resume by', async () => {
  assert.deepEqual(await blocksOf('id: 7\n\n'), [{ id: '7', event: 'message', data: null }]);
});

test('what was cut off is no block', async () => {
  assert.deepEqual(await blocksOf('data: 1\n\nid: 2\ndata: {"cut"', '\n'), [
    { id: '', event: 'message', data: '1' },
  ]);
});

test('characters may be split between chunks', async () => {
  const bytes = new TextEncoder().encode('data: ü€😀\n\n');
  const blocks = await blocksOf(...[...bytes].map((byte) => Uint8Array.of(byte)));
  assert.deepEqual(blocks, [{ id: '', event: 'message', data: 'ü€😀' }]);
});
