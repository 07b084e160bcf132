import type { Readable } from 'node:stream';

/**
 * The lines of a stream, without their ends. Unlike `node:readline` it fails when the stream breaks.
 * @throws what the stream fails with, also when it is destroyed.
 */
export async function* readLines(stream: Readable): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}
