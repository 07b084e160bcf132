/** A registry that the nodes of the tests' cluster pull from. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { CLUSTER_HOST } from './cluster.ts';
import type { TestKubernetes } from './cluster.ts';
import { registryStart } from './registry.ts';
import { registryGateStart } from './registry-gate.ts';

/** Lets pods and nodes reach a server on loopback. */
async function forwardStart(host: string) {
  const [, port = ''] = host.split(':');
  const server = createServer((incoming) => {
    const outgoing = connect(Number(port), '127.0.0.1');
    incoming.pipe(outgoing).pipe(incoming);
    incoming.on('error', () => outgoing.destroy());
    outgoing.on('error', () => incoming.destroy());
    incoming.on('close', () => outgoing.destroy());
  });
  server.listen(0, CLUSTER_HOST);
  await once(server, 'listening');
  const { port: own } = server.address() as AddressInfo;
  return {
    url: `http://[${CLUSTER_HOST}]:${own}`,
    close: () => server.close(),
  };
}

/** A registry that both this process and the cluster's nodes pull from by the same references. */
export async function clusterRegistryStart(cluster: TestKubernetes) {
  const registry = await registryStart();
  const gate = await registryGateStart(registry.host);
  const forwards: { close(): void }[] = [];
  for (const { host } of [registry, gate]) {
    const forward = await forwardStart(host);
    forwards.push(forward);
    await cluster.registryAllow(host, forward.url);
  }
  return {
    registry,
    gate,
    async close() {
      for (const forward of forwards) forward.close();
      await gate.close();
      await registry.close();
    },
  };
}
