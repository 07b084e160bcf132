import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The files that take longest, longest first. They start first, so that no processor sits idle at the end waiting for
 * one of them. A file that is missing here only costs some idle time.
 */
export const LONG_FILES: readonly string[] = [
  'engines/src/docker/engine.test.ts',
  'engines/src/kubernetes/engine.test.ts',
  'engines/src/kubernetes/faults.test.ts',
  'e2e/src/terraform.test.ts',
  'engines/src/kubernetes/tenancy.test.ts',
  'engines/src/kubernetes/credentials.test.ts',
  'engines/src/kubernetes/transfers.test.ts',
  'e2e/src/move-engine.test.ts',
  'e2e/src/kubernetes.test.ts',
  'e2e/src/panel-pages.test.ts',
  'e2e/src/crash-turn.test.ts',
  'e2e/src/crash-stall.test.ts',
  'e2e/src/crash-volumes.test.ts',
  'server/src/reconciler/crowd.test.ts',
  'e2e/src/crash-limits.test.ts',
  'e2e/src/crash-database.test.ts',
  'e2e/src/crash-daemon.test.ts',
  'e2e/src/containers.test.ts',
  'e2e/src/crash-engine.test.ts',
  'server/src/db/embedded/embedded.test.ts',
  'e2e/src/crash-races.test.ts',
  'simulation/src/postgres.test.ts',
  'simulation/src/planted.test.ts',
  'simulation/src/simulation.test.ts',
  'engines/src/docker/volumes/loop-volumes.test.ts',
  // Well after the Kubernetes engine's file, because it would wait for the machine's only cluster.
  'testbed/src/cluster-smoke.test.ts',
];

const ON_CLUSTER: ReadonlySet<string> = new Set([
  'e2e/src/kubernetes.test.ts',
  'e2e/src/move-engine.test.ts',
  'testbed/src/cluster-smoke.test.ts',
]);

/**
 * Whether a file may need the machine's only Kubernetes. Two at once would wait for each other, and a file that waits for
 * long counts as stalled.
 */
export function isOnCluster(file: string): boolean {
  return file.startsWith('engines/src/kubernetes/') || ON_CLUSTER.has(file);
}

/** Among the other files, those in these folders take longer than most. */
const LONG_FOLDERS = ['e2e/', 'engines/src/docker/', 'simulation/', 'server/test/'];

/**
 * Paths from `folder` of every test file of the workspaces and of scripts/, or of those with one of `patterns` in their
 * path, in the order in which to run them.
 */
export function testFiles(folder: string, patterns: readonly string[]): string[] {
  const { workspaces } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    workspaces: string[];
  };
  const globs = [...workspaces, 'scripts'].map((name) => `${name}/**/*.test.ts`);
  const files = globSync(globs, { cwd: folder, exclude: ['**/node_modules/**'] });
  const wanted = patterns.map((pattern) => pattern.replace(/^\.\//, ''));
  return files
    .filter((file) => wanted.length === 0 || wanted.some((pattern) => file.includes(pattern)))
    .toSorted((a, b) => rank(a) - rank(b) || a.localeCompare(b, 'en'));
}

function rank(file: string): number {
  const index = LONG_FILES.indexOf(file);
  if (index !== -1) return index;
  const folder = LONG_FOLDERS.findIndex((prefix) => file.startsWith(prefix));
  return LONG_FILES.length + (folder === -1 ? LONG_FOLDERS.length : folder);
}
