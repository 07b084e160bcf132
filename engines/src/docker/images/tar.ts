/**
 * Tar archives, through `tar-stream`: POSIX ustar, with pax records (POSIX.1-2001) for values that do not fit in a
 * header.
 */
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Header, type Pack, extract, pack } from 'tar-stream';

/** Larger numbers do not fit in a header's octal digits, and `tar-stream` would write a different number. */
const HEADER_ID_MAX = 0o777777;
const HEADER_SECONDS_MAX = 0x7fffffff;

export interface TarOwner {
  uid: number;
  gid: number;
}

export interface TarAttributes extends TarOwner {
  mode: number;
  /** Seconds since 1970. */
  mtime: number;
}

export interface TarFile {
  name: string;
  sizeBytes: number;
  /** Read once, after the preceding files are written. */
  content: AsyncIterable<Buffer> | Iterable<Buffer>;
  mode?: number;
}

/** @returns a file for an archive, from content in memory. */
export function tarFileOf(name: string, content: Buffer): TarFile {
  return { name, sizeBytes: content.length, content: [content] };
}

/**
 * Writes an archive of files that are owned by root and have no date, so that the same files give the same bytes.
 * Only one chunk at a time is in memory.
 * @throws while being read: any error from a content, and an error if a content does not have the announced length.
 */
export async function* tarWrite(
  files: AsyncIterable<TarFile> | Iterable<TarFile>,
): AsyncGenerator<Buffer> {
  const archive = pack();
  const writing = filesWrite(archive, files).then(
    () => archive.finalize(),
    (error: unknown) => archive.destroy(error as Error),
  );
  try {
    yield* archive as AsyncIterable<Buffer>;
  } finally {
    archive.destroy();
    await writing;
  }
}

async function filesWrite(
  archive: Pack,
  files: AsyncIterable<TarFile> | Iterable<TarFile>,
): Promise<void> {
  for await (const { name, sizeBytes, content, mode = 0o644 } of files) {
    const owner = { uid: 0, gid: 0, mtime: new Date(0) };
    const entry = archive.entry({ name, size: sizeBytes, mode, ...owner });
    await pipeline(content, entry as unknown as Writable);
  }
}

/** An archive of one empty folder. */
export async function* tarOfFolder(
  name: string,
  { uid, gid, mode, mtime }: TarAttributes,
): AsyncGenerator<Buffer> {
  const records = {
    ...(uid > HEADER_ID_MAX && { uid: String(uid) }),
    ...(gid > HEADER_ID_MAX && { gid: String(gid) }),
    ...(mtime > HEADER_SECONDS_MAX && { mtime: String(mtime) }),
  };
  const archive = pack();
  const header = {
    ...{ name: `${name}/`, type: 'directory' as const },
    mode,
    uid: records.uid === undefined ? uid : 0,
    gid: records.gid === undefined ? gid : 0,
    mtime: new Date(records.mtime === undefined ? mtime * 1000 : 0),
    ...(Object.keys(records).length > 0 && { pax: records }),
  };
  archive.entry(header);
  archive.finalize();
  yield* archive as AsyncIterable<Buffer>;
}

export interface TarEntry extends TarAttributes {
  name: string;
  /** null: a type that is not in the standard. */
  type: Header['type'] | null;
  content: Buffer;
}

/** A field that `tar-stream` provides but does not declare in its types. */
interface ReadHeader extends Header {
  /** Where the content begins. */
  byteOffset: number;
  pax: Record<string, string> | null;
}

/**
 * Reads the entries at the beginning of an untrusted archive.
 * @param archive may end anywhere. Entries that are cut off, and anything that is not an archive, are ignored. The
 *   last content may be cut off.
 */
export async function tarEntriesRead(archive: Buffer): Promise<TarEntry[]> {
  const entries: TarEntry[] = [];
  const options: object = { allowUnknownFormat: true };
  const reader = extract(options);
  reader.on('entry', (header, content, next) => {
    entries.push(entryOf(header as ReadHeader, archive));
    // The reader reports the same error.
    content.on('error', () => {}).once('end', () => next());
    content.resume();
  });
  await new Promise<void>((resolve) => {
    // The reader treats an end in the middle as an error.
    reader.on('error', () => resolve()).once('close', () => resolve());
    reader.end(archive);
  });
  return entries;
}

function entryOf(header: ReadHeader, archive: Buffer): TarEntry {
  const { name, type, mode, uid, gid, mtime, pax, size, byteOffset } = header;
  return {
    name,
    type,
    mode,
    uid: paxNumber(pax, 'uid') ?? uid,
    gid: paxNumber(pax, 'gid') ?? gid,
    mtime: paxNumber(pax, 'mtime') ?? mtime.getTime() / 1000,
    content: archive.subarray(byteOffset, byteOffset + size),
  };
}

/** The integer part of a number in the pax records. */
function paxNumber(pax: ReadHeader['pax'], key: string): number | undefined {
  const digits = /^\d+/.exec(pax?.[key] ?? '')?.[0];
  return digits === undefined ? undefined : Number(digits);
}
