/** `npm run check:folders`: lists the imports that `folders.ts` forbids, and exits with 1 if there are any. */
import { dirname } from 'node:path';
import { forbiddenImports } from './folder-imports.ts';

for (const sentence of forbiddenImports(dirname(import.meta.dirname))) {
  process.stderr.write(`${sentence}\n`);
  process.exitCode = 1;
}
