/**
 * The isolation probe's image, made on this machine since no registry may be in reach: this very
 * Node, the libraries that it has loaded, and the probe's script.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Readable } from 'node:stream';
import { writeImageArchive } from './image-archive.ts';
import type { ImageStore } from './image-store.ts';
import type { Platform } from './manifest.ts';
import { TAR_END, tarHeader, tarPadding } from './tar.ts';

const SCRIPT = fileURLToPath(new URL('./probe-script.ts', import.meta.url));

const REPOSITORY = 'dollarbox-probe';

/** What a probe container's command begins with. */
export const PROBE_COMMAND = ['/node', '/probe.ts'];

interface ImageFile {
  /** Inside the image, without the leading slash. */
  path: string;
  source: string;
  sizeBytes: number;
}

/** The paths of shared objects that this process has loaded: what its Node needs, without asking `ldd`. */
function loadedLibraries(): string[] {
  const report: NodeJS.ProcessReport & { excludeNetwork?: boolean } = process.report;
  // Else the report asks name servers about each open connection.
  report.excludeNetwork = true;
  const { sharedObjects } = report.getReport() as { sharedObjects: string[] };
  return sharedObjects.filter((path) => path.startsWith('/') && !path.endsWith('.node'));
}

async function imageFiles(): Promise<ImageFile[]> {
  const libraries = loadedLibraries().map((source) => [source.slice(1), source] as const);
  const named = [['node', process.execPath] as const, ['probe.ts', SCRIPT] as const, ...libraries];
  return Promise.all(
    named.map(async ([path, source]) => ({ path, source, sizeBytes: (await stat(source)).size })),
  );
}

async function* writeLayer(files: readonly ImageFile[]): AsyncGenerator<Buffer> {
  for (const { path, source, sizeBytes } of files) {
    yield tarHeader(path, sizeBytes, 0o755);
    yield* createReadStream(source, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>;
    yield tarPadding(sizeBytes);
  }
  yield TAR_END;
}

/** The same on every make, so that two who make it at once make the same image. */
function imageConfig(layerDigest: string, platform: Platform): Buffer {
  return Buffer.from(
    JSON.stringify({
      architecture: platform.architecture,
      os: platform.os,
      created: '1970-01-01T00:00:00Z',
      config: {},
      rootfs: { type: 'layers', diff_ids: [layerDigest] },
    }),
  );
}

/**
 * Makes the image unless it is there.
 * @returns its tag.
 */
export async function ensureProbeImage(
  store: ImageStore,
  platform: Platform,
  signal: AbortSignal,
): Promise<string> {
  const files = await imageFiles();
  // Not by where it lies: copies of the project share the image.
  const contents = files.map(({ path, sizeBytes }) => [path, sizeBytes]);
  const identity = JSON.stringify([
    process.version,
    platform,
    contents,
    await readFile(SCRIPT, 'utf8'),
  ]);
  const hash = createHash('sha256').update(identity).digest('hex');
  const tag = `${REPOSITORY}:${hash.slice(0, 16)}`;
  if ((await store.inspect(tag, signal)) !== undefined) return tag;

  const layerHash = createHash('sha256');
  let size = 0;
  for await (const chunk of writeLayer(files)) {
    layerHash.update(chunk);
    size += chunk.length;
  }
  const layer = { digest: `sha256:${layerHash.digest('hex')}`, size };
  const configContent = imageConfig(layer.digest, platform);
  const configDigest = `sha256:${createHash('sha256').update(configContent).digest('hex')}`;
  const archive = writeImageArchive({
    config: { digest: configDigest },
    configContent,
    layers: [layer],
    tag,
    openBlob: async () => Readable.from(writeLayer(files), { objectMode: false }),
  });
  await store.load(archive, signal);
  // Those of older versions; one that is in use stays.
  for (const other of await store.listTags(REPOSITORY, signal)) {
    if (other !== tag) await store.remove(other, signal);
  }
  return tag;
}
