/**
 * `npm run gen`: writes the generated files. With `--check` it writes nothing, names those that are stale, and exits
 * with 1 if there are any.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type GeneratedFile, generatedFiles, projectFolder } from './gen-files.ts';

const isCheck = process.argv.includes('--check');
const stale = (await generatedFiles()).filter(({ path, text }) => textNow(path) !== text);
for (const file of stale) {
  if (isCheck) process.stderr.write(`${file.path} is stale: run npm run gen\n`);
  else write(file);
}
if (isCheck && stale.length > 0) process.exitCode = 1;

function write({ path, text }: GeneratedFile): void {
  writeFileSync(join(projectFolder, path), text);
  process.stderr.write(`Wrote ${path}\n`);
}

function textNow(path: string): string | null {
  try {
    return readFileSync(join(projectFolder, path), 'utf8');
  } catch {
    return null;
  }
}
