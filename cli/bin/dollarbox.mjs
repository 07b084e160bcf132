#!/usr/bin/env node
/** `npx dollarbox`: any Node may run this; the command runs from its source, on the project's own Node. */
import { join } from 'node:path';
import { projectFolder, runInstalled } from '../../scripts/bootstrap.mjs';

const program = join(projectFolder, 'cli', 'src', 'main.ts');
await runInstalled([program, ...process.argv.slice(2)]);
