/** Tests of what the pods of an org reach, by connecting. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { CLUSTER_HOST } from '@dollarbox/testbed/cluster';
import { kubeApiCreate } from '../api/client.ts';
import { probeNamespace } from '../base/names.ts';
import { poll } from '../base/poll.ts';
import { addressesProbe } from '../tenants/address-probe.ts';
import type { SuiteContext } from '../../suite/context.ts';
import { podScriptRun } from './pod-process.ts';
import type { KubernetesSetup } from './suite.ts';

const FETCH = 'timeout 3 wget -q -O - "http://$0/" 2>&1 || true';

export function isolationTests(context: () => SuiteContext, setup: () => KubernetesSetup): void {
  const fetchFrom = async (podUid: string, at: string) => podScriptRun(podUid, FETCH, at);
  const probe = async () => {
    const { host } = context().engine;
    assert.ok(host);
    return host.probeIsolation();
  };

  test('orgs are found to be kept apart, and nothing of the probe is left', async () => {
    // The API server hears of new policies a moment later.
    const report = await poll(AbortSignal.timeout(600_000), async () => {
      const found = await probe();
      return found.findings.every((each) => each.includes('accepts')) && found;
    });
    assert.deepEqual(report, { state: 'isolated', findings: [], remedies: [] });
    const { kubectl } = setup().cluster;
    const left = ['get', 'pod', '-A', '-l', 'dollarbox.io/role=probe', '-o', 'name'];
    await poll(AbortSignal.timeout(300_000), async () => (await kubectl(...left)).trim() === '');
  });

  test('a cluster that does not keep them apart is reported, with what it let through', async () => {
    const { kubectl, manifestApply } = setup().cluster;
    const namespace = probeNamespace(setup().installationId, 1);
    const name = 'everywhere';
    await manifestApply({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name, namespace },
      spec: { podSelector: {}, policyTypes: ['Egress'], egress: [{}] },
    });
    const { state, findings, remedies } = await probe();
    assert.equal(state, 'weak');
    const said = findings.join('\n');
    assert.match(said, /another org's pod/);
    assert.match(said, /reached a node at/);
    assert.match(said, /the API server at/);
    assert.match(remedies.join('\n'), /enforces NetworkPolicy/);
    await kubectl('-n', namespace, 'delete', 'networkpolicy', name);
  });

  test('an image that can not be pulled leaves it unknown, and the report names it', async () => {
    const { missing } = context().images;
    const other = await setup().workerWith({ probeImage: missing });
    try {
      const report = await other.host.probeIsolation();
      assert.equal(report.state, 'unknown');
      assert.ok(report.findings.join().includes(missing));
      assert.match(report.remedies.join(), /PROBE_IMAGE/);
    } finally {
      await other.close();
    }
  });

  test('a container reaches its neighbours by name, and no host, node or other org', async () => {
    const { apply, engine, spec, images, tenants } = context();
    const [, second] = tenants;
    const [one, two] = [await spec(images.web), await spec(images.web)];
    await engine.images.ensure({ ...context().request(images.web), tenantId: second.id });
    await context().waitFor('the image', async () => {
      const request = { ...context().request(images.web), tenantId: second.id };
      return (await engine.images.observe(request)).state === 'present';
    });
    const three = { ...two, id: context().nextId(), tenantId: second.id, name: 'stranger' };
    for (const each of [one, two, three]) await apply(each);
    const server = http.createServer((_, reply) => reply.end('the host')).listen(0, CLUSTER_HOST);
    await once(server, 'listening');
    try {
      const uid = await setup().podUid(one.id);
      const { port } = server.address() as AddressInfo;
      const { kubectl } = setup().cluster;
      const stranger = setup().namespace.replace(/-\d+$/, `-${second.id}`);
      const strangerIp = await kubectl(
        ...['-n', stranger, 'get', 'pod', '-o', 'jsonpath={.items[0].status.podIP}'],
      );
      const neighbours = await poll(AbortSignal.timeout(300_000), async () => {
        const said = await fetchFrom(uid, `${two.name}:8080`);
        return said.startsWith('web ') && said;
      });
      assert.match(neighbours, /^web /);
      const address = (await engine.containers.observe(three.id))?.ipv6Address;
      for (const at of [
        `[${strangerIp}]:8080`,
        `[${address}]:8080`,
        `stranger.${stranger}.svc.cluster.local:8080`,
        `[${CLUSTER_HOST}]:${port}`,
        '[fd6b:6974:1:1::2]:6443',
        '[fd6b:6974:1:1::2]:10250',
        'kubernetes.default.svc.cluster.local:443',
      ]) {
        const said = await fetchFrom(uid, at);
        assert.match(said, /^(?:Terminated\s*|.*can't connect.*\s*)?$/, at);
      }
      // The host answers: it is the policy that keeps them away.
      assert.equal(await setup().read(CLUSTER_HOST, port, '/'), 'the host');
    } finally {
      server.close();
    }
  });

  test('a cluster without addresses is found, and said what to install', async () => {
    const { host } = context().engine;
    assert.equal(await host?.probeAddresses?.(), null);
    const api = kubeApiCreate(setup().cluster.kubeconfig);
    const closing = new AbortController();
    try {
      // No time is left for one to come.
      const said = await addressesProbe(setup().installationId, api, closing.signal, 0);
      assert.match(said ?? '', /MetalLB or Cilium/);
    } finally {
      api.close();
    }
  });

  test('without user namespaces, images that need root are refused', async () => {
    const { images, request, worker, spec, apply, observed } = context();
    const [wanted, root] = [await spec(images.web), await spec(images.shell)];
    const { kubectl, manifestApply } = setup().cluster;
    const name = 'no-user-namespaces';
    const group = 'admissionregistration.k8s.io/v1';
    await manifestApply({
      apiVersion: group,
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name },
      spec: {
        matchConstraints: {
          resourceRules: [
            { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] },
          ],
        },
        validations: [
          {
            expression: 'object.spec.?hostUsers.orValue(true) == true',
            message: 'no user namespaces',
          },
        ],
      },
    });
    await manifestApply({
      apiVersion: group,
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name },
      spec: { policyName: name, validationActions: ['Deny'] },
    });
    const other = await worker();
    try {
      const late = AbortSignal.timeout(300_000);
      const refused = await poll(late, async () => {
        await other.host?.probeIsolation();
        const again = request(images.shell, { since: new Date(), pullPolicy: 'always' });
        await other.images.ensure(again);
        return poll(late, async () => {
          const state = await other.images.observe(again);
          if (state.state === 'queued' || state.state === 'pulling') return null;
          return state.state === 'failed' ? state : { state: 'present' as const };
        }).then((state) => state.state === 'failed' && state.reason === 'image_rejected' && state);
      });
      assert.match(refused.message, /starts as root/);
      await other.containers.apply(wanted);
      await poll(late, async () => (await observed(wanted.id)).state === 'running');
    } finally {
      await other.close();
      await kubectl('delete', 'validatingadmissionpolicybinding', name);
      await kubectl('delete', 'validatingadmissionpolicy', name);
    }
    // Where they can be had, all is as before.
    await apply(root);
  });
}
