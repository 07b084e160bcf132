import { buildCommand, buildRouteMap } from '@stricli/core';
import { CliError } from '../base/exit.ts';
import { COMMON, COMMON_ALIASES, type CommonFlags, argument, textFlag } from '../base/flags.ts';
import type { CliContext } from '../base/io.ts';
import { printerCreate } from '../base/session.ts';
import { type StoredContext, settingsRead, settingsWrite } from '../base/settings.ts';
import type { Column } from '../base/table.ts';

type PrintFlags = Pick<CommonFlags, 'output' | 'json'>;

const PRINT = { output: COMMON.output, json: COMMON.json };

/** A context without its secret. */
interface ContextRow {
  name: string;
  current: boolean;
  url: string;
  org: string | null;
}

const COLUMNS: readonly Column<ContextRow>[] = [
  { title: '', text: ({ current }) => (current ? '*' : '') },
  { title: 'NAME', text: ({ name }) => name },
  { title: 'URL', text: ({ url }) => url },
  { title: 'ORG', text: ({ org }) => org ?? '-' },
];

async function contextsPropose(this: CliContext, partial: string): Promise<readonly string[]> {
  const { contexts } = await settingsRead(this.io);
  return Object.keys(contexts).filter((name) => name.startsWith(partial));
}

const NAME = argument('name', 'The name of the context', contextsPropose);

const contextList = buildCommand({
  docs: { brief: 'List where you are signed in' },
  parameters: { flags: PRINT, aliases: COMMON_ALIASES },
  async func(this: CliContext, flags: PrintFlags) {
    const { current, contexts } = await settingsRead(this.io);
    const rows = Object.entries(contexts).map(([name, { url, org = null }]) => {
      return { name, current: name === current, url, org };
    });
    printerCreate(this.io, flags).list(COLUMNS, rows);
  },
});

const contextUse = buildCommand({
  docs: { brief: 'Use a context from now on' },
  parameters: {
    flags: { org: textFlag('From now on, act in this org there; "" for none', 'slug') },
    positional: NAME,
  },
  async func(this: CliContext, { org }: { org?: string }, name: string) {
    const settings = await settingsRead(this.io);
    const { org: former, ...context } = contextOf(settings.contexts, name);
    const next = org ?? former ?? '';
    const stored: StoredContext = { ...context, ...(next === '' ? {} : { org: next }) };
    const contexts = { ...settings.contexts, [name]: stored };
    await settingsWrite(this.io, { current: name, contexts });
    this.io.stderr.write(`Using ${name}: ${stored.url}${next === '' ? '' : `, org ${next}`}\n`);
  },
});

const contextDelete = buildCommand({
  docs: {
    brief: 'Forget a context; its token stays valid',
    fullDescription:
      'Forgets a context. Its token stays valid: to end it, too, use `dollarbox logout --context NAME`.',
  },
  parameters: { flags: {}, positional: NAME },
  async func(this: CliContext, _flags: object, name: string) {
    const { current, contexts } = await settingsRead(this.io);
    contextOf(contexts, name);
    delete contexts[name];
    await settingsWrite(this.io, { current: current === name ? null : current, contexts });
    this.io.stderr.write(`Forgot ${name}.\n`);
  },
});

function contextOf(contexts: Record<string, StoredContext>, name: string): StoredContext {
  const context = contexts[name];
  if (context !== undefined) return context;
  throw new CliError('usage', `There is no context ${name}.`, 'See `dollarbox context list`.');
}

export const contextRoutes = buildRouteMap({
  docs: { brief: 'Contexts: where you are signed in, and as whom' },
  defaultCommand: 'list',
  routes: { list: contextList, use: contextUse, delete: contextDelete },
});
