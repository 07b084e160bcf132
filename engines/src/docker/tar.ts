/** Tar archives (POSIX ustar) for `docker load`: regular files with an unchanging head. */
const BLOCK_BYTES = 512;
/** Eleven octal digits; beyond that GNU's binary form. */
const OCTAL_SIZE_MAX = 0o77777777777;

function writeOctal(header: Buffer, offset: number, length: number, value: number): void {
  header.write(value.toString(8).padStart(length - 1, '0'), offset, 'ascii');
}

/**
 * @param path at most 100 bytes.
 * @param sizeBytes how much content follows.
 */
export function tarHeader(path: string, sizeBytes: number, mode = 0o644): Buffer {
  const header = Buffer.alloc(BLOCK_BYTES);
  if (header.write(path, 0, 'utf8') > 100) throw new Error(`too long for a tar header: ${path}`);
  writeOctal(header, 100, 8, mode);
  writeOctal(header, 108, 8, 0);
  writeOctal(header, 116, 8, 0);
  if (sizeBytes <= OCTAL_SIZE_MAX) {
    writeOctal(header, 124, 12, sizeBytes);
  } else {
    header.writeUInt8(0x80, 124);
    header.writeBigUInt64BE(BigInt(sizeBytes), 128);
  }
  writeOctal(header, 136, 12, 0);
  header.write('        ', 148, 'ascii');
  header.write('0', 156, 'ascii');
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
