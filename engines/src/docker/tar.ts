/** Tar archives: POSIX ustar, with pax records (POSIX.1-2001) for what does not fit it. */
const BLOCK_BYTES = 512;
/** Eleven octal digits; beyond that GNU's binary form. */
const OCTAL_SIZE_MAX = 0o77777777777;
/** Seven octal digits. */
const OCTAL_ID_MAX = 0o7777777;
const PATH_BYTES = 100;

export interface TarOwner {
  uid: number;
  gid: number;
}

/** What an archive tells of a file beside its name and content. */
export interface TarAttributes extends TarOwner {
  mode: number;
  /** Seconds since 1970. */
  mtime: number;
}

function writeOctal(header: Buffer, offset: number, length: number, value: number): void {
  header.write(value.toString(8).padStart(length - 1, '0'), offset, 'ascii');
}

/**
 * @param path at most 100 bytes.
 * @param sizeBytes how much content follows.
 * @param type as in the standard: `0` a file, `5` a folder, `x` pax records.
 */
export function tarHeader(
  path: string,
  sizeBytes: number,
  mode = 0o644,
  { uid, gid, mtime } = { uid: 0, gid: 0, mtime: 0 },
  type: '0' | '5' | 'x' = '0',
): Buffer {
  const header = Buffer.alloc(BLOCK_BYTES);
  const written = header.write(path, 0, 'utf8');
  if (written > PATH_BYTES) throw new Error(`too long for a tar header: ${path}`);
  writeOctal(header, 100, 8, mode);
  writeOctal(header, 108, 8, uid);
  writeOctal(header, 116, 8, gid);
  if (sizeBytes <= OCTAL_SIZE_MAX) {
    writeOctal(header, 124, 12, sizeBytes);
  } else {
    header.writeUInt8(0x80, 124);
    header.writeBigUInt64BE(BigInt(sizeBytes), 128);
  }
  writeOctal(header, 136, 12, mtime);
  header.write('        ', 148, 'ascii');
  header.write(type, 156, 'ascii');
  header.write('ustar\u000000', 257, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}

/** What fills a file's content up to whole blocks. */
export function tarPadding(sizeBytes: number): Buffer {
  return Buffer.alloc((BLOCK_BYTES - (sizeBytes % BLOCK_BYTES)) % BLOCK_BYTES);
}

export const TAR_END: Buffer = Buffer.alloc(2 * BLOCK_BYTES);

/** One record; its length counts its own digits. */
function paxRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + 1;
  while (String(length).length + rest !== length) length = String(length).length + rest;
  return `${length} ${key}=${value}\n`;
}

/** An archive of one empty folder. */
export function tarOfFolder(name: string, { uid, gid, mode, mtime }: TarAttributes): Buffer {
  const path = `${name}/`;
  const isLong = Buffer.byteLength(path) > PATH_BYTES;
  const isLarge = Math.max(uid, gid) > OCTAL_ID_MAX;
  const records = [
    ...(isLong ? [paxRecord('path', path)] : []),
    ...(isLarge ? [paxRecord('uid', String(uid)), paxRecord('gid', String(gid))] : []),
  ];
  const pax = Buffer.from(records.join(''));
  const owner = isLarge ? { uid: 0, gid: 0, mtime } : { uid, gid, mtime };
  return Buffer.concat([
    ...(pax.length > 0
      ? [tarHeader('pax', pax.length, 0o644, undefined, 'x'), pax, tarPadding(pax.length)]
      : []),
    tarHeader(isLong ? 'folder/' : path, 0, mode, owner, '5'),
    TAR_END,
  ]);
}

export interface TarEntry extends TarAttributes {
  /** The first hundred bytes. */
  name: string;
  /** As in the standard; `0` for a file. */
  type: string;
  content: Buffer;
}

function readOctal(header: Buffer, offset: number, length: number): number {
  const text = header.toString('latin1', offset, offset + length);
  return Number.parseInt(text.replaceAll('\0', ' ').trim() || '0', 8);
}

/** Which records of a pax header say something of the owner. */
function readPaxOwner(content: Buffer): Partial<TarOwner> {
  const number = (key: string) => new RegExp(`\\d+ ${key}=(\\d+)\n`).exec(content.toString())?.[1];
  const [uid, gid] = [number('uid'), number('gid')];
  return { ...(uid && { uid: Number(uid) }), ...(gid && { gid: Number(gid) }) };
}

/**
 * The entries at the beginning of an archive.
 * @param archive may end anywhere: what is cut off is left out, the last content may be.
 */
export function readTarEntries(archive: Buffer): TarEntry[] {
  const entries: TarEntry[] = [];
  let owner: Partial<TarOwner> = {};
  let offset = 0;
  while (offset + BLOCK_BYTES <= archive.length) {
    const header = archive.subarray(offset, offset + BLOCK_BYTES);
    if (header[0] === 0) break;
    const sizeBytes = readOctal(header, 124, 12);
    const start = offset + BLOCK_BYTES;
    const content = archive.subarray(start, start + sizeBytes);
    const type = header.toString('latin1', 156, 157).replace('\0', '0');
    offset = start + Math.ceil(sizeBytes / BLOCK_BYTES) * BLOCK_BYTES;
    if (type === 'x') owner = readPaxOwner(content);
    if (type === 'x' || type === 'g') continue;
    const name = header.toString('utf8', 0, PATH_BYTES).split('\0')[0] ?? '';
    entries.push({
      ...{ name, type, content },
      mode: readOctal(header, 100, 8),
      uid: readOctal(header, 108, 8),
      gid: readOctal(header, 116, 8),
      mtime: readOctal(header, 136, 12),
      ...owner,
    });
    owner = {};
  }
  return entries;
}
