/** Opens a container's log on Docker. */
import { EngineError } from '../../contract.ts';
import type { LogEntry } from '../../log-lines.ts';
import type { LogOpen } from '../../log-reader.ts';
import type { DockerApi } from '../daemon/api.ts';
import { engineErrorFrom, isDockerStatus } from '../daemon/errors.ts';
import { logEntries } from '../daemon/log-frames.ts';

/** @param deadlineMs the longest that a reading may wait for Docker, in milliseconds. */
export function logOpenCreate(api: DockerApi, deadlineMs: number): LogOpen {
  /** Fails if Docker sends nothing for too long. */
  function watched<T>(reading: Promise<T>): Promise<T> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      const message = `The container engine did not answer within ${deadlineMs / 1000} s.`;
      late.reject(new EngineError('retryable', 'engine_timeout', message));
    }, deadlineMs);
    return Promise.race([reading, late.promise]).finally(() => clearTimeout(timer));
  }

  return async function* (ref, { entries, isFollowed }, signal) {
    try {
      const stream = await watched(
        api.stream({
          method: 'GET',
          path: `/containers/${ref}/logs`,
          query: {
            ...{ stdout: '1', stderr: '1', timestamps: '1' },
            tail: entries === null ? 'all' : String(entries),
            ...(isFollowed && { follow: '1' }),
          },
          signal,
        }),
      );
      try {
        const groups = logEntries(stream);
        for (;;) {
          const next = groups.next();
          // A quiet process may be followed for as long as it likes.
          const group: IteratorResult<LogEntry[]> = await (isFollowed ? next : watched(next));
          if (group.done === true) return;
          yield group.value;
        }
      } finally {
        stream.destroy();
      }
    } catch (error) {
      if (!isDockerStatus(error, 404)) throw engineErrorFrom(error);
      const message = 'The container engine does not have this container any more.';
      throw new EngineError('not_found', 'container_missing', message, { cause: error });
    }
  };
}
