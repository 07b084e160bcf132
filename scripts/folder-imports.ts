import { globSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { parseSync } from 'oxc-parser';
import { LEVELS, TEST_FOLDERS, TEST_WORKSPACES, WORKSPACES } from './folders.ts';

/** A file that imports another; both paths are relative to the project. */
interface Import {
  from: string;
  /** A workspace that is imported by its package name is known by its name alone: `engines/`. */
  to: string;
}

/** @returns a sentence for each import of the project that the tables forbid. */
export function forbiddenImports(projectFolder: string): string[] {
  const roots = new Set(Object.keys(WORKSPACES).map(workspaceOf));
  const files = globSync(`{${[...roots].join(',')}}/**/*.{ts,tsx,mjs}`, {
    cwd: projectFolder,
    exclude: (path) => /(^|\/)(node_modules|dist)$/.test(path),
  });
  return files
    .toSorted()
    .flatMap((file) => importsRead(file, readFileSync(join(projectFolder, file), 'utf8')))
    .map(importRefusal)
    .filter((refusal) => refusal !== null);
}

/** A file's imports of this project's files, type imports and `import()` of a literal among them. */
export function importsRead(file: string, text: string): Import[] {
  const { module } = parseSync(file, text);
  const specifiers = [
    ...module.staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...module.staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ moduleRequest }) => moduleRequest?.value ?? []),
    ),
    ...module.dynamicImports.map(({ moduleRequest: { start, end } }) =>
      text.slice(start + 1, end - 1),
    ),
  ];
  return [...new Set(specifiers)].flatMap((specifier) => {
    const named = /^@dollarbox\/([^/]+)/.exec(specifier)?.[1];
    if (named !== undefined) return [{ from: file, to: `${named}/` }];
    if (!specifier.startsWith('.')) return [];
    return [{ from: file, to: posix.join(posix.dirname(file), specifier) }];
  });
}

/** Why a file may not import another, as a sentence; null if it may. */
export function importRefusal({ from, to }: Import): string | null {
  const [workspace, imported] = [workspaceOf(from), workspaceOf(to)];
  const isTest = isTestFile(from);
  if (workspace !== imported) {
    const allowed = allowedWorkspaces(from);
    if (allowed.includes(imported) || (isTest && TEST_WORKSPACES.includes(imported))) return null;
    return `${from} imports ${to}: it may not import ${imported}`;
  }
  if (isTest || to.endsWith('/')) return null;
  if (isTestFile(to)) return `${from} imports ${to}, which is for tests`;
  const root = Object.keys(LEVELS).find((path) => isUnder(from, path) && isUnder(to, path));
  if (root === undefined) return null;
  const [above, below] = [folderOf(root, from), folderOf(root, to)];
  if (above === null) return `${from} is in no folder of scripts/folders.ts`;
  if (below === null) return `${to} is in no folder of scripts/folders.ts`;
  if (above.name === below.name || above.level < below.level) return null;
  return `${from} imports ${to}: ${above.name} may not import ${below.name}`;
}

function allowedWorkspaces(file: string): readonly string[] {
  const path = longest(Object.keys(WORKSPACES).filter((prefix) => isUnder(file, prefix)));
  return WORKSPACES[path ?? ''] ?? [];
}

/** The folder of the table that a file is in, and its level, counted from the top. */
function folderOf(root: string, file: string): { name: string; level: number } | null {
  const levels = LEVELS[root] ?? [];
  const name = file.slice(root.length + 1).includes('/')
    ? longest(levels.flat().filter((folder) => isUnder(file, `${root}/${folder}`)))
    : '.';
  if (name === undefined) return null;
  const level = levels.findIndex((folders) => folders.includes(name));
  return level < 0 ? null : { name, level };
}

function isTestFile(file: string): boolean {
  return file.endsWith('.test.ts') || TEST_FOLDERS.some((folder) => isUnder(file, folder));
}

function workspaceOf(path: string): string {
  return path.split('/')[0] ?? '';
}

function isUnder(file: string, folder: string): boolean {
  return file.startsWith(`${folder}/`);
}

function longest(paths: readonly string[]): string | undefined {
  return paths.toSorted((a, b) => b.length - a.length)[0];
}
