import { listAll, pagesAll, unwrap } from '@dollarbox/client';
import type { components } from '@dollarbox/client/schema';
import { buildCommand, buildRouteMap } from '@stricli/core';
import { CliError } from '../base/exit.ts';
import { allOf } from '../base/find.ts';
import {
  COMMON,
  COMMON_ALIASES,
  type CommonFlags,
  argument,
  choiceFlag,
  textFlag,
} from '../base/flags.ts';
import type { CliContext } from '../base/io.ts';
import { type Session, sessionOpen } from '../base/session.ts';
import type { Column } from '../base/table.ts';
import { orgsPropose } from './complete-names.ts';

interface Org {
  slug: string;
  name: string;
  status: 'active' | 'suspended';
  role: string;
}

const COLUMNS: readonly Column<Org>[] = [
  { title: 'SLUG', text: ({ slug }) => slug },
  { title: 'NAME', text: ({ name }) => name },
  { title: 'ROLE', text: ({ role }) => role },
  {
    title: 'STATUS',
    text: ({ status }) => status,
    color: ({ status }) => (status === 'suspended' ? 'red' : null),
  },
];

const SLUG = argument('slug', 'Its slug', orgsPropose);
/** The org may be left out where it is clear which one is meant. */
const SLUG_OPTIONAL = {
  kind: 'tuple',
  parameters: [
    {
      parse: String,
      placeholder: 'slug',
      optional: true,
      proposeCompletions: orgsPropose,
      brief: 'Its slug; if not given, the org of the context, or your only one',
    },
  ],
} as const;

const orgList = buildCommand({
  docs: { brief: 'List your orgs' },
  parameters: { flags: COMMON, aliases: COMMON_ALIASES },
  async func(this: CliContext, flags: CommonFlags) {
    const { client, print } = await sessionOpen(this, flags);
    print.list(COLUMNS, await allOf(listAll(client, '/orgs/')));
  },
});

const orgShow = buildCommand({
  docs: { brief: 'Show all attributes of an org' },
  parameters: { flags: COMMON, aliases: COMMON_ALIASES, positional: SLUG_OPTIONAL },
  async func(this: CliContext, flags: CommonFlags, given?: string) {
    const session = await sessionOpen(this, flags);
    const slug = await orgFind(session, given);
    session.print.one(
      await unwrap(session.client.GET('/orgs/{slug}/', { params: { path: { slug } } })),
    );
  },
});

const orgCreate = buildCommand({
  docs: { brief: 'Create an org, with you as its owner' },
  parameters: {
    flags: { ...COMMON, name: textFlag('What people call it; its slug if not given', 'name') },
    aliases: COMMON_ALIASES,
    positional: argument('slug', 'Its key, for good'),
  },
  async func(this: CliContext, flags: CommonFlags & { name?: string }, slug: string) {
    const { client, print, say } = await sessionOpen(this, flags);
    const body = { slug, name: flags.name ?? slug };
    const created = await unwrap(client.POST('/orgs/', { body }));
    say(`Created ${slug}.`);
    print.one(created, COLUMNS);
  },
});

interface UpdateFlags {
  name?: string;
  billingEmail?: string;
  kubectl?: 'on' | 'off';
  api?: 'on' | 'off';
}

const orgUpdate = buildCommand({
  docs: { brief: 'Change an org' },
  parameters: {
    flags: {
      ...COMMON,
      name: textFlag('What people call it', 'name'),
      billingEmail: textFlag('Where bills go', 'address'),
      kubectl: choiceFlag('Whether kubectl credentials can be made', ['on', 'off']),
      api: choiceFlag('Whether tokens may use the API; only the panel turns it on again', [
        'on',
        'off',
      ]),
    },
    aliases: COMMON_ALIASES,
    positional: SLUG,
  },
  async func(this: CliContext, flags: CommonFlags & UpdateFlags, slug: string) {
    const { client, print } = await sessionOpen(this, flags);
    const { name, billingEmail, kubectl, api } = flags;
    const body = {
      ...(name === undefined ? {} : { name }),
      ...(billingEmail === undefined ? {} : { billing_email: billingEmail }),
      ...(kubectl === undefined ? {} : { kubectl_enabled: kubectl === 'on' }),
      ...(api === undefined ? {} : { api_enabled: api === 'on' }),
    };
    if (Object.keys(body).length === 0) throw new CliError('usage', 'Nothing to change was given.');
    const params = { path: { slug } };
    print.one(await unwrap(client.PATCH('/orgs/{slug}/', { params, body })), COLUMNS);
  },
});

interface UsageRow {
  resource: string;
  current: number;
  limit: number;
}

const USAGE_COLUMNS: readonly Column<UsageRow>[] = [
  { title: 'RESOURCE', text: ({ resource }) => resource },
  { title: 'IN USE', text: ({ current }) => String(current) },
  { title: 'LIMIT', text: ({ limit }) => String(limit) },
];

const orgUsage = buildCommand({
  docs: { brief: 'Show what an org uses of its plan' },
  parameters: { flags: COMMON, aliases: COMMON_ALIASES, positional: SLUG_OPTIONAL },
  async func(this: CliContext, flags: CommonFlags, given?: string) {
    const session = await sessionOpen(this, flags);
    const slug = await orgFind(session, given);
    const params = { path: { slug } };
    const usage = await unwrap(session.client.GET('/orgs/{slug}/usage/', { params }));
    if (session.print.format !== 'table') {
      session.print.one(usage);
      return;
    }
    const rows = Object.entries(usage).map(([resource, { current, limit }]): UsageRow => {
      return { resource, current, limit };
    });
    session.print.list(USAGE_COLUMNS, rows);
  },
});

type Workload = components['schemas']['Workload'];

const WORKLOAD_COLUMNS: readonly Column<Workload>[] = [
  { title: 'KIND', text: ({ kind }) => kind },
  { title: 'NAME', text: ({ name }) => name },
  { title: 'OWNER', text: ({ owner }) => (owner === null ? '' : `${owner.kind}/${owner.name}`) },
  { title: 'CONTAINERS', text: ({ uses }) => String(uses.containers) },
  { title: 'MEMORY (MIB)', text: ({ uses }) => String(Math.ceil(uses.memory_bytes / 2 ** 20)) },
  { title: 'VOLUMES (GB)', text: ({ uses }) => String(uses.volume_gb) },
  { title: 'ADDRESSES', text: ({ uses }) => String(uses.addresses) },
];

const orgWorkloads = buildCommand({
  docs: { brief: 'Show what runs in an org by kubectl, and what it uses' },
  parameters: { flags: COMMON, aliases: COMMON_ALIASES, positional: SLUG_OPTIONAL },
  async func(this: CliContext, flags: CommonFlags, given?: string) {
    const session = await sessionOpen(this, flags);
    const slug = await orgFind(session, given);
    const pages = pagesAll('workloads', (query) =>
      unwrap(session.client.GET('/orgs/{slug}/workloads/', { params: { path: { slug }, query } })),
    );
    session.print.list(WORKLOAD_COLUMNS, await Array.fromAsync(pages));
  },
});

/** The org that is meant: the one that was given, that of the context, or the caller's only one. */
async function orgFind(session: Session, given: string | undefined): Promise<string> {
  const named = given ?? session.connection.org;
  if (named !== undefined) return named;
  const [first, ...more] = await allOf(listAll(session.client, '/orgs/'));
  if (first !== undefined && more.length === 0) return first.slug;
  const slugs = [first, ...more].flatMap((org) => org?.slug ?? []).join(', ');
  throw new CliError('usage', `Name one of your orgs: ${slugs || 'you are in none'}.`);
}

export const orgRoutes = buildRouteMap({
  docs: { brief: 'Orgs: list, create, change, usage, workloads' },
  defaultCommand: 'list',
  routes: {
    ...{ list: orgList, show: orgShow, create: orgCreate, update: orgUpdate },
    ...{ usage: orgUsage, workloads: orgWorkloads },
  },
});
