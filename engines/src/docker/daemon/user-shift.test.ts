import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DockerApi } from './api.ts';
import { NO_SHIFT, userShiftOf, userShiftReader } from './user-shift.ts';

const SHIFTED = {
  DockerRootDir: '/var/lib/docker/231072.231073',
  SecurityOptions: ['name=seccomp,profile=default', 'name=userns'],
};

test('the shift of a daemon is what it names its data root after', () => {
  assert.deepEqual(userShiftOf(SHIFTED), { uid: 231_072, gid: 231_073 });
  assert.equal(userShiftOf({ ...SHIFTED, DockerRootDir: '/var/lib/docker' }), null);
});

test('without user namespaces nothing is shifted, whatever the folder is called', () => {
  const options = ['name=seccomp,profile=default', 'name=usernsish'];
  assert.equal(userShiftOf({ ...SHIFTED, SecurityOptions: options }), NO_SHIFT);
  assert.equal(userShiftOf({ ...SHIFTED, SecurityOptions: null }), NO_SHIFT);
});

test('a daemon that was restarted in another mode is noticed', async () => {
  let info: object = SHIFTED;
  let nowMs = 0;
  let calls = 0;
  const api = {
    call: async () => {
      calls += 1;
      return info;
    },
  } as unknown as DockerApi;
  const read = userShiftReader(api, () => new Date(nowMs));
  const signal = new AbortController().signal;
  assert.equal((await read(signal))?.uid, 231_072);
  info = { DockerRootDir: '/var/lib/docker' };
  assert.equal((await read(signal))?.uid, 231_072);
  assert.equal(calls, 1);
  nowMs += 60_000;
  assert.equal(await read(signal), NO_SHIFT);
});
