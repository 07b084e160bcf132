import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { EngineError } from '../../contract.ts';
import { DockerCallError, type DockerApi, type DockerCall } from '../daemon/api.ts';
import { networksCreate } from './networks.ts';
import { LABELS } from '../base/names.ts';
import { ALL_IPV6 } from './reach.ts';
import { tenantNetworkShape } from './network-render.ts';

const INSTALLATION = 'abcdef123456';
const TENANT_ID = 1;
const SUBNETS = { ipv4Subnet: '10.99.9.0/24', ipv6Subnet: 'fd00:1:2:3::/64' };

interface Endpoint {
  /** By container, as Docker reports them: `ep-…` for an endpoint that has no sandbox. */
  key: string;
  name: string;
  /** The container is gone. */
  isStale: boolean;
}

/** Simulates Docker 20.10 for a network with these endpoints, since its leak can't be reproduced at will. */
function dockerWith(endpoints: Endpoint[]): DockerApi & { networks: string[] } {
  const { name } = tenantNetworkShape(INSTALLATION, TENANT_ID, SUBNETS);
  const networks = [name];
  const label = { [LABELS.installation]: INSTALLATION, [LABELS.tenant]: String(TENANT_ID) };
  const fail = (call: DockerCall, status: number, text: string) => {
    throw new DockerCallError(call, status, null, text);
  };
  const network = () => ({
    Id: 'net',
    Name: name,
    Labels: label,
    Containers: Object.fromEntries(endpoints.map((one) => [one.key, { Name: one.name }])),
  });
  function reply(call: DockerCall): unknown {
    const [, kind, id, verb] = call.path.split('/');
    if (kind === 'containers') {
      const found = endpoints.find((one) => !one.isStale && (one.key === id || one.name === id));
      if (found === undefined) return fail(call, 404, `No such container: ${id}`);
      return { Id: id, Name: found.name, Config: { Labels: label } };
    }
    if (id === undefined) return networks.length > 0 ? [network()] : [];
    if (networks.length === 0) return fail(call, 404, `network ${id} not found`);
    if (verb === 'disconnect') {
      const { Container: given } = call.body as { Container: string };
      const index = endpoints.findIndex((one) => given === one.name || given === one.key);
      if (index < 0) return fail(call, 404, `No such endpoint: ${given}`);
      endpoints.splice(index, 1);
      return '';
    }
    if (call.method === 'GET') return network();
    if (endpoints.length > 0) return fail(call, 403, `network ${id} has active endpoints`);
    networks.length = 0;
    return '';
  }
  const call = async <T>(one: DockerCall) => reply(one) as T;
  return { networks, call, stream: () => assert.fail(), close() {} };
}

function networksOn(api: DockerApi) {
  const context = {
    installationId: INSTALLATION,
    log: { info() {}, warn() {}, error() {} },
    now: () => new Date(),
    closedIpv6: () => ALL_IPV6,
  };
  const firewall = { assert: async () => {}, assertRecent: async () => {} };
  const subnets = { ensure: async () => SUBNETS, replace: async () => SUBNETS };
  return networksCreate(context, subnets, api, firewall as never, false);
}

describe('a stale endpoint of a container that is gone', () => {
  const signal = new AbortController().signal;
  const stale = { key: 'ep-1', name: 'dbx-gone', isStale: true };

  test('does not block the removal of a network', async () => {
    const api = dockerWith([{ ...stale }]);
    await networksOn(api).remove(TENANT_ID, signal);
    assert.deepEqual(api.networks, []);
  });

  test('while a container that exists does, and stays attached', async () => {
    const endpoints = [{ ...stale }, { key: 'c1', name: 'dbx-there', isStale: false }];
    const api = dockerWith(endpoints);
    await assert.rejects(networksOn(api).remove(TENANT_ID, signal), (error: EngineError) => {
      assert.deepEqual([error.kind, error.reason], ['retryable', 'network_in_use']);
      return true;
    });
    assert.deepEqual(
      endpoints.map(({ key }) => key),
      ['c1'],
    );
    assert.equal(api.networks.length, 1);
  });

  test('is distinguished from the endpoint of a starting container', async () => {
    const endpoints = [{ key: 'ep-2', name: 'dbx-starting', isStale: false }];
    const api = dockerWith(endpoints);
    await assert.rejects(networksOn(api).remove(TENANT_ID, signal), { reason: 'network_in_use' });
    assert.equal(endpoints.length, 1);
  });
});
