import { listAll, unwrap } from '@dollarbox/client';
import { buildCommand, buildRouteMap } from '@stricli/core';
import { destructionConfirm } from '../base/ask.ts';
import { allOf, inOrg, listedFind } from '../base/find.ts';
import {
  COMMON,
  COMMON_ALIASES,
  CONNECTION,
  type CommonFlags,
  argument,
  numberFlag,
  switchFlag,
  textFlag,
} from '../base/flags.ts';
import type { ConnectionFlags } from '../base/connection.ts';
import { type CliContext, outputWrite } from '../base/io.ts';
import { kubeconfigFileMerge, kubeconfigPath } from '../base/kubeconfig.ts';
import { ageText } from '../base/moments.ts';
import { sessionOpen } from '../base/session.ts';
import type { Column } from '../base/table.ts';

interface Credential {
  id: number;
  org: string;
  name: string | null;
  email: string;
  sa_name: string;
  created_at: string;
  expires_at: string | null;
}

const COLUMNS: readonly Column<Credential>[] = [
  { title: 'ID', text: ({ id }) => String(id) },
  { title: 'ORG', text: ({ org }) => org },
  { title: 'NAME', text: nameOf },
  { title: 'MEMBER', text: ({ email }) => email },
  { title: 'EXPIRES', text: ({ expires_at: at }) => at ?? 'never' },
  { title: 'AGE', text: (credential) => ageText(credential.created_at) },
];

/** Its name, or what the cluster calls it. */
function nameOf({ name, sa_name: account }: Credential): string {
  return name ?? account;
}

const ALL = switchFlag('Also those of other members, for admins and owners');

const queryOf = ({ all }: { all?: boolean }) => (all === true ? { all } : {});

interface KubeconfigFlags extends ConnectionFlags {
  merge?: boolean;
  name?: string;
  expiresIn?: number;
}

export const kubeconfig = buildCommand({
  docs: {
    brief: 'Make a kubeconfig for the namespace of an org',
    fullDescription:
      'Creates a kubectl credential and prints its kubeconfig, which can not be read again. With --merge it is added to the file that kubectl uses, and becomes its current context.',
    customUsage: [
      { input: '> acme.kubeconfig', brief: 'Keep it in a file of its own' },
      { input: '--merge --expires-in 3600', brief: 'Use it for an hour' },
    ],
  },
  parameters: {
    flags: {
      ...CONNECTION,
      merge: switchFlag('Add it to the file that kubectl uses'),
      name: textFlag('What it is for', 'text'),
      expiresIn: numberFlag('End it after so many seconds; default: when it is revoked', 'seconds'),
    },
  },
  async func(this: CliContext, flags: KubeconfigFlags) {
    const { client, say } = await sessionOpen(this, flags);
    const { name, expiresIn } = flags;
    const body = {
      ...(name === undefined ? {} : { name }),
      ...(expiresIn === undefined ? {} : { expires_in: expiresIn }),
    };
    const made = await unwrap(client.POST('/kubectl-credentials/', { body }));
    if (flags.merge !== true) {
      await outputWrite(this.io, this.io.stdout, made.kubeconfig);
      return;
    }
    const path = kubeconfigPath(this.io);
    try {
      await kubeconfigFileMerge(path, made.kubeconfig);
    } catch (error) {
      // Nobody has it.
      const params = { path: { id: made.id }, header: inOrg(made) };
      await client.DELETE('/kubectl-credentials/{id}/', { params });
      throw error;
    }
    say(`Added the context dollarbox-${made.org} to ${path}.`);
  },
});

const credentialList = buildCommand({
  docs: { brief: 'List kubectl credentials' },
  parameters: {
    flags: { ...COMMON, all: ALL },
    aliases: COMMON_ALIASES,
  },
  async func(this: CliContext, flags: CommonFlags & { all?: boolean }) {
    const { client, print } = await sessionOpen(this, flags);
    print.list(COLUMNS, await allOf(listAll(client, '/kubectl-credentials/', queryOf(flags))));
  },
});

const credentialRevoke = buildCommand({
  docs: { brief: 'Revoke a kubectl credential' },
  parameters: {
    flags: { ...COMMON, all: ALL, yes: switchFlag('Do not ask') },
    aliases: { ...COMMON_ALIASES, y: 'yes' },
    positional: argument('credential', 'Its name or id'),
  },
  async func(
    this: CliContext,
    flags: CommonFlags & { all?: boolean; yes?: boolean },
    reference: string,
  ) {
    const { client, say } = await sessionOpen(this, flags);
    const list = listAll(client, '/kubectl-credentials/', queryOf(flags));
    const credential = await listedFind(list, { kind: 'kubectl credential', reference, nameOf });
    const name = nameOf(credential);
    const what = `This ends the kubeconfig ${name} of ${credential.email} in ${credential.org}.`;
    await destructionConfirm(this.io, flags.yes, { what });
    const params = { path: { id: credential.id }, header: inOrg(credential) };
    await unwrap(client.DELETE('/kubectl-credentials/{id}/', { params }));
    say(`Revoked ${name}.`);
  },
});

export const kubectlRoutes = buildRouteMap({
  docs: { brief: 'kubectl credentials: list and revoke' },
  defaultCommand: 'list',
  routes: { list: credentialList, revoke: credentialRevoke },
});
