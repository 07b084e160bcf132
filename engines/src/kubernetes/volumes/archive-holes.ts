/** Files with holes, as GNU's tar archives them in pax format (its sparse format 1.0). */

const BLOCK_BYTES = 512;
const ZEROS = Buffer.alloc(64 * 1024);

interface Region {
  offset: number;
  bytes: number;
}

/** @returns null: more is needed to read it. */
function mapParse(held: Buffer): { regions: Region[]; mapBytes: number } | null {
  let at = 0;
  function next(): number | null {
    const end = held.indexOf(10, at);
    if (end < 0) return null;
    const number = Number(held.toString('ascii', at, end));
    if (!Number.isSafeInteger(number) || number < 0) throw new Error('Invalid map of holes.');
    at = end + 1;
    return number;
  }
  const count = next();
  if (count === null) return null;
  const regions: Region[] = [];
  for (let index = 0; index < count; index += 1) {
    const [offset, bytes] = [next(), next()];
    if (offset === null || bytes === null) return null;
    regions.push({ offset, bytes });
  }
  const mapBytes = Math.ceil(at / BLOCK_BYTES) * BLOCK_BYTES;
  return held.length < mapBytes ? null : { regions, mapBytes };
}

function* zeros(count: number): Generator<Buffer> {
  for (let left = count; left > 0; left -= ZEROS.length) yield ZEROS.subarray(0, left);
}

/**
 * The content with its holes filled.
 * @param stored as in the archive: a map of what is there, padded to whole blocks, and then that.
 * @param sizeBytes of the file.
 * @throws Error if the map is not one, or content is missing.
 */
export async function* holesFill(
  stored: AsyncIterable<Buffer>,
  sizeBytes: number,
): AsyncGenerator<Buffer> {
  let held = Buffer.alloc(0);
  let regions: Region[] | undefined;
  let at = 0;
  for await (const piece of stored) {
    held = Buffer.concat([held, piece]);
    if (regions === undefined) {
      const map = mapParse(held);
      if (map === null) continue;
      regions = map.regions;
      held = held.subarray(map.mapBytes);
    }
    for (let region = regions[0]; region !== undefined; region = regions[0]) {
      if (region.offset > at) yield* zeros(region.offset - at);
      at = Math.max(at, region.offset);
      const part = held.subarray(0, region.offset + region.bytes - at);
      if (part.length > 0) yield part;
      at += part.length;
      held = held.subarray(part.length);
      if (at < region.offset + region.bytes) break;
      regions.shift();
    }
  }
  if (regions === undefined || regions.length > 0 || at > sizeBytes) {
    throw new Error('The content of a file with holes is incomplete.');
  }
  yield* zeros(sizeBytes - at);
}
