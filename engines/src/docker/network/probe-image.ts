/**
 * The isolation probe's image. It is built on this machine, since there may be no reachable registry. It consists of
 * this process's Node, the libraries that it has loaded, and the probe's script.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Readable } from 'node:stream';
import { imageArchiveWrite } from '../images/image-archive.ts';
import type { ImageStore } from '../images/image-store.ts';
import type { Platform } from '../../registry/manifest.ts';
import { tarWrite } from '../images/tar.ts';

const SCRIPT = fileURLToPath(new URL('./probe-script.ts', import.meta.url));

const REPOSITORY = 'dollarbox-probe';

/** The beginning of a probe container's command. */
export const PROBE_COMMAND = ['/node', '/probe.ts'];

interface ImageFile {
  /** Inside the image, without the leading slash. */
  path: string;
  source: string;
  sizeBytes: number;
}

/**
 * The paths of shared objects that this process has loaded: the libraries that its Node needs, without running `ldd`.
 */
function loadedLibraries(): string[] {
  const report: NodeJS.ProcessReport & { excludeNetwork?: boolean } = process.report;
  // Otherwise the report asks name servers about each open connection.
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

async function* fileRead(source: string): AsyncGenerator<Buffer> {
  yield* createReadStream(source, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>;
}

function writeLayer(files: readonly ImageFile[]): AsyncGenerator<Buffer> {
  return tarWrite(
    files.map(({ path, source, sizeBytes }) => ({
      ...{ name: path, sizeBytes, mode: 0o755 },
      content: fileRead(source),
    })),
  );
}

/** Deterministic, so that two processes that build it at once build the same image. */
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
 * Creates the image unless it exists.
 * @returns its tag.
 */
export async function probeImageEnsure(
  store: ImageStore,
  platform: Platform,
  signal: AbortSignal,
): Promise<string> {
  const files = await imageFiles();
  // Not keyed by the project's location: copies of the project share the image.
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
  const archive = imageArchiveWrite({
    config: { digest: configDigest },
    configContent,
    layers: [layer],
    diffIds: [layer.digest],
    heldCount: 0,
    tag,
    openBlob: async () => Readable.from(writeLayer(files), { objectMode: false }),
  });
  await store.load(archive, signal);
  // Images of older versions. One that is in use stays.
  for (const other of await store.listTags(REPOSITORY, signal)) {
    if (other !== tag) await store.remove(other, signal);
  }
  return tag;
}
