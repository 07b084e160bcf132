import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { tarEntriesRead, tarFileOf, tarOfFolder, tarWrite } from './tar.ts';

const OWNER = { uid: 1500, gid: 1700, mode: 0o750, mtime: 981_173_106 };
const GIB = 1024 ** 3;

async function whole(archive: AsyncIterable<Buffer>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(archive));
}

function listed(archive: Buffer): string {
  const words = ['--list', '--verbose', '--numeric-owner', '--quoting-style=literal', '--utc'];
  return execFileSync('tar', [...words, '--file=-'], { input: archive }).toString();
}

for (const [what, name, attributes, date] of [
  ['an ordinary folder', 'data', OWNER, '2001-02-03 04:05'],
  ['a long name', 'ü'.repeat(120), OWNER, '2001-02-03 04:05'],
  ['large ids', 'data', { ...OWNER, uid: 3_000_000_000, gid: 2_097_152 }, '2001-02-03 04:05'],
  ['ids of seven digits', 'data', { ...OWNER, uid: 0o1000000, gid: 0o7777777 }, '2001-02-03 04:05'],
  [
    'a long name and large ids',
    'n'.repeat(200),
    { ...OWNER, uid: 4_294_967_294 },
    '2001-02-03 04:05',
  ],
  ['a date after 2038', 'data', { ...OWNER, mtime: 4_102_444_800 }, '2100-01-01 00:00'],
] as const) {
  test(`a folder's archive is read the same by GNU tar and by us: ${what}`, async () => {
    const archive = await whole(tarOfFolder(name, attributes));
    const line = listed(archive);
    assert.match(line, /^drwxr-x--- /);
    assert.ok(line.includes(`${attributes.uid}/${attributes.gid} `), line);
    assert.ok(line.endsWith(` ${date} ${name}/\n`), line);
    const [entry, ...more] = await tarEntriesRead(archive);
    assert.deepEqual(more, []);
    const { type, uid, gid, mode, mtime } = entry ?? assert.fail();
    assert.deepEqual({ type, uid, gid, mode, mtime }, { type: 'directory', ...attributes });
  });
}

test('the same files give the same bytes, which GNU tar unpacks', async () => {
  const files = () => [
    tarFileOf('empty', Buffer.alloc(0)),
    { ...tarFileOf('usr/bin/program', Buffer.from('x'.repeat(70_000))), mode: 0o755 },
  ];
  const archive = await whole(tarWrite(files()));
  assert.ok(archive.equals(await whole(tarWrite(files()))));
  assert.equal(
    listed(archive),
    [
      '-rw-r--r-- 0/0               0 1970-01-01 00:00 empty\n',
      '-rwxr-xr-x 0/0           70000 1970-01-01 00:00 usr/bin/program\n',
    ].join(''),
  );
  const unpacked = execFileSync('tar', ['--extract', '--to-stdout', '--file=-'], {
    input: archive,
  });
  assert.equal(unpacked.toString(), 'x'.repeat(70_000));
});

test('a file larger than 8 GiB is announced with its whole size', async () => {
  const stopped = new Error('enough');
  async function* content() {
    yield Buffer.from('the beginning');
    throw stopped;
  }
  const archive = tarWrite([{ name: 'large', sizeBytes: 9 * GIB, content: content() }]);
  const head: Buffer[] = [];
  await assert.rejects(
    async () => {
      for await (const chunk of archive) head.push(chunk);
    },
    (error) => error === stopped,
  );
  assert.equal(Number(Buffer.concat(head).readBigUInt64BE(128)), 9 * GIB);
});

test('content whose length differs from the announced one fails the archive', async () => {
  for (const sizeBytes of [2, 4]) {
    const file = { name: 'file', sizeBytes, content: [Buffer.from('abc')] };
    await assert.rejects(whole(tarWrite([file])), /size mismatch/i);
  }
});

test('contents are closed when nobody reads the archive to its end', async () => {
  let isClosed = false;
  async function* content() {
    try {
      for (;;) yield Buffer.alloc(65_536);
    } finally {
      isClosed = true;
    }
  }
  for await (const _ of tarWrite([{ name: 'file', sizeBytes: GIB, content: content() }])) break;
  assert.ok(isClosed);
});

test('entries are read up to the end of the archive', async () => {
  const file = tarFileOf('file', Buffer.from('x'.repeat(600)));
  const archive = await whole(tarWrite([file, tarFileOf('next', Buffer.alloc(0))]));
  const read = async (bytes: Buffer) =>
    (await tarEntriesRead(bytes)).map(({ name, content }) => [name, content.length]);
  assert.deepEqual(await read(archive), [
    ['file', 600],
    ['next', 0],
  ]);
  assert.deepEqual(await read(archive.subarray(0, 700)), [['file', 188]]);
  assert.deepEqual(await read(archive.subarray(0, 300)), []);
  assert.deepEqual(await read(Buffer.alloc(0)), []);
});

test('data that is not an archive has no entries, and causes no error', async () => {
  const folder = await whole(tarOfFolder('data', { ...OWNER, uid: 3_000_000_000 }));
  const broken = Buffer.from(folder);
  broken.write('9', 148);
  const endless = Buffer.from(folder);
  // A pax record that claims a negative length.
  endless.write('-9', 512);
  for (const bytes of [Buffer.from('no archive '.repeat(100)), broken]) {
    assert.deepEqual(await tarEntriesRead(bytes), []);
  }
  assert.deepEqual(
    (await tarEntriesRead(endless)).map(({ type }) => type),
    ['directory'],
  );
});

test('content cut off after more than a chunk is read up to the cut', async () => {
  const archive = await whole(tarWrite([tarFileOf('passwd', Buffer.alloc(3_000_000, 'x'))]));
  const [entry] = await tarEntriesRead(archive.subarray(0, 1_048_576));
  assert.equal(entry?.content.length, 1_048_576 - 512);
});
