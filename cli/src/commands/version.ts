import { buildCommand } from '@stricli/core';
import { COMMON, COMMON_ALIASES, type CommonFlags } from '../base/flags.ts';
import type { CliContext } from '../base/io.ts';
import { printerCreate } from '../base/session.ts';
import manifest from '../../package.json' with { type: 'json' };

export const VERSION = manifest.version;

export const version = buildCommand({
  docs: { brief: 'Show the version of this program' },
  parameters: {
    flags: { output: COMMON.output, json: COMMON.json },
    aliases: COMMON_ALIASES,
  },
  func(this: CliContext, flags: Pick<CommonFlags, 'output' | 'json'>) {
    const printer = printerCreate(this.io, flags);
    if (printer.format === 'table') this.io.stdout.write(`dollarbox ${VERSION}\n`);
    else printer.one({ version: VERSION, node: process.versions.node });
  },
});
