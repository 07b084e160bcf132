/** Kubeconfig files: adding an access to the one that kubectl uses. */
import { randomUUID } from 'node:crypto';
import { chmod, mkdir, readFile, realpath, rename, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { parse, stringify } from 'yaml';
import { CliError } from './exit.ts';
import type { Io } from './io.ts';

interface Named {
  name: string;
}

interface Kubeconfig {
  clusters?: Named[] | null;
  users?: Named[] | null;
  contexts?: (Named & { context?: { user?: string } })[] | null;
  'current-context'?: string;
}

/**
 * The file that `kubectl config` would write to: the first of `KUBECONFIG`, else the one in the home folder.
 * Source: https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
 */
export function kubeconfigPath({ env, homeDir }: Pick<Io, 'env' | 'homeDir'>): string {
  const first = (env['KUBECONFIG'] ?? '').split(delimiter).find((path) => path !== '');
  return first ?? join(homeDir, '.kube', 'config');
}

/**
 * Adds everything of `added` to a kubeconfig, and makes its context the current one. What has the same name is replaced,
 * and so is the user that a replaced context had, if no other context has it. All else stays as it is.
 */
export function kubeconfigMerge(text: string, added: string): string {
  const into = (parse(text) ?? { apiVersion: 'v1', kind: 'Config' }) as Kubeconfig;
  const from = parse(added) as Kubeconfig;
  const names = new Set((from.contexts ?? []).map(({ name }) => name));
  const userOf = ({ context }: { context?: { user?: string } }) => context?.user;
  const kept = (into.contexts ?? []).filter(({ name }) => !names.has(name));
  const keptUsers = new Set(kept.map(userOf));
  const replaced = (into.contexts ?? [])
    .filter(({ name }) => names.has(name))
    .map(userOf)
    .filter((user) => !keptUsers.has(user));
  const without = (rows: Named[] | null | undefined, gone: ReadonlySet<unknown>) =>
    (rows ?? []).filter(({ name }) => !gone.has(name));
  const join = (rows: Named[], more: Named[] | null | undefined) => {
    const newer = new Set((more ?? []).map(({ name }) => name));
    return [...without(rows, newer), ...(more ?? [])];
  };
  return stringify({
    ...into,
    clusters: join(into.clusters ?? [], from.clusters),
    users: join(without(into.users, new Set(replaced)), from.users),
    contexts: [...kept, ...(from.contexts ?? [])],
    'current-context': from['current-context'],
  });
}

/** As `kubeconfigMerge`, of a file, which may not exist. It is replaced at once, and readable by its owner only. */
export async function kubeconfigFileMerge(path: string, added: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const target = await realpath(path).catch(() => path);
  const text = await readFile(target, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  let merged: string;
  try {
    merged = kubeconfigMerge(text, added);
  } catch {
    throw new CliError('error', `The file ${path} is no kubeconfig.`, 'Print one without --merge.');
  }
  const next = `${target}.${randomUUID()}`;
  await writeFile(next, merged, { mode: 0o600, flag: 'wx' });
  // Whatever the umask is.
  await chmod(next, 0o600);
  await rename(next, target);
}
