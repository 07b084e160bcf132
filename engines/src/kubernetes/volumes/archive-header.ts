/** Headers of archives as GNU's tar writes them: BusyBox understands these whole, and of pax records only the path. */

const BLOCK_BYTES = 512;
const NAME_BYTES = 100;

export interface ArchiveMember {
  /** Bytes: a name need not be text. */
  path: Buffer;
  /** Of a link: where it leads. */
  target: Buffer;
  /** As in the header: `0` a file, `1` a hard link, `2` a symbolic link, `5` a folder, `6` a pipe. */
  type: '0' | '1' | '2' | '5' | '6';
  mode: number;
  uid: number;
  gid: number;
  /** Seconds since 1970. */
  mtime: number;
  sizeBytes: number;
}

/** In octal digits and, if they don't suffice, in binary behind a bit that says so. */
function numberWrite(block: Buffer, value: number, offset: number, length: number): void {
  const digits = value.toString(8);
  if (digits.length < length) {
    block.write(digits.padStart(length - 1, '0'), offset, 'ascii');
    return;
  }
  block[offset] = 0x80;
  let left = value;
  for (let at = offset + length - 1; at > offset; at -= 1) {
    block[at] = left % 256;
    left = Math.floor(left / 256);
  }
}

function blockRender({ path, target, ...member }: Omit<ArchiveMember, 'type'> & { type: string }) {
  const block = Buffer.alloc(BLOCK_BYTES);
  path.copy(block, 0, 0, NAME_BYTES);
  numberWrite(block, member.mode, 100, 8);
  numberWrite(block, member.uid, 108, 8);
  numberWrite(block, member.gid, 116, 8);
  numberWrite(block, member.sizeBytes, 124, 12);
  numberWrite(block, member.mtime, 136, 12);
  // The sum is made with spaces in its own place.
  block.write(' '.repeat(8), 148, 'ascii');
  block.write(member.type, 156, 'ascii');
  target.copy(block, 157, 0, NAME_BYTES);
  block.write('ustar  \0', 257, 'ascii');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'ascii');
  return block;
}

/** What fills the last block of so many bytes. */
export function archivePadding(sizeBytes: number): Buffer {
  return Buffer.alloc((BLOCK_BYTES - (sizeBytes % BLOCK_BYTES)) % BLOCK_BYTES);
}

/** A member before the real one, whose content is the text that does not fit in its header. */
function longRender(type: 'L' | 'K', text: Buffer): Buffer[] {
  const content = Buffer.concat([text, Buffer.alloc(1)]);
  const header = {
    path: Buffer.from('././@LongLink'),
    target: Buffer.alloc(0),
    type,
    ...{ mode: 0, uid: 0, gid: 0, mtime: 0 },
    sizeBytes: content.length,
  };
  return [blockRender(header), content, archivePadding(content.length)];
}

/** The header of a member. Its content follows, padded to whole blocks. */
export function archiveHeaderRender(member: ArchiveMember): Buffer {
  const { path, target } = member;
  return Buffer.concat([
    ...(target.length >= NAME_BYTES ? longRender('K', target) : []),
    ...(path.length >= NAME_BYTES ? longRender('L', path) : []),
    blockRender(member),
  ]);
}
