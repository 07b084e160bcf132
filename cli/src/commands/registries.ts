import { listAll, unwrap } from '@dollarbox/client';
import { buildCommand, buildRouteMap } from '@stricli/core';
import { destructionConfirm, secretAsk } from '../base/ask.ts';
import { allOf, inOrg, listedFind } from '../base/find.ts';
import {
  COMMON,
  COMMON_ALIASES,
  type CommonFlags,
  argument,
  switchFlag,
  textFlag,
} from '../base/flags.ts';
import { type CliContext, stdinRead } from '../base/io.ts';
import { ageText } from '../base/moments.ts';
import { sessionOpen } from '../base/session.ts';
import type { Column } from '../base/table.ts';

interface Registry {
  id: number;
  org: string;
  host: string;
  path_prefix: string;
  username: string;
  created_at: string;
}

const COLUMNS: readonly Column<Registry>[] = [
  { title: 'ID', text: ({ id }) => String(id) },
  { title: 'ORG', text: ({ org }) => org },
  { title: 'REGISTRY', text: nameOf },
  { title: 'USERNAME', text: ({ username }) => username },
  { title: 'AGE', text: (registry) => ageText(registry.created_at) },
];

/** What a credential is for: `ghcr.io` or `ghcr.io/acme`. */
function nameOf({ host, path_prefix: prefix }: Registry): string {
  return prefix === '' ? host : `${host}/${prefix}`;
}

const registryList = buildCommand({
  docs: { brief: 'List the registries that you have credentials for' },
  parameters: { flags: COMMON, aliases: COMMON_ALIASES },
  async func(this: CliContext, flags: CommonFlags) {
    const { client, print } = await sessionOpen(this, flags);
    print.list(COLUMNS, await allOf(listAll(client, '/registries/')));
  },
});

const registryCreate = buildCommand({
  docs: {
    brief: 'Add credentials for a private registry',
    fullDescription:
      'Adds credentials for a private registry. The secret is asked for, or read from the standard input with --secret-stdin: as an argument it would show in the list of processes.',
    customUsage: [{ input: 'ghcr.io/acme --username ada', brief: 'For images below ghcr.io/acme' }],
  },
  parameters: {
    flags: {
      ...COMMON,
      username: { ...textFlag('Who signs in there', 'name'), optional: false },
      secretStdin: switchFlag('Read the secret from the standard input'),
    },
    aliases: { ...COMMON_ALIASES, u: 'username' },
    positional: argument('registry', 'Its host, and perhaps a path: ghcr.io/acme'),
  },
  async func(
    this: CliContext,
    flags: CommonFlags & { username: string; secretStdin?: boolean },
    registry: string,
  ) {
    const { client, print } = await sessionOpen(this, flags);
    const slash = registry.indexOf('/');
    const [host, prefix] =
      slash === -1 ? [registry, ''] : [registry.slice(0, slash), registry.slice(slash + 1)];
    const secret =
      flags.secretStdin === true
        ? (await stdinRead(this.io)).replace(/\r?\n$/, '')
        : await secretAsk(this.io, `Secret of ${flags.username} at ${host}`, '--secret-stdin');
    const { username } = flags;
    const body = { host, username, secret, ...(prefix === '' ? {} : { path_prefix: prefix }) };
    print.one(await unwrap(client.POST('/registries/', { body })), COLUMNS);
  },
});

const registryDelete = buildCommand({
  docs: { brief: 'Remove the credentials for a registry' },
  parameters: {
    flags: { ...COMMON, yes: switchFlag('Do not ask') },
    aliases: { ...COMMON_ALIASES, y: 'yes' },
    positional: argument('registry', 'Its host and path, or the id of the credentials'),
  },
  async func(this: CliContext, flags: CommonFlags & { yes?: boolean }, reference: string) {
    const { client, say } = await sessionOpen(this, flags);
    const list = listAll(client, '/registries/');
    const registry = await listedFind(list, { kind: 'registry', reference, nameOf });
    const name = nameOf(registry);
    const what = `This removes the credentials of ${registry.org} for ${name}: its private images can't be pulled any more.`;
    await destructionConfirm(this.io, flags.yes, { what });
    const params = { path: { id: registry.id }, header: inOrg(registry) };
    await unwrap(client.DELETE('/registries/{id}/', { params }));
    say(`Removed the credentials for ${name}.`);
  },
});

export const registryRoutes = buildRouteMap({
  docs: { brief: 'Private registries: list, add and remove credentials' },
  defaultCommand: 'list',
  routes: { list: registryList, create: registryCreate, delete: registryDelete },
});
