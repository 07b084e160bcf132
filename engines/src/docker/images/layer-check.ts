/**
 * Verifies a layer's uncompressed content while it is being sent, and refuses device files. Docker does not read a layer whose chain of digests it
 * already has: an image that merely states the digests of another org's layers would otherwise get their content.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { PullError } from '../../registry/pull-error.ts';
import { hostEnvironment } from '../daemon/host-command.ts';
import { deviceScanCreate } from './layer-devices.ts';

const CHUNK_BYTES = 256 * 1024;
const MAGIC_MAX_BYTES = 6;

function broken(cause?: unknown): PullError {
  const message = "The image can't be used: its content is broken.";
  return new PullError('image_rejected', message, { cause });
}

function deviceRefused(path: string): PullError {
  const shown = JSON.stringify(path.slice(0, 200));
  return new PullError(
    'image_rejected',
    `The image can't be used: it has a device file at ${shown}. Devices are accepted in /dev only: rebuild it without.`,
  );
}

/** A decompressor that Docker leaves to the machine too, or has built in and Node lacks. */
function programCreate(program: string): Duplex {
  const child = spawn(program, ['-dc'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: hostEnvironment(),
  });
  // Node takes a pair of streams, which its types do not declare.
  const pair = { writable: child.stdin, readable: child.stdout } as unknown as Iterable<never>;
  const stream = Duplex.from(pair);
  child.once('error', (error) => stream.destroy(error));
  child.once('close', (code) => {
    if (code !== 0) stream.destroy(new Error(`${program} exited with ${code}`));
  });
  stream.once('close', () => child.kill('SIGKILL'));
  return stream;
}

/** The formats that Docker recognizes by their first bytes. */
const FORMATS: readonly (readonly [magic: Buffer, create: () => Duplex])[] = [
  [Buffer.from([0x1f, 0x8b]), () => createGunzip({ chunkSize: CHUNK_BYTES })],
  [Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), () => createZstdDecompress({ chunkSize: CHUNK_BYTES })],
  [Buffer.from('BZh'), () => programCreate('bzip2')],
  [Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]), () => programCreate('xz')],
];

interface Digester {
  write(chunk: Buffer): Promise<void>;
  /** @returns the digest of everything written, uncompressed. */
  end(): Promise<string>;
  close(): void;
}

/** @param take gets the uncompressed content. */
function digesterCreate(
  first: Buffer,
  algorithm: string,
  take: (chunk: Buffer) => Promise<void>,
): Digester {
  const hash = createHash(algorithm);
  const result = () => `${algorithm}:${hash.digest('hex')}`;
  async function add(chunk: Buffer): Promise<void> {
    hash.update(chunk);
    await take(chunk);
  }
  const create = FORMATS.find(([magic]) => first.subarray(0, magic.length).equals(magic))?.[1];
  if (create === undefined) return { write: add, end: async () => result(), close() {} };
  const stream = create();
  const ended = (async () => {
    for await (const chunk of stream as AsyncIterable<Buffer>) await add(chunk);
  })();
  ended.catch(() => {});
  return {
    async write(chunk) {
      if (!stream.write(chunk)) await Promise.race([once(stream, 'drain'), ended]);
    },
    async end() {
      stream.end();
      await ended;
      return result();
    },
    close: () => void stream.destroy(),
  };
}

/** The same content. Its first chunk is long enough to recognize the format. */
async function* startJoin(content: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let start: Buffer | null = Buffer.alloc(0);
  for await (const chunk of content) {
    if (start === null) {
      yield chunk;
      continue;
    }
    start = Buffer.concat([start, chunk]);
    if (start.length < MAGIC_MAX_BYTES) continue;
    yield start;
    start = null;
  }
  if (start !== null) yield start;
}

async function orBroken<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw broken(error);
  }
}

/**
 * Passes a layer's content through. The last chunk is passed on only if the whole content is right, so that nothing
 * wrong is ever complete.
 * @param diffId the digest of the uncompressed content, as the image's configuration states it.
 * @throws PullError `image_rejected` if it differs, can't be decompressed, or has a device file outside `dev/`.
 */
export async function* layerCheck(
  content: AsyncIterable<Buffer>,
  diffId: string,
): AsyncGenerator<Buffer> {
  const [algorithm = ''] = diffId.split(':');
  let digester: Digester | null = null;
  let held: Buffer | null = null;
  const devices = deviceScanCreate();
  try {
    for await (const chunk of startJoin(content)) {
      if (held !== null) yield held;
      digester ??= digesterCreate(chunk, algorithm, devices.write);
      await orBroken(digester.write(chunk));
      held = chunk;
    }
    if (digester === null || held === null) throw broken();
    if ((await orBroken(digester.end())) !== diffId) throw broken();
    const device = devices.found();
    if (device !== null) throw deviceRefused(device);
    yield held;
  } finally {
    digester?.close();
    devices.close();
  }
}
