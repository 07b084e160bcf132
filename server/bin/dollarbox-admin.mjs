#!/usr/bin/env node
/** `npx dollarbox-admin`: any Node may run this; the commands run on the project's own. */
import { join } from 'node:path';
import { projectFolder, runInstalled } from '../../scripts/bootstrap.mjs';

const program = join(projectFolder, 'server', 'src', 'admin.ts');
await runInstalled([program, ...process.argv.slice(2)]);
