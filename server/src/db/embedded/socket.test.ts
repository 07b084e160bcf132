import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { socketFolderFor, socketFolderSecure } from './socket.ts';

const folder = mkdtempSync(join(tmpdir(), 'socket-test-'));
after(() => rmSync(folder, { recursive: true }));
const { uid, gid, username: name } = userInfo();
const self = { uid, gid, name, switchTo: null };

test('each data folder has its own socket folder, always the same, with a path that fits', () => {
  const at = (dataDir: string) => socketFolderFor(dataDir, [`/${'long/'.repeat(20)}`, '/short']);
  assert.match(at('/a/data'), /^\/short\/dollarbox-[0-9a-f]{8}$/);
  assert.equal(at('/a/data'), at('/a/data'));
  assert.notEqual(at('/a/data'), at('/b/data'));
  assert.throws(() => socketFolderFor('/a', [`/${'x'.repeat(100)}`]), /short enough/);
});

test('the folder is created or restricted to us, and anything else in its place is refused', async () => {
  const made = join(folder, 'made');
  await socketFolderSecure(made, self);
  assert.equal(lstatSync(made).mode & 0o7777, 0o700);
  chmodSync(made, 0o777);
  await socketFolderSecure(made, self);
  assert.equal(lstatSync(made).mode & 0o7777, 0o700);

  symlinkSync(made, join(folder, 'link'));
  writeFileSync(join(folder, 'file'), '');
  for (const name of ['link', 'file']) {
    await assert.rejects(socketFolderSecure(join(folder, name), self), /and is not: remove it$/);
  }
});

test(
  "another user's folder in its place is refused",
  { skip: uid === 0 ? false : 'only root can make one' },
  async () => {
    const theirs = join(folder, 'theirs');
    mkdirSync(theirs);
    chownSync(theirs, 54_321, 54_321);
    await assert.rejects(socketFolderSecure(theirs, self), /and is not: remove it$/);
  },
);
