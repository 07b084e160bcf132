import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { EngineError } from '../../contract.ts';
import { archiveConvert } from './archive.ts';
import type { Unfinished } from './archive.ts';
import { archiveHeaderRender } from './archive-header.ts';
import { holesFill } from './archive-holes.ts';

const folder = mkdtempSync(join(tmpdir(), 'dollarbox-archive-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const LONG = `${'n'.repeat(150)}/${'f'.repeat(200)}`;
const ROOM = 2 ** 30;

function convert(tar: Readable, room = ROOM, unfinished: Unfinished[] = []): Promise<Buffer> {
  return buffer(Readable.from(archiveConvert(tar, room, unfinished)));
}

const refuses = (reason: string) => (error: unknown) =>
  error instanceof EngineError && error.kind === 'permanent' && error.reason === reason;

function member(changes: Partial<Parameters<typeof archiveHeaderRender>[0]>): Readable {
  const header = archiveHeaderRender({
    ...{ path: Buffer.from('./a'), target: Buffer.alloc(0), type: '0', mode: 0o644 },
    ...{ uid: 0, gid: 0, mtime: 0, sizeBytes: 0, ...changes },
  });
  return Readable.from([Buffer.concat([header, Buffer.alloc(1024)])]);
}

/** As the Docker engine archives a folder. */
function tarOf(path: string, ...words: string[]): Readable {
  const flags = ['-c', '-f', '-', '--format=posix', '--numeric-owner', '--sparse', ...words, '.'];
  return spawn('tar', flags, { cwd: path, stdio: ['ignore', 'pipe', 'inherit'] }).stdout;
}

test('what GNU tar archived is unpacked by a program that knows no pax records', async () => {
  const [from, to] = [join(folder, 'from'), join(folder, 'to')];
  for (const path of [from, to, join(from, LONG.slice(0, 150)), join(from, 'ü')]) mkdirSync(path);
  writeFileSync(join(from, LONG), 'long');
  writeFileSync(join(from, 'ü', 'file'), 'x'.repeat(1000));
  linkSync(join(from, LONG), join(from, 'hard'));
  symlinkSync('z'.repeat(140), join(from, 'soft'));
  writeFileSync(join(from, 'hole'), 'start');
  truncateSync(join(from, 'hole'), 3_000_000);
  writeFileSync(join(from, 'hole'), 'end', { flag: 'a' });
  utimesSync(join(from, 'ü'), 1_000_000_000, 1_000_000_000);
  const unfinished: Unfinished[] = [];
  const archive = await convert(tarOf(from), ROOM, unfinished);
  assert.equal(archive.includes('PaxHeader'), false);
  execFileSync('tar', ['-x', '-f', '-'], { cwd: to, input: archive });
  for (const path of [LONG, 'ü/file', 'hole', 'hard']) {
    assert.deepEqual(readFileSync(join(to, path)), readFileSync(join(from, path)), path);
  }
  assert.equal(lstatSync(join(to, 'hard')).ino, lstatSync(join(to, LONG)).ino);
  assert.equal(readlinkSync(join(to, 'soft')), 'z'.repeat(140));
  const left = new Map(unfinished.map(({ path, ...rest }) => [path.toString(), rest]));
  assert.deepEqual(left.get('./ü/'), { mtime: 1_000_000_000, owner: null });
  assert.match(left.get('./soft')?.owner ?? '', /^\d+:\d+$/);
  assert.equal(left.size, 4);
});

test('names keep their bytes, whatever they are, and nothing leads out of the folder', async () => {
  const path = Buffer.from([0x2f, 0x2e, 0x2f, 0xff, 0xfe]);
  const archive = await convert(member({ path }));
  assert.deepEqual(archive.subarray(0, 5), Buffer.from([0x2e, 0x2f, 0xff, 0xfe, 0]));
});

test('large numbers are kept', async () => {
  const sizeBytes = 9 * 2 ** 30;
  const header = archiveHeaderRender({
    ...{ path: Buffer.from('a'), target: Buffer.alloc(0), type: '0', mode: 0o7777 },
    ...{ uid: 65_535, gid: 65_535, mtime: 4_000_000_000, sizeBytes },
  });
  // The content is missing, which tar says after it has listed the file.
  const flags = ['-t', '-v', '--numeric-owner', '-f', '-'];
  const { stdout } = spawnSync('tar', flags, { input: header, encoding: 'utf8' });
  assert.match(stdout, /^-rwsrwsrwt 65535\/65535 +9663676416 2096-/);
});

test('what can not be restored as it was is refused', async () => {
  await assert.rejects(convert(member({ uid: 65_536 })), /owner 65536/);
  const device = member({});
  const bytes = await buffer(device);
  bytes.write('3', 156, 'ascii');
  const sum = bytes.subarray(0, 512).reduce((total, byte, at) => {
    return total + (at >= 148 && at < 156 ? 32 : byte);
  }, 0);
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'ascii');
  await assert.rejects(convert(Readable.from([bytes])), refuses('archive_broken'));
  await assert.rejects(convert(Readable.from([Buffer.alloc(512, 'x')])), refuses('archive_broken'));
  const cut = Readable.from([(await buffer(member({ sizeBytes: 5000 }))).subarray(0, 1000)]);
  await assert.rejects(convert(cut), refuses('archive_broken'));
});

test('an error from reading the archive is passed on', async () => {
  const input = new Readable({
    read() {
      this.destroy(new Error('the input broke'));
    },
  });
  await assert.rejects(convert(input), /^Error: the input broke/);
});

test('holes that would fill more than the volume has are refused', async () => {
  const from = join(folder, 'large');
  mkdirSync(from);
  writeFileSync(join(from, 'hole'), '');
  truncateSync(join(from, 'hole'), 5_000_000);
  await assert.rejects(convert(tarOf(from), 4_000_000), refuses('volume_full'));
});

test('a map of holes may come in pieces, and content that is missing is noticed', async () => {
  const stored = Buffer.concat([
    Buffer.from('2\n3\n2\n8\n1\n'.padEnd(512, '\0')),
    Buffer.from('abc'),
  ]);
  const fill = (bytes: Buffer, size: number, step: number) =>
    buffer(
      holesFill(
        Readable.from(Array.from(bytes, (_, at) => bytes.subarray(at * step, (at + 1) * step))),
        size,
      ),
    );
  for (const step of [1, 7, 600]) {
    assert.equal((await fill(stored, 10, step)).toString(), '\0\0\0ab\0\0\0c\0');
  }
  await assert.rejects(fill(stored.subarray(0, -1), 10, 9), /incomplete/);
  await assert.rejects(fill(stored, 5, 9), /incomplete/);
});
