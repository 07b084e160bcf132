import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import Fastify from 'fastify';

interface ReaderScript {
  bytes: Buffer;
  packed: Buffer;
}

let script: Promise<ReaderScript> | null = null;

/** The script of the API's reader, as its package ships it. It is several megabytes, so it is loaded at first use. */
export function readerScriptLoad(): Promise<ReaderScript> {
  script ??= load();
  return script;
}

/** The package exposes it only through a route of its own. */
async function load(): Promise<ReaderScript> {
  const { default: reader } = await import('@scalar/fastify-api-reference');
  const app = Fastify();
  await app.register(reader, { routePrefix: '/docs', configuration: { url: '/' } });
  const { rawPayload: bytes } = await app.inject('/docs/js/scalar.js');
  await app.close();
  return { bytes, packed: await promisify(gzip)(bytes) };
}
