import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KubeConfig } from '@kubernetes/client-node';
import { kubeconfigRender } from './kubeconfig.ts';

const PARTS = {
  server: 'https://[2001:db8::1]:6443',
  authority: '-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----\n',
  namespace: 'dollarbox-aaaabbbbcccc-1',
  context: 'dollarbox-acme',
  account: 'kubectl-1',
  token: 'a.b-c.d_e',
};

test('a kubeconfig is read back as it was meant', () => {
  const config = new KubeConfig();
  config.loadFromString(kubeconfigRender(PARTS));
  assert.equal(config.getCurrentCluster()?.server, PARTS.server);
  const data = config.getCurrentCluster()?.caData ?? '';
  assert.equal(Buffer.from(data, 'base64').toString(), PARTS.authority);
  assert.equal(config.getCurrentUser()?.token, PARTS.token);
  assert.equal(config.getContextObject(PARTS.context)?.namespace, PARTS.namespace);
});

test('a server whose certificate every machine knows needs no authority', () => {
  assert.doesNotMatch(kubeconfigRender({ ...PARTS, authority: null }), /certificate-authority/);
});
