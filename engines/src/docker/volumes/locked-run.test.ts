import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { HostCommandError } from '../daemon/host-command.ts';
import { lockedRun } from './locked-run.ts';

let parent = '';
const { signal } = new AbortController();
before(async () => {
  parent = await mkdtemp(join(tmpdir(), 'dollarbox-locked-'));
});
after(() => rm(parent, { recursive: true }));

test('a command on a folder that is gone fails, and creates nothing in its place', async () => {
  await assert.rejects(lockedRun(join(parent, 'gone'), ['true'], signal), HostCommandError);
  assert.deepEqual(await readdir(parent), []);
});

test('commands on one folder run one at a time', async () => {
  const folder = await mkdtemp(join(parent, 'volume-'));
  const alone = ['sh', '-c', 'mkdir "$0/busy" && sleep 0.05 && rmdir "$0/busy"', folder];
  await Promise.all(Array.from({ length: 6 }, () => lockedRun(folder, alone, signal)));
  assert.deepEqual(await readdir(folder), []);
});
