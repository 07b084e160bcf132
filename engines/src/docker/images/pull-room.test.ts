import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PullError } from '../../registry/pull-error.ts';
import { readWhileRoom, requireRoom } from './pull-room.ts';

const MIB = 1024 ** 2;
const { signal } = new AbortController();

function isLittleSpace(error: unknown): boolean {
  return error instanceof PullError && error.reason === 'image_pull_error';
}

test('reading an archive continues only while there is room', async () => {
  let readMib = 0;
  async function* endless() {
    const chunk = Buffer.alloc(64 * MIB);
    for (;;) {
      readMib += 64;
      yield chunk;
    }
  }
  const room = {
    storageReserveBytes: 1000 * MIB,
    storageFree: async () => (3000 - readMib) * MIB,
  };
  await assert.rejects(async () => {
    for await (const chunk of readWhileRoom(endless(), room, signal)) assert.ok(chunk.length > 0);
  }, isLittleSpace);
  assert.ok(readMib > 2000 && readMib <= 2256, String(readMib));
});

test('the required space must fit in addition to the reserve; unknown space is no obstacle', async () => {
  const room = { storageReserveBytes: 100, storageFree: async () => 150 };
  await requireRoom(room, 50, signal);
  await assert.rejects(requireRoom(room, 51, signal), isLittleSpace);
  await requireRoom({ ...room, storageFree: async () => null }, 1000, signal);
});
