import { unwrap } from '@dollarbox/client';
import { buildCommand } from '@stricli/core';
import { COMMON, COMMON_ALIASES, type CommonFlags, numberFlag, switchFlag } from '../base/flags.ts';
import type { CliContext } from '../base/io.ts';
import { sessionOpen } from '../base/session.ts';
import { CONTAINER_COLUMNS } from './container-columns.ts';
import { SPEC_ALIASES, SPEC_FLAGS, type SpecFlags, envOf, specOf } from './container-input.ts';
import { type WaitFlags, containerAnnounce, containerSettle } from './container-settle.ts';

export const containerCreate = buildCommand({
  docs: {
    brief: 'Create a container',
    fullDescription:
      'Creates a container of an image, and prints it. With --wait, it waits until the container runs, and says where it answers; if the container fails, it says why, and exits with 8.',
    customUsage: [
      { input: 'web nginx:1.27 --wait', brief: 'Create web, and wait until it runs' },
      { input: 'db postgres:18 --volume data:/var/lib/postgresql', brief: 'With a volume' },
      { input: 'job alpine:3 -- sleep infinity', brief: 'With a command of its own' },
    ],
  },
  parameters: {
    flags: {
      ...COMMON,
      ...SPEC_FLAGS,
      wait: switchFlag('Wait until it runs'),
      timeout: numberFlag('How long to wait at most; 300 if not given', 'seconds'),
    },
    aliases: { ...COMMON_ALIASES, ...SPEC_ALIASES, w: 'wait' },
    positional: {
      kind: 'array',
      minimum: 2,
      parameter: {
        parse: String,
        placeholder: 'name image command',
        brief: 'Its name, its image, and what to run instead of what the image says',
      },
    },
  },
  async func(
    this: CliContext,
    flags: CommonFlags & SpecFlags & WaitFlags,
    ...[name = '', image = '', ...command]: string[]
  ) {
    const session = await sessionOpen(this, flags);
    const body = {
      ...{ name, image, env: await envOf(this.io, flags) },
      ...(command.length === 0 ? {} : { command }),
      ...(await specOf(session, flags)),
    };
    const created = await unwrap(session.client.POST('/containers/', { body }));
    session.say(`Created ${created.name} in ${created.org}.`);
    if (flags.wait !== true) {
      session.print.one(created, CONTAINER_COLUMNS);
      return;
    }
    const settled = await containerSettle(session, created, flags);
    containerAnnounce(session, settled);
    session.print.one(settled, CONTAINER_COLUMNS);
  },
});
