import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Paths from `folder` of every test file of the workspaces and of scripts/, those with one of `patterns` in their path. */
export function testFiles(folder: string, patterns: readonly string[]): string[] {
  const { workspaces } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    workspaces: string[];
  };
  const globs = [...workspaces, 'scripts'].map((name) => `${name}/**/*.test.ts`);
  const files = globSync(globs, { cwd: folder, exclude: ['**/node_modules/**'] }).toSorted();
  const wanted = patterns.map((pattern) => pattern.replace(/^\.\//, ''));
  if (wanted.length === 0) return files;
  return files.filter((file) => wanted.some((pattern) => file.includes(pattern)));
}
