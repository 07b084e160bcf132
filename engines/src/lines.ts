import type { Readable } from 'node:stream';

/**
 * The lines of a stream, without line endings. Unlike `node:readline` it fails if the stream breaks.
 * @throws the stream's error, also if it is destroyed.
 */
export async function* linesRead(stream: Readable): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  /** The parts of the unfinished line. They are joined once: otherwise a long line would be copied for each part. */
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
