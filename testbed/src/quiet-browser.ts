import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const RUNNER = fileURLToPath(new URL('quiet-browser.mjs', import.meta.url));

/** A program that starts a browser. */
export interface QuietBrowser {
  executablePath: string;
  close(): void;
}

/**
 * Creates a program that starts a browser in a network where nothing changes except a server's port. Chromium aborts
 * what it is loading when an interface of the machine appears or disappears (`net::ERR_NETWORK_CHANGED`), which happens
 * all the time beside tests of containers.
 * @param executablePath the browser. Without root it can't have its own network, and is used directly.
 * @param url of the only server that it can then reach, on loopback.
 */
export async function quietBrowserCreate(
  executablePath: string,
  url: string,
): Promise<QuietBrowser> {
  const canUnshare = spawnSync('unshare', ['--net', 'ip', 'link', 'set', 'lo', 'up']).status === 0;
  if (!canUnshare) return { executablePath, close() {} };
  const { hostname, port } = new URL(url);
  const folder = mkdtempSync(join(tmpdir(), 'browser-'));
  const socketPath = join(folder, 'out');
  const server = createServer((inner) => {
    const outer = connect(Number(port), hostname);
    inner.pipe(outer).pipe(inner);
    inner.on('error', () => outer.destroy());
    outer.on('error', () => inner.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socketPath, resolve);
  });
  const start = join(folder, 'start');
  const words = [process.execPath, RUNNER, port, socketPath, executablePath];
  const command = words.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ');
  writeFileSync(start, `#!/bin/sh\nexec unshare --net ${command} "$@"\n`);
  chmodSync(start, 0o755);
  return {
    executablePath: start,
    close() {
      server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
