/** `npm test`: installs what is missing, then runs all tests, or those whose path contains an argument. */
import { join } from 'node:path';
import { projectFolder, runInstalled } from './bootstrap.mjs';

await runInstalled([join(projectFolder, 'scripts', 'test-run.ts'), ...process.argv.slice(2)]);
