/**
 * Turns an archive of `exportTar`, whichever engine wrote it, into one that BusyBox unpacks whole. What BusyBox leaves
 * undone is listed, to be done afterwards.
 */
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar-stream';
import type { Header } from 'tar-stream';
import { EngineError } from '../../contract.ts';
import { archiveHeaderRender, archivePadding } from './archive-header.ts';
import type { ArchiveMember } from './archive-header.ts';
import { holesFill } from './archive-holes.ts';

/** Of owners, in a pod with a user namespace of its own. */
const ID_MAX = 65_535;
/** What a header has room for; the year is 2242. */
const MTIME_MAX = 0o77777777777;
const MODE_BITS = 0o7777;

const TYPES = {
  file: '0',
  'contiguous-file': '0',
  link: '1',
  symlink: '2',
  directory: '5',
  fifo: '6',
} as const;

/** Done by BusyBox wrongly, or not at all: the time of a folder that is filled later, owner and time of a link. */
export interface Unfinished {
  path: Buffer;
  mtime: number;
  /** null: it is right. */
  owner: string | null;
}

function refuse(message: string, cause?: unknown): EngineError {
  return new EngineError('permanent', 'archive_broken', message, { cause });
}

/** Names in headers are read as Latin-1, which keeps their bytes; those in pax records are UTF-8. */
function bytesOf(ofHeader: string, ofPax: string | undefined): Buffer {
  if (ofPax === undefined) return Buffer.from(ofHeader, 'latin1');
  if (ofPax.includes('\uFFFD')) throw refuse('The archive has a name that is not UTF-8.');
  return Buffer.from(ofPax, 'utf8');
}

/** Below the folder that it is unpacked in, and no option of a program. */
function pathBelow(path: Buffer): Buffer {
  const text = path.toString('latin1').replace(/^(?:\.?\/+)+/, '');
  return Buffer.from(text === '.' ? './' : `./${text}`, 'latin1');
}

function ownerRequire(id: number): number {
  if (id >= 0 && id <= ID_MAX) return id;
  const message = `The archive has files of the owner ${id}. In this cluster, owners have numbers up to ${ID_MAX}.`;
  throw refuse(message);
}

interface Member extends ArchiveMember {
  hasHoles: boolean;
}

/** @throws EngineError `archive_broken` if the member can't be restored as it was. */
function memberRead(header: Header): Member {
  const pax = (header.pax ?? {}) as Partial<Record<string, string>>;
  const number = (key: string) => (pax[key] === undefined ? undefined : Number(pax[key]));
  const type = TYPES[header.type as keyof typeof TYPES] as ArchiveMember['type'] | undefined;
  const hasHoles = pax['GNU.sparse.major'] === '1';
  const path = bytesOf(header.name, pax['GNU.sparse.name'] ?? pax['path']);
  if (type === undefined) {
    throw refuse(
      `The archive has a file that is neither data, folder, link nor pipe: ${path.toString()}.`,
    );
  }
  if (!hasHoles && Object.keys(pax).some((key) => key.startsWith('GNU.sparse.'))) {
    throw refuse('The archive has files with holes in a format that is not known here.');
  }
  const target = bytesOf(header.linkname ?? '', pax['linkpath']);
  const realBytes = number('GNU.sparse.realsize') ?? header.size;
  return {
    path: pathBelow(path),
    target: type === '1' ? pathBelow(target) : target,
    type,
    hasHoles,
    mode: header.mode & MODE_BITS,
    uid: ownerRequire(number('uid') ?? header.uid),
    gid: ownerRequire(number('gid') ?? header.gid),
    mtime: Math.min(Math.max(0, Math.floor(number('mtime') ?? +header.mtime / 1000)), MTIME_MAX),
    sizeBytes: type === '0' ? realBytes : 0,
  };
}

function unfinishedOf({ type, path, mtime, uid, gid }: Member): Unfinished[] {
  if (type === '5') return [{ path, mtime, owner: null }];
  return type === '2' ? [{ path, mtime, owner: `${uid}:${gid}` }] : [];
}

async function* contentOf(member: Member, stored: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  if (member.type !== '0') return;
  yield* member.hasHoles ? holesFill(stored, member.sizeBytes) : stored;
  yield archivePadding(member.sizeBytes);
}

/**
 * @param roomBytes that the volume has. It is checked if holes are filled, since a file of any size may be one hole.
 * @param unfinished what is left to do when the result is unpacked is added to it.
 * @throws EngineError `archive_broken`, `volume_full`; any error from reading `tar`.
 */
export async function* archiveConvert(
  tar: Readable,
  roomBytes: number,
  unfinished: Unfinished[],
): AsyncGenerator<Buffer> {
  const options: object = { filenameEncoding: 'latin1' };
  const reader = extract(options);
  let inputError: Error | null = tar.errored;
  // When the reader fails, it destroys its input with its own error.
  tar.once('error', (error) => (inputError ??= reader.destroyed ? null : error));
  // Either side's failure is that of the loop.
  pipeline(tar, reader as unknown as Writable).catch(() => undefined);
  let [bytes, isFilled] = [0, false];
  try {
    for await (const entry of reader) {
      const member = memberRead(entry.header);
      bytes += member.sizeBytes;
      isFilled ||= member.hasHoles;
      if (isFilled && bytes > roomBytes) {
        const message = 'The volume is too small for this data: holes in files are filled here.';
        throw new EngineError('permanent', 'volume_full', message);
      }
      unfinished.push(...unfinishedOf(member));
      yield archiveHeaderRender(member);
      yield* contentOf(member, entry as unknown as AsyncIterable<Buffer>);
      entry.resume();
    }
  } catch (error) {
    if (inputError !== null) throw inputError;
    if (error instanceof EngineError) throw error;
    throw refuse('The archive can not be unpacked.', error);
  } finally {
    reader.destroy();
  }
  yield Buffer.alloc(1024);
}
