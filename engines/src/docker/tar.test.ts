import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { readTarEntries, TAR_END, tarHeader, tarOfFolder, tarPadding } from './tar.ts';

const OWNER = { uid: 1500, gid: 1700, mode: 0o750, mtime: 981_173_106 };

for (const [what, name, attributes] of [
  ['an ordinary folder', 'data', OWNER],
  ['a long name', 'ü'.repeat(120), OWNER],
  ['large ids', 'data', { ...OWNER, uid: 3_000_000_000, gid: 2_097_152 }],
  ['a long name and large ids', 'n'.repeat(200), { ...OWNER, uid: 4_294_967_294 }],
] as const) {
  test(`a folder's archive is read by tar and by us: ${what}`, () => {
    const archive = tarOfFolder(name, attributes);
    const words = ['--list', '--verbose', '--numeric-owner', '--quoting-style=literal', '--utc'];
    const listed = execFileSync('tar', [...words, '--file=-'], { input: archive }).toString();
    assert.match(listed, /^drwxr-x--- /);
    assert.ok(listed.includes(`${attributes.uid}/${attributes.gid} `), listed);
    assert.ok(listed.endsWith(` 2001-02-03 04:05 ${name}/\n`), listed);
    const [entry, ...more] = readTarEntries(archive);
    assert.deepEqual(more, []);
    const { type, uid, gid, mode, mtime } = entry ?? assert.fail();
    assert.deepEqual({ type, uid, gid, mode, mtime }, { type: '5', ...attributes });
  });
}

test('entries are read as far as an archive goes', () => {
  const content = Buffer.from('x'.repeat(600));
  const file = [tarHeader('file', content.length), content, tarPadding(content.length)];
  const archive = Buffer.concat([...file, tarHeader('next', 0), TAR_END]);
  assert.deepEqual(
    readTarEntries(archive).map((entry) => [entry.name, entry.content.length]),
    [
      ['file', 600],
      ['next', 0],
    ],
  );
  assert.deepEqual(
    readTarEntries(archive.subarray(0, 700)).map((entry) => [entry.name, entry.content.length]),
    [['file', 188]],
  );
  assert.deepEqual(readTarEntries(Buffer.alloc(0)), []);
});
