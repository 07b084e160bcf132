import { readFile } from 'node:fs/promises';
import { parseEnv } from 'node:util';
import type { Container } from '@dollarbox/client';
import { CliError } from '../base/exit.ts';
import { volumeFind } from '../base/find.ts';
import { choiceFlag, numberFlag, textFlag, textsFlag, wholeNumberParse } from '../base/flags.ts';
import type { Io } from '../base/io.ts';
import type { Session } from '../base/session.ts';

type Mount = Container['volumes'][number];

/** The flags for what a container runs. */
export interface SpecFlags {
  env?: readonly string[];
  envFile?: string;
  port?: readonly number[];
  volume?: readonly string[];
  pullPolicy?: 'if_not_present' | 'always';
  stopGrace?: number;
  init?: boolean;
}

export const SPEC_FLAGS = {
  env: textsFlag('A variable; without a value, it has the one that it has here', 'KEY=VALUE'),
  envFile: textFlag('A file with variables, a KEY=VALUE each line', 'file'),
  port: {
    ...textsFlag('A TCP port that it listens on, for the record', 'number'),
    parse: wholeNumberParse,
  },
  volume: textsFlag('A volume, by name or id, and where to mount it', 'VOLUME:/PATH'),
  pullPolicy: choiceFlag('Whether to pull an image that is there', ['if_not_present', 'always']),
  stopGrace: numberFlag('From the stop signal to the kill', 'seconds'),
  init: {
    kind: 'boolean',
    optional: true,
    brief: 'Run a process that reaps others as PID 1',
  },
} as const;

export const SPEC_ALIASES = { e: 'env', p: 'port', v: 'volume' } as const;

/** The fields of a container that flags give, without `env`. */
export async function specOf(session: Session, flags: SpecFlags) {
  const { port, volume, pullPolicy, stopGrace, init } = flags;
  return {
    ...(port === undefined ? {} : { ports: [...port] }),
    ...(volume === undefined ? {} : { volumes: await mountsOf(session, volume) }),
    ...(pullPolicy === undefined ? {} : { pull_policy: pullPolicy }),
    ...(stopGrace === undefined ? {} : { stop_grace_seconds: stopGrace }),
    ...(init === undefined ? {} : { init }),
  };
}

/** The variables that flags give; those of `--env` are stronger than those of the file. */
export async function envOf(
  io: Io,
  { env = [], envFile }: SpecFlags,
): Promise<Record<string, string>> {
  const fromFile = envFile === undefined ? {} : parseEnv(await readFile(envFile, 'utf8'));
  const given = env.map((text): [string, string] => {
    const equals = text.indexOf('=');
    if (equals > 0) return [text.slice(0, equals), text.slice(equals + 1)];
    const value = equals === 0 ? undefined : io.env[text];
    if (value !== undefined) return [text, value];
    const message = equals === 0 ? `${text} has no name.` : `${text} is not set here.`;
    throw new CliError('usage', message, `Pass --env KEY=VALUE.`);
  });
  return { ...(fromFile as Record<string, string>), ...Object.fromEntries(given) };
}

async function mountsOf(session: Session, texts: readonly string[]): Promise<Mount[]> {
  const mounts: Mount[] = [];
  for (const text of texts) {
    const [, reference, path] = /^([^:]+):(\/.*)$/s.exec(text) ?? [];
    if (reference === undefined || path === undefined) {
      throw new CliError(
        'usage',
        `${text} is no volume with a path.`,
        'Write it as data:/var/lib/data.',
      );
    }
    const { id } = await volumeFind(session, reference);
    mounts.push({ volume: id, mount_path: path });
  }
  return mounts;
}
