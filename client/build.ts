/** `npm run build -w client`: the package as it is published, as JavaScript with types. */
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import ts from 'typescript';
import manifest from './package.json' with { type: 'json' };

/** The oldest Node that has what the package uses. Browsers have had it since 2023. */
const NODE = '>=20.12';
const root = import.meta.dirname;

const IMPORT = /(?<= from ')(\.\/[\w-]+)\.ts'/g;

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts', 'lib.dom.asynciterable.d.ts'],
  types: ['node'],
  rewriteRelativeImportExtensions: true,
  verbatimModuleSyntax: true,
  declaration: true,
  strict: true,
  skipLibCheck: true,
  rootDir: join(root, 'src'),
};

/**
 * Builds the package.
 * @param folder where it is written; emptied before.
 * @throws Error with what the compiler complains of.
 */
export async function clientBuild(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const entries = ['client.ts', 'schema.ts'].map((file) => join(root, 'src', file));
  const program = ts.createProgram(entries, { ...OPTIONS, outDir: join(folder, 'lib') });
  const emitted = program.emit(undefined, (path, text) => {
    // The compiler rewrites what JavaScript imports, and not what declarations do.
    const isDeclaration = path.endsWith('.d.ts');
    ts.sys.writeFile(path, isDeclaration ? text.replaceAll(IMPORT, "$1.js'") : text);
  });
  const faults = [...ts.getPreEmitDiagnostics(program), ...emitted.diagnostics];
  if (faults.length > 0) {
    const host = { getCanonicalFileName: String, getCurrentDirectory: () => root };
    throw new Error(ts.formatDiagnostics(faults, { ...host, getNewLine: () => '\n' }));
  }
  for (const file of ['README.md', '../LICENSE']) {
    await copyFile(join(root, file), join(folder, file.replace('../', '')));
  }
  const { name, version, license, dependencies } = manifest;
  const published = {
    ...{ name, version, license, type: 'module' },
    description: 'Client for DollarBox: containers, each with an IPv6 address of its own',
    exports: {
      '.': { types: './lib/client.d.ts', default: './lib/client.js' },
      './schema': { types: './lib/schema.d.ts' },
    },
    sideEffects: false,
    engines: { node: NODE },
    dependencies,
  };
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(published, null, 2)}\n`);
}

if (import.meta.main) {
  const folder = join(root, 'dist');
  await clientBuild(folder);
  process.stderr.write(`Built ${folder}: npm pack ${folder}\n`);
}
