import type { Readable } from 'node:stream';

/**
 * The lines of a stream, without their ends. Unlike `node:readline` it fails when the stream breaks.
 * @throws what the stream fails with, also when it is destroyed.
 */
export async function* readLines(stream: Readable): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  /** Of the line that has not ended yet: joined once, or a long one would be gone through again for each piece. */
  let pieces: string[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    const [first = '', ...others] = decoder.decode(chunk, { stream: true }).split('\n');
    pieces.push(first);
    for (const next of others) {
      yield pieces.join('');
      pieces = [next];
    }
  }
  const rest = pieces.join('');
  if (rest !== '') yield rest;
}
