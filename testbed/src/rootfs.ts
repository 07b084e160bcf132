/** Root file systems for test images, assembled from a Debian machine's files. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { pack } from 'tar-stream';

export type RootfsEntry =
  | { kind: 'dir'; path: string; mode?: number; uid?: number; gid?: number }
  | {
      kind: 'file';
      path: string;
      content: string | Buffer;
      mode?: number;
      uid?: number;
      gid?: number;
    }
  | { kind: 'link'; path: string; target: string }
  | { kind: 'fifo'; path: string }
  | { kind: 'device'; path: string; major: number; minor: number };

/** A tar of `entries`: the same bytes for the same entries, on any day and machine. */
export async function rootfsTar(entries: readonly RootfsEntry[]): Promise<Buffer> {
  const tar = pack();
  for (const entry of entries.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    const name = entry.path.replace(/^\//, '');
    const mtime = new Date(0);
    if (entry.kind === 'link') {
      tar.entry({ name, mtime, type: 'symlink', linkname: entry.target });
    } else if (entry.kind === 'dir') {
      const { mode = 0o755, uid = 0, gid = uid } = entry;
      tar.entry({ name, mtime, type: 'directory', mode, uid, gid });
    } else if (entry.kind === 'fifo') {
      tar.entry({ name, mtime, type: 'fifo', mode: 0o666 });
    } else if (entry.kind === 'device') {
      const { major: devmajor, minor: devminor } = entry;
      tar.entry({ name, mtime, type: 'character-device', mode: 0o666, devmajor, devminor });
    } else {
      const { mode = 0o644, uid = 0, gid = uid } = entry;
      tar.entry({ name, mtime, mode, uid, gid }, entry.content);
    }
  }
  tar.finalize();
  return buffer(tar);
}

/** The file at `path` of a tree unpacked at `root`, executable. */
export async function programEntry(root: string, path: string): Promise<RootfsEntry> {
  return { kind: 'file', path, content: await readFile(join(root, path)), mode: 0o755 };
}

/**
 * The shared libraries of a program, its loader among them, each at the path where it is looked for.
 * @param root where the program and its libraries are unpacked: `/`, or a folder of `debianRoot`.
 */
export async function libraryEntries(root: string, program: string): Promise<RootfsEntry[]> {
  const { stdout: triplet } = await promisify(execFile)('dpkg-architecture', [
    '-qDEB_HOST_MULTIARCH',
  ]).catch(() => ({ stdout: `${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu` }));
  const folders = ['lib', 'usr/lib'].map((lib) => join(root, lib, triplet.trim()));
  const { stdout } = await promisify(execFile)('ldd', [join(root, program)], {
    env: { PATH: process.env['PATH'], LC_ALL: 'C', LD_LIBRARY_PATH: folders.join(':') },
  });
  const entries: RootfsEntry[] = [];
  for (const [, found = ''] of stdout.matchAll(/(\/\S+) \(0x/g)) {
    const path = root === '/' ? found : found.replace(root, '');
    // The loader is named by its absolute path in the program, so ldd shows the machine's own.
    const source = existsSync(join(root, path)) ? join(root, path) : found;
    entries.push({ kind: 'file', path, content: await readFile(source), mode: 0o755 });
  }
  return entries;
}
