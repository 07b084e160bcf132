/**
 * Looks for device files in a layer while it is read. Docker runs as the host's root and opens some files of a container
 * itself, so a device anywhere but in `dev/`, where old base images have some, serves only an attack. Links could still
 * lead from elsewhere to a device in `dev/`: what Docker opens is looked at before every start, too (`start-check.ts`).
 */
import { once } from 'node:events';
import { posix } from 'node:path';
import { extract } from 'tar-stream';

export interface DeviceScan {
  /** Takes the next part of the uncompressed layer. */
  write(chunk: Buffer): Promise<void>;
  /** Path of the first device outside `dev/` so far; null: there is none. */
  found(): string | null;
  close(): void;
}

const DEVICE_TYPES = new Set(['character-device', 'block-device']);

/** @returns a scan of one layer. What is not a tar archive is passed over: Docker refuses it with an error of its own. */
export function deviceScanCreate(): DeviceScan {
  let found: string | null = null;
  let isReadable = true;
  const options: object = { allowUnknownFormat: true };
  const archive = extract(options);
  const closed = new Promise<void>((resolve) => {
    archive.once('close', () => resolve());
  });
  archive.once('error', () => void (isReadable = false));
  archive.on('entry', ({ name, type }, content, next) => {
    const path = posix.join('/', name);
    if (DEVICE_TYPES.has(type ?? '') && !path.startsWith('/dev/')) found ??= path;
    content
      .on('error', () => {})
      .once('end', () => next())
      .resume();
  });
  return {
    async write(chunk) {
      if (!isReadable || archive.write(chunk)) return;
      await Promise.race([once(archive, 'drain'), closed]).catch(() => {});
    },
    found: () => found,
    close: () => void archive.destroy(),
  };
}
