/** A process that fills a volume for as long as it runs: `node import-endless.ts <options of the engine as JSON> <ref>`. */
import { Readable } from 'node:stream';
import { kubernetesEngineCreate } from '../engine.ts';
import { archiveHeaderRender } from '../volumes/archive-header.ts';

const [, , options = '', ref = ''] = process.argv;
const BYTES = 2 ** 40;

async function* archive(): AsyncGenerator<Buffer> {
  const owner = { uid: 0, gid: 0, mode: 0o644, mtime: 0 };
  const file = { path: Buffer.from('./endless'), target: Buffer.alloc(0), type: '0' as const };
  yield archiveHeaderRender({ ...file, ...owner, sizeBytes: BYTES });
  for (;;) {
    yield Buffer.alloc(1024);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const engine = kubernetesEngineCreate({
  ...(JSON.parse(options) as { kubeconfig: string; installationId: string; probeImage: string }),
  allowedRegistries: [],
  tenantLimits: async () => new Map(),
  log: { info() {}, warn() {}, error() {} },
  now: () => new Date(),
  random: () => 0.5,
});
await engine.volumes.importTar(ref, Readable.from(archive()));
