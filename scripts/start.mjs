/**
 * `npm start`, and with `--watch` `npm run dev`: installs what is missing, then builds what is stale and runs the
 * server.
 */
import { join } from 'node:path';
import { projectFolder, runInstalled } from './bootstrap.mjs';

const program = join(projectFolder, 'scripts', 'serve.ts');
const isWatch = process.argv.includes('--watch');
const rest = process.argv.slice(2).filter((argument) => argument !== '--watch');
await runInstalled([...(isWatch ? ['--watch'] : []), program, ...rest]);
