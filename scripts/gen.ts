/**
 * `npm run gen`: writes the generated files. With `--check` it writes nothing, lists the stale files, and exits with 1
 * if there are any.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generatedFiles, generatedStale, projectFolder } from './gen-files.ts';

const isCheck = process.argv.includes('--check');
for (const { path, text } of generatedStale(await generatedFiles(), projectFolder)) {
  if (isCheck) {
    process.stderr.write(`${path} is stale: run npm run gen\n`);
    process.exitCode = 1;
  } else {
    writeFileSync(join(projectFolder, path), text);
    process.stderr.write(`Wrote ${path}\n`);
  }
}
