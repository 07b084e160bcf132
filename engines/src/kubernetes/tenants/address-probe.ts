/** Finds out by trying whether the cluster gives IPv6 addresses to Services of type LoadBalancer. */
import { randomBytes } from 'node:crypto';
import { unlessMissing } from '../api/client.ts';
import type { KubeApi } from '../api/client.ts';
import type { Service } from '../api/objects.ts';
import { LABELS, ownLabels, systemNamespace } from '../base/names.ts';
import { poll } from '../base/poll.ts';

/** A cloud's load balancer takes its time. */
const WAIT_MS = 120_000;
const REMOVE_MS = 10_000;

const NO_ADDRESS = [
  'The cluster gives no IPv6 addresses to containers: they run, and have no address.',
  'Install a load balancer for Services, such as MetalLB or Cilium, with a pool of IPv6 addresses',
  '(docs/operations.md, "Load balancers").',
].join(' ');

/** @returns a sentence that says what to do; null: there are addresses. */
export async function addressesProbe(
  installationId: string,
  api: KubeApi,
  closing: AbortSignal,
  waitMs = WAIT_MS,
): Promise<string | null> {
  const folder = `/api/v1/namespaces/${systemNamespace(installationId)}/services`;
  const name = `probe-${randomBytes(4).toString('hex')}`;
  const body = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, labels: { ...ownLabels(installationId), [LABELS.role]: 'probe' } },
    spec: {
      type: 'LoadBalancer',
      allocateLoadBalancerNodePorts: false,
      ipFamilies: ['IPv6'],
      ipFamilyPolicy: 'SingleStack',
      ports: [{ port: 80, protocol: 'TCP' }],
    },
  };
  const late = AbortSignal.timeout(waitMs);
  const signal = AbortSignal.any([closing, late]);
  const path = `${folder}/${name}`;
  try {
    await api.call({ method: 'POST', path: folder, body, signal });
    await poll(signal, async () => {
      const { status } = await api.call<Service>({ method: 'GET', path, signal });
      return status?.loadBalancer?.ingress?.some(({ ip }) => ip?.includes(':'));
    });
    return null;
  } catch (error) {
    // An API server without IPv6 refuses such a Service.
    const isRefused = error instanceof Error && error.message.includes('ipFamilies');
    if (isRefused || (late.aborted && !closing.aborted)) return NO_ADDRESS;
    throw error;
  } finally {
    const removal = AbortSignal.timeout(REMOVE_MS);
    await unlessMissing(api.call({ method: 'DELETE', path, signal: removal })).catch(
      () => undefined,
    );
  }
}
