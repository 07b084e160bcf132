/** Runs commands in pods, with their input and output, over a WebSocket. */
import { PassThrough, Writable } from 'node:stream';
import type { Readable } from 'node:stream';
import { WebSocket } from 'ws';
import { KubeCallError, refusalRead } from './client.ts';
import type { KubeApi } from './client.ts';

/** The first version of the protocol in which the end of the input can be told. */
const PROTOCOL = 'v5.channel.k8s.io';
/** The first byte of each message. */
const [INPUT, OUTPUT, ERRORS, STATUS, END] = [0, 1, 2, 3, 255] as const;
const PIECE_BYTES = 32 * 1024;
const SAID_MAX_BYTES = 64 * 1024;
/** A connection whose other side is gone is found out by the kernel. */
const KEEP_ALIVE_MS = 30_000;

/** It ran, and did not end well. */
export class PodCommandError extends Error {
  /** null: it was not told. */
  readonly exitCode: number | null;
  /** The beginning of what it wrote to its standard error. */
  readonly said: string;

  constructor(exitCode: number | null, said: string, message: string) {
    super(message);
    this.name = 'PodCommandError';
    this.exitCode = exitCode;
    this.said = said;
  }
}

export interface PodCommand {
  /** End it to end the command's input. */
  input: Writable;
  /** Ends when the command has ended, however that went. */
  output: Readable;
  /**
   * Resolves when the command has ended with 0.
   * @throws PodCommandError; KubeCallError if the connection broke.
   */
  ended: Promise<void>;
  /** Ends the connection, and thereby the command's input and output. */
  close(): void;
}

interface CommandStatus {
  status?: string;
  message?: string;
  details?: { causes?: { reason?: string; message?: string }[] };
}

/** @throws PodCommandError unless the command ended with 0. */
function statusRequire(status: CommandStatus, said: string): void {
  if (status.status === 'Success') return;
  const code = status.details?.causes?.find(({ reason }) => reason === 'ExitCode')?.message;
  const exitCode = code === undefined ? null : Number(code);
  throw new PodCommandError(exitCode, said, `${status.message ?? 'It failed.'} ${said}`.trim());
}

const broken = (cause?: unknown) =>
  new KubeCallError(null, 'BrokenCommand', 'The connection to a pod broke.', cause);

/** Sends messages of at most `PIECE_BYTES`, one after the other, as fast as the other side takes them. */
function inputCreate(socket: WebSocket): Writable {
  function send(channel: number, piece: Buffer, done: (error: Error | null) => void): void {
    socket.send(Buffer.concat([Buffer.of(channel), piece]), (error) =>
      done(error ? broken(error) : null),
    );
  }
  const input = new Writable({
    write(chunk: Buffer, _encoding, done) {
      const next = (at: number): void => {
        send(INPUT, chunk.subarray(at, at + PIECE_BYTES), (error) => {
          if (error !== null || at + PIECE_BYTES >= chunk.length) return done(error);
          next(at + PIECE_BYTES);
        });
      };
      next(0);
    },
    final: (done) => send(END, Buffer.of(INPUT), done),
  });
  // Whoever writes hears of it, too.
  return input.on('error', () => undefined);
}

/** Fills the output, without holding more than fits in it. */
function outputCreate(socket: WebSocket): PassThrough {
  const output = new PassThrough({ highWaterMark: 256 * 1024 });
  output.on('drain', () => socket.resume());
  output.once('close', () => socket.terminate());
  output.on('error', () => undefined);
  return output;
}

/** Resolves when it is open. */
function opening(socket: WebSocket, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => socket.terminate();
    signal.addEventListener('abort', abort, { once: true });
    socket.once('open', () => {
      signal.removeEventListener('abort', abort);
      resolve();
    });
    socket.on('error', (error) => {
      reject(signal.aborted ? signal.reason : broken(error));
    });
    socket.once('upgrade', ({ socket: connection }) =>
      connection.setKeepAlive(true, KEEP_ALIVE_MS),
    );
    socket.once('unexpected-response', (request, reply) => {
      void refusalRead(reply)
        .then(reject)
        .finally(() => request.destroy());
    });
  });
}

/**
 * Starts a command in the only container of a pod.
 * @param signal gives up until it has started.
 * @throws KubeCallError if the API server refuses it.
 */
export async function podCommandStart(
  api: KubeApi,
  { namespace, name }: { namespace: string; name: string },
  command: readonly string[],
  signal: AbortSignal,
): Promise<PodCommand> {
  signal.throwIfAborted();
  const { url, options } = await api.reach(`/api/v1/namespaces/${namespace}/pods/${name}/exec`);
  url.protocol = url.protocol === 'http:' ? 'ws:' : 'wss:';
  for (const stream of ['stdin', 'stdout', 'stderr']) url.searchParams.set(stream, 'true');
  for (const word of command) url.searchParams.append('command', word);
  const socket = new WebSocket(url, PROTOCOL, {
    ...options,
    perMessageDeflate: false,
  });
  const output = outputCreate(socket);
  const [said, status]: [Buffer[], Buffer[]] = [[], []];
  let saidBytes = 0;
  socket.on('message', (message: Buffer) => {
    const piece = message.subarray(1);
    if (message[0] === OUTPUT && !output.write(piece)) socket.pause();
    if (message[0] === STATUS) status.push(piece);
    if (message[0] === ERRORS && saidBytes < SAID_MAX_BYTES) {
      said.push(piece);
      saidBytes += piece.length;
    }
  });
  const ended = new Promise<void>((resolve, reject) => {
    socket.once('close', () => {
      try {
        if (status.length === 0) throw broken();
        const found = JSON.parse(Buffer.concat(status).toString('utf8')) as CommandStatus;
        statusRequire(found, Buffer.concat(said).toString('utf8'));
        resolve();
      } catch (error) {
        reject(error instanceof Error ? error : broken(error));
      }
      output.end();
    });
  });
  const input = inputCreate(socket);
  // A command that has failed takes no more.
  ended.catch((error: Error) => input.destroy(error));
  await opening(socket, signal);
  return { input, output, ended, close: () => socket.terminate() };
}
