import { hostname } from 'node:os';
import {
  DollarboxError,
  WaitTimeout,
  dollarboxClientCreate,
  pause,
  sendRetrying,
  unwrap,
} from '@dollarbox/client';
import { type AccountClient, accountClientCreate } from '@dollarbox/client/account';
import { buildCommand } from '@stricli/core';
import { browserOpen } from '../base/browser.ts';
import { loginTarget } from '../base/connection.ts';
import { CliError } from '../base/exit.ts';
import { CONNECTION, choiceFlag, switchFlag, textFlag } from '../base/flags.ts';
import { type CliContext, type Io, stdinRead } from '../base/io.ts';
import { loopbackOpen, proofCreate } from '../base/loopback.ts';
import { printableLine } from '../base/printable.ts';
import { type StoredContext, settingsRead, settingsWrite } from '../base/settings.ts';

/** How long a person has, as the server says too. */
const TIMEOUT_MS = 600_000;

interface LoginFlags {
  url?: string;
  context?: string;
  org?: string;
  scope?: 'read' | 'write';
  browser?: boolean;
  tokenStdin?: boolean;
}

/** What the person is asked to grant. */
interface Asked {
  client: string;
  scope: 'read' | 'write';
  org?: string;
}

export const login = buildCommand({
  docs: {
    brief: 'Sign in, and keep a token for it as a context',
    fullDescription:
      'Opens the panel in the browser, where you grant this program a token, and choose its org, scope and expiry. With --no-browser, it shows a code that you type on any other machine. The token is kept in a file that only you can read; `dollarbox logout` ends it. In scripts, use a token that you create in the panel: --token or DOLLARBOX_TOKEN.',
    customUsage: [
      { input: '--url https://box.example.com', brief: 'Sign in to an installation' },
      { input: '--no-browser', brief: 'Where there is no browser: sign in by a code' },
    ],
  },
  parameters: {
    flags: {
      url: CONNECTION.url,
      context: textFlag('Name of the context; that of the host if not given', 'name'),
      org: textFlag('Ask for a token for this org only', 'slug'),
      scope: choiceFlag('What the token may do; write if not given', ['read', 'write']),
      browser: {
        kind: 'boolean',
        optional: true,
        brief: 'Sign in with the browser of this machine; otherwise by a code',
      },
      tokenStdin: switchFlag('Take a token that exists from the standard input'),
    },
  },
  async func(this: CliContext, flags: LoginFlags) {
    const { io } = this;
    const { url, name } = await loginTarget(io, flags);
    const asked: Asked = {
      client: `dollarbox on ${hostname()}`.slice(0, 100),
      scope: flags.scope ?? 'write',
      ...(flags.org === undefined ? {} : { org: flags.org }),
    };
    const token = await tokenGet(io, url, asked, flags);
    const stored = { url, token, ...(flags.org === undefined ? {} : { org: flags.org }) };
    const { user } = await unwrap(clientOf(io, stored).GET('/whoami/'));
    const former = await contextKeep(io, name, stored);
    if (former !== undefined && former.url === url && former.token !== token) {
      await tokenEnd(io, former);
    }
    io.stderr.write(`Signed in to ${url} as ${printableLine(user.email)}.\n`);
  },
});

async function tokenGet(io: Io, url: string, asked: Asked, flags: LoginFlags): Promise<string> {
  if (flags.tokenStdin === true) return (await stdinRead(io)).trim();
  const account = accountClientCreate({
    baseUrl: url,
    fetch: sendRetrying((request) => fetch(request, { signal: io.signal })),
  });
  const timeout = new AbortController();
  const late = new WaitTimeout('Nobody has allowed it within 10 minutes.');
  const timer = setTimeout(() => timeout.abort(late), TIMEOUT_MS);
  const signal = AbortSignal.any([io.signal, timeout.signal]);
  try {
    return await (flags.browser === false
      ? tokenByCode({ io, account, signal }, asked)
      : tokenByBrowser({ io, account, signal }, url, asked));
  } finally {
    clearTimeout(timer);
  }
}

interface Login {
  io: Io;
  account: AccountClient;
  signal: AbortSignal;
}

async function tokenByBrowser({ io, account, signal }: Login, url: string, asked: Asked) {
  const { verifier, challenge, state } = proofCreate();
  const loopback = await loopbackOpen(state);
  try {
    const page = new URL('/client-login', url);
    page.search = new URLSearchParams({
      ...{ client: asked.client, redirect_uri: loopback.redirectUri, state },
      ...{ code_challenge: challenge, code_challenge_method: 'S256', scope: asked.scope },
      ...(asked.org === undefined ? {} : { org: asked.org }),
    }).toString();
    io.stderr.write(`Allow it in your browser: ${page.href}\n`);
    if (!(await browserOpen(io, page.href))) {
      io.stderr.write(
        'No browser could be opened. Open that address on this machine, or use --no-browser.\n',
      );
    }
    const code = await loopback.code(signal);
    const body = { code, code_verifier: verifier };
    const { token } = await unwrap(account.POST('/client-logins/token/', { body }));
    return tokenRequire(token);
  } finally {
    loopback.close();
  }
}

async function tokenByCode({ io, account, signal }: Login, asked: Asked): Promise<string> {
  const begun = await unwrap(account.POST('/client-logins/', { body: asked }));
  const { device_code: deviceCode, interval } = begun;
  const page = printableLine(begun.verification_uri);
  io.stderr.write(`Open ${page} in a browser, and enter this code there:\n\n`);
  io.stderr.write(`  ${printableLine(begun.user_code)}\n\n`);
  for (;;) {
    await pause(interval * 1000, signal);
    const body = { device_code: deviceCode };
    const { status, token } = await unwrap(account.POST('/client-logins/token/', { body })).catch(
      overTranslate,
    );
    if (status === 'refused') throw new CliError('authentication', 'It was refused in the panel.');
    if (status === 'granted') return tokenRequire(token);
  }
}

function tokenRequire(token: { token: string } | null): string {
  if (token !== null) return token.token;
  throw new CliError('error', 'The server has granted no token.');
}

function overTranslate(error: unknown): never {
  if (!(error instanceof DollarboxError) || error.status !== 404) throw error;
  throw new CliError('authentication', 'The code is no longer valid.', 'Sign in again.');
}

/** Keeps a context, and uses it from now on. @returns what had this name before. */
async function contextKeep(io: Io, name: string, stored: StoredContext) {
  const { contexts } = await settingsRead(io);
  await settingsWrite(io, { current: name, contexts: { ...contexts, [name]: stored } });
  return contexts[name];
}

/** Ends a token that was replaced. It may have ended before, which is as well. */
async function tokenEnd(io: Io, former: StoredContext): Promise<void> {
  await clientOf(io, former)
    .DELETE('/whoami/')
    .catch(() => undefined);
}

function clientOf({ signal }: Io, { url, token }: StoredContext) {
  return dollarboxClientCreate({
    ...{ baseUrl: url, token },
    fetch: (request) => fetch(request, { signal }),
  });
}
