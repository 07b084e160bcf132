import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { kubeconfigMerge, kubeconfigPath } from './kubeconfig.ts';

const made = (account: string) => `apiVersion: v1
kind: Config
clusters:
- name: "dollarbox-acme"
  cluster:
    server: "https://new"
users:
- name: "${account}"
  user:
    token: "t-${account}"
contexts:
- name: "dollarbox-acme"
  context:
    cluster: "dollarbox-acme"
    user: "${account}"
current-context: "dollarbox-acme"
`;

test('a kubeconfig of its own is the result where there was none', () => {
  assert.deepEqual(parse(kubeconfigMerge('', made('a'))), parse(made('a')));
});

test('what is there stays, and a former access of the org is replaced', () => {
  const other = `apiVersion: v1
kind: Config
preferences: {colors: true}
clusters: [{name: home, cluster: {server: https://home}}]
users: [{name: me, user: {token: mine}}]
contexts: [{name: home, context: {cluster: home, user: me}}]
current-context: home
`;
  const once = kubeconfigMerge(other, made('a'));
  const twice = parse(kubeconfigMerge(once, made('b'))) as {
    preferences: object;
    clusters: { name: string }[];
    users: { name: string }[];
    contexts: { name: string }[];
    'current-context': string;
  };
  assert.deepEqual(twice.preferences, { colors: true });
  const names = (rows: { name: string }[]) => rows.map(({ name }) => name);
  assert.deepEqual(names(twice.clusters), ['home', 'dollarbox-acme']);
  assert.deepEqual(names(twice.users), ['me', 'b']);
  assert.deepEqual(names(twice.contexts), ['home', 'dollarbox-acme']);
  assert.equal(twice['current-context'], 'dollarbox-acme');
});

test('kubectl and this program mean the same file', () => {
  assert.equal(kubeconfigPath({ env: {}, homeDir: '/home/ada' }), '/home/ada/.kube/config');
  const env = { KUBECONFIG: ':/one:/two' };
  assert.equal(kubeconfigPath({ env, homeDir: '/home/ada' }), '/one');
});
