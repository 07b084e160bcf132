import { type Container, DollarboxError } from '@dollarbox/client';
import { buildCommand } from '@stricli/core';
import { CliError } from '../base/exit.ts';
import { containerFind, inOrg } from '../base/find.ts';
import {
  COMMON,
  COMMON_ALIASES,
  type CommonFlags,
  numberFlag,
  switchFlag,
  textFlag,
  textsFlag,
} from '../base/flags.ts';
import type { CliContext } from '../base/io.ts';
import { type Session, sessionOpen } from '../base/session.ts';
import { containersPropose } from './complete-names.ts';
import { CONTAINER_COLUMNS } from './container-columns.ts';
import { SPEC_ALIASES, SPEC_FLAGS, type SpecFlags, envOf, specOf } from './container-input.ts';
import { type WaitFlags, containerAnnounce, containerSettle } from './container-settle.ts';

const CLEARABLE = ['env', 'command', 'ports', 'volumes'] as const;

interface UpdateFlags extends SpecFlags {
  image?: string;
  unset?: readonly string[];
  clear?: readonly (typeof CLEARABLE)[number][];
}

/** How often a change is made again on top of somebody else's. */
const TRIES = 5;

export const containerUpdate = buildCommand({
  docs: {
    brief: 'Change a container; its name is fixed',
    fullDescription:
      'Changes what is given, and leaves the rest as it is: --env adds to the variables that are there, and --unset removes one; --port and --volume replace the whole list. The former version goes on running until the new image is there.',
    customUsage: [
      { input: 'web --image nginx:1.28 --wait', brief: 'Roll out another image' },
      { input: 'web --env LEVEL=debug --unset OLD', brief: 'Change variables' },
      { input: 'job -- sleep 60', brief: 'Replace its command' },
    ],
  },
  parameters: {
    flags: {
      ...COMMON,
      ...SPEC_FLAGS,
      image: textFlag('Another image', 'reference'),
      unset: textsFlag('Remove this variable', 'KEY'),
      clear: {
        kind: 'enum',
        values: CLEARABLE,
        variadic: true,
        optional: true,
        brief: 'Remove all of these first',
      },
      wait: switchFlag('Wait until the change is in effect'),
      timeout: numberFlag('How long to wait at most; 300 if not given', 'seconds'),
    },
    aliases: { ...COMMON_ALIASES, ...SPEC_ALIASES, w: 'wait' },
    positional: {
      kind: 'array',
      minimum: 1,
      parameter: {
        parse: String,
        placeholder: 'name command',
        brief: 'Its name or id, and what to run instead of what it runs now',
        proposeCompletions: containersPropose,
      },
    },
  },
  async func(
    this: CliContext,
    flags: CommonFlags & UpdateFlags & WaitFlags,
    ...[reference = '', ...command]: string[]
  ) {
    const session = await sessionOpen(this, flags);
    const { id } = await containerFind(session, reference);
    const updated = await update(session, id, { ...flags, command });
    if (flags.wait !== true) {
      session.print.one(updated, CONTAINER_COLUMNS);
      return;
    }
    const settled = await containerSettle(session, updated, flags);
    containerAnnounce(session, settled);
    session.print.one(settled, CONTAINER_COLUMNS);
  },
});

/**
 * Reads a container, and changes what was read. If somebody else has changed it meanwhile, it starts again, so that
 * neither change is lost.
 */
async function update(
  session: Session,
  id: number,
  flags: UpdateFlags & { command: readonly string[] },
): Promise<Container> {
  const { client, io } = session;
  const spec = await specOf(session, flags);
  const env = await envOf(io, flags);
  for (let tries = 1; ; tries += 1) {
    const read = await client.GET('/containers/{id}/', { params: { path: { id } } });
    if (read.data === undefined) throw new DollarboxError(read.response, read.error);
    const body = { ...changesOf(read.data, flags, env), ...spec };
    if (Object.keys(body).length === 0) {
      throw new CliError('usage', 'Nothing to change was given.', 'See `dollarbox update --help`.');
    }
    const ifMatch = read.response.headers.get('etag') ?? '*';
    const params = { path: { id }, header: { ...inOrg(read.data), 'If-Match': ifMatch } };
    const { data, error, response } = await client.PATCH('/containers/{id}/', { params, body });
    if (data !== undefined) return data;
    const isOutdated = response.status === 412 && tries < TRIES;
    if (!isOutdated) throw new DollarboxError(response, error);
  }
}

/** The fields that depend on what the container has now. */
function changesOf(
  container: Container,
  { image, unset = [], clear = [], command }: UpdateFlags & { command: readonly string[] },
  env: Record<string, string>,
) {
  const cleared = new Set<string>(clear);
  const isEnvChanged = Object.keys(env).length > 0 || unset.length > 0 || cleared.has('env');
  const kept = cleared.has('env') ? {} : container.env;
  const merged = Object.entries({ ...kept, ...env }).filter(([key]) => !unset.includes(key));
  return {
    ...(image === undefined ? {} : { image }),
    ...(isEnvChanged ? { env: Object.fromEntries(merged) } : {}),
    ...(command.length > 0 || cleared.has('command') ? { command: [...command] } : {}),
    ...(cleared.has('ports') ? { ports: [] } : {}),
    ...(cleared.has('volumes') ? { volumes: [] } : {}),
  };
}
