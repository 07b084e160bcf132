/** Reads and writes files of a container through Docker, whether it runs or not. */
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { DockerApi } from './api.ts';
import { unlessMissing } from './errors.ts';

export interface ContainerFiles {
  /**
   * An archive of the file or folder at the path, or of the target if it is a link; undefined if nothing exists
   * there.
   * @param maxBytes where the archive is cut off.
   */
  readArchive(
    ref: string,
    path: string,
    maxBytes: number,
    signal: AbortSignal,
  ): Promise<{ archive: Buffer; path: string } | undefined>;
  /** Unpacks an archive into a folder. A folder that exists in both keeps its contents. */
  writeArchive(ref: string, path: string, archive: Readable, signal: AbortSignal): Promise<void>;
}

/** The target of a link, as Docker reports it with the archive. */
function linkTarget(reply: Readable): string | undefined {
  const header = (reply as IncomingMessage).headers['x-docker-container-path-stat'];
  const stat = Buffer.from(String(header), 'base64').toString();
  return (JSON.parse(stat) as { linkTarget?: string }).linkTarget || undefined;
}

async function readHead(stream: Readable, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= maxBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, maxBytes);
}

export function containerFilesCreate(api: DockerApi): ContainerFiles {
  const open = (ref: string, path: string, signal: AbortSignal) =>
    unlessMissing(
      api.stream({ method: 'GET', path: `/containers/${ref}/archive`, query: { path }, signal }),
    );

  return {
    async readArchive(ref, path, maxBytes, signal) {
      let at = path;
      let stream = await open(ref, at, signal);
      try {
        const target = stream && linkTarget(stream);
        if (target !== undefined) {
          stream?.destroy();
          // Docker has resolved all links on the way.
          at = target;
          stream = await open(ref, at, signal);
        }
        return stream && { archive: await readHead(stream, maxBytes), path: at };
      } finally {
        stream?.destroy();
      }
    },

    async writeArchive(ref, path, archive, signal) {
      await api.call({
        method: 'PUT',
        path: `/containers/${ref}/archive`,
        query: { path },
        upload: archive,
        signal,
      });
    },
  };
}
