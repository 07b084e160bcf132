import { CliError } from './exit.ts';
import type { Io } from './io.ts';
import { type StoredContext, settingsRead } from './settings.ts';

/** The address of an installation on one's own machine. */
const LOCAL_URL = 'http://localhost:8080';

export interface ConnectionFlags {
  context?: string;
  url?: string;
  token?: string;
  org?: string;
}

/** Where a command acts, and as whom. */
export interface Connection {
  url: string;
  token: string;
  org: string | undefined;
  /** Where the token comes from: the name of a context, or null for a flag or a variable. */
  context: string | null;
}

/**
 * Where a command acts: a flag before a variable before the file. A token from a flag or a variable is never sent to the
 * address of a context, unless that context was named too.
 * @throws CliError if nobody is signed in.
 */
export async function connectionResolve(io: Io, flags: ConnectionFlags): Promise<Connection> {
  const named = flags.context ?? variable(io, 'DOLLARBOX_CONTEXT');
  const token = flags.token ?? variable(io, 'DOLLARBOX_TOKEN');
  const url = urlGiven(io, flags);
  const org = flags.org ?? variable(io, 'DOLLARBOX_ORG');
  const { name, stored } = await contextFind(io, named, token === undefined);
  if (token !== undefined) {
    return { url: url ?? stored?.url ?? LOCAL_URL, token, org, context: null };
  }
  if (stored === null || name === null) throw notSignedIn();
  if (url !== undefined && url !== stored.url) {
    throw new CliError(
      'authentication',
      `The context ${name} is signed in to ${stored.url}, not to ${url}.`,
      `Sign in there with \`dollarbox login --url ${url}\`, or pass a token with --token.`,
    );
  }
  return { url: stored.url, token: stored.token, org: org ?? stored.org, context: name };
}

/**
 * Where to sign in, and the name of the context for it: by default where the named context is signed in, or the one in
 * use.
 */
export async function loginTarget(
  io: Io,
  flags: Pick<ConnectionFlags, 'context' | 'url'>,
): Promise<{ url: string; name: string }> {
  const named = flags.context ?? variable(io, 'DOLLARBOX_CONTEXT');
  const { current, contexts } = await settingsRead(io);
  const known = contexts[named ?? current ?? ''];
  const url = urlGiven(io, flags) ?? known?.url ?? LOCAL_URL;
  const isAgain = named === undefined && current !== null && known?.url === url;
  return { url, name: isAgain ? current : (named ?? new URL(url).host) };
}

/** The address from the flag or the variable. @throws CliError if it is none. */
function urlGiven(io: Pick<Io, 'env'>, { url }: ConnectionFlags): string | undefined {
  const text = url ?? variable(io, 'DOLLARBOX_URL');
  return text === undefined ? undefined : urlParse(text);
}

function urlParse(text: string): string {
  const whole = text.includes('://') ? text : `https://${text}`;
  const url = URL.canParse(whole) ? new URL(whole) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new CliError('usage', `${text} is no address, such as https://box.example.com.`);
  }
  return url.origin;
}

async function contextFind(
  io: Io,
  named: string | undefined,
  isWanted: boolean,
): Promise<{ name: string | null; stored: StoredContext | null }> {
  if (named === undefined && !isWanted) return { name: null, stored: null };
  const { current, contexts } = await settingsRead(io);
  const name = named ?? current;
  const stored = name === null ? null : (contexts[name] ?? null);
  if (named !== undefined && stored === null) {
    throw new CliError(
      'usage',
      `There is no context ${named}.`,
      'See `dollarbox context list` for those that there are.',
    );
  }
  return { name, stored };
}

function notSignedIn(): CliError {
  return new CliError(
    'authentication',
    'You are not signed in.',
    'Sign in with `dollarbox login`, or pass a token with --token or DOLLARBOX_TOKEN.',
  );
}

/** A variable of the environment; an empty one counts as missing. */
function variable({ env }: Pick<Io, 'env'>, name: string): string | undefined {
  return env[name] === '' ? undefined : env[name];
}
