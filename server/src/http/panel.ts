import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { extname, join, sep } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PAGE_HEADERS } from './security-headers.ts';
import { isApiPath } from './target.ts';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
};
const COMPRESSIBLE = new Set(['.html', '.js', '.css', '.svg']);

const NOT_BUILT =
  '<!doctype html><html lang="en"><meta charset="utf-8"><title>DollarBox</title><p>The panel is not built: start DollarBox with <code>npm start</code>, which builds it, or set <code>PANEL_DIR</code> to a folder where it is. The API works without.</p></html>\n';

interface PanelFile {
  body: Buffer;
  gzip: Buffer | null;
  etag: string;
  type: string;
  /** Its name contains a hash of its contents. */
  isImmutable: boolean;
}

/** Answers a request for a page or a file of the panel. @returns false if it is for neither. */
export type PanelAnswer = (request: FastifyRequest, reply: FastifyReply) => boolean;

/**
 * The panel's files, read once and served from memory, so that the path of a request never reaches the disk.
 * @param panelDir the folder of the built panel; it need not exist.
 */
export function panelAnswerCreate(panelDir: string): PanelAnswer {
  const files = panelFilesRead(panelDir);

  return (request, reply) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return false;
    const path = request.url.split('?')[0] ?? '';
    if (isApiPath(path)) return false;
    const isPage = !/\.[^/]*$/.test(path);
    const file = files.get(isPage ? '/index.html' : path);
    if (file === undefined && !isPage) return false;
    reply.headers(PAGE_HEADERS);
    if (file === undefined) {
      reply.code(503).header('cache-control', 'no-store').type('text/html; charset=utf-8');
      reply.send(NOT_BUILT);
      return true;
    }
    fileSend(file, request, reply);
    return true;
  };
}

function fileSend(file: PanelFile, request: FastifyRequest, reply: FastifyReply): void {
  reply.headers({
    etag: file.etag,
    'cache-control': file.isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache',
    ...(file.gzip === null ? {} : { vary: 'accept-encoding' }),
  });
  if (request.headers['if-none-match'] === file.etag) {
    reply.code(304).send();
    return;
  }
  const isGzip = file.gzip !== null && /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
  if (isGzip) reply.header('content-encoding', 'gzip');
  reply.type(file.type).send(isGzip ? file.gzip : file.body);
}

/** How often the files are read again because a build has replaced them meanwhile. */
const READ_AGAIN_MAX = 5;

/** By request path. */
function panelFilesRead(folder: string): Map<string, PanelFile> {
  for (let tries = 0; ; tries += 1) {
    try {
      return filesRead(folder);
    } catch (error) {
      const isReplaced = (error as NodeJS.ErrnoException).code === 'ENOENT';
      if (!isReplaced || tries === READ_AGAIN_MAX) throw error;
    }
  }
}

function filesRead(folder: string): Map<string, PanelFile> {
  const files = new Map<string, PanelFile>();
  for (const name of namesIn(folder)) {
    const extension = extname(name);
    const type = TYPES[extension];
    if (type === undefined) continue;
    const body = readFileSync(join(folder, name));
    const hash = createHash('sha256').update(body).digest('base64url').slice(0, 22);
    files.set(`/${name.split(sep).join('/')}`, {
      body,
      gzip: COMPRESSIBLE.has(extension) ? gzipSync(body) : null,
      etag: `W/"${hash}"`,
      type,
      isImmutable: name.startsWith(`assets${sep}`),
    });
  }
  return files;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' });
  } catch {
    return [];
  }
}
