import { Transform } from 'node:stream';
import { EngineError } from './contract.ts';

/** The end of every archive. */
const TAR_END = Buffer.alloc(1024);

/**
 * Passes an archive through. A program that can't read on may end an archive early, without an error: only the
 * archive's own end marker proves that it is complete.
 */
export function tarEndRequire(): Transform {
  let tail = Buffer.alloc(0);
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      tail = Buffer.concat([tail, chunk.subarray(-TAR_END.length)]).subarray(-TAR_END.length);
      done(null, chunk);
    },
    flush(done) {
      const isWhole = tail.equals(TAR_END);
      if (isWhole) return done(null);
      const message = 'The volume could not be read to its end.';
      done(new EngineError('retryable', 'engine_error', message));
    },
  });
}
