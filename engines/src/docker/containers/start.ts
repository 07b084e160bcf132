/** Starts a container, and fixes problems with its network if necessary. */
import { EngineError } from '../../contract.ts';
import type { ContainerSpec } from '../../contract.ts';
import type { DockerApi } from '../daemon/api.ts';
import type { Networks } from '../network/networks.ts';
import type { Attachment } from './attachment.ts';
import type { DockerContainer } from './observation.ts';
import { startErrorSentence } from './start-error.ts';

/** Its network was recreated, or it was disconnected from it while it was not running. */
const NETWORK_GONE = /network \S+ not found/i;
/** Docker kept this container's endpoint from an earlier run (moby/moby#20398). */
const ENDPOINT_LEFT = /endpoint with name \S+ already exists in network/i;
/** The interface was removed without Docker. */
const BRIDGE_GONE = /could not find bridge/i;
/** Docker has assigned every IPv4 address of the network, perhaps including leaked ones. */
const POOL_FULL = /no available IPv4 addresses/i;

/**
 * @returns an EngineError if the failure is the fault of the process or of the network; otherwise the given error.
 */
export function startFailure(error: unknown, spec: Pick<ContainerSpec, 'volumes'>): unknown {
  const text = error instanceof Error ? error.message : '';
  const mountPaths = spec.volumes.map(({ mountPath }) => mountPath);
  const sentence = startErrorSentence(text, mountPaths);
  if (sentence !== null) {
    return new EngineError('permanent', 'start_error', sentence, { cause: error });
  }
  if (POOL_FULL.test(text)) {
    const message = "The org's network has no address left for another container.";
    return new EngineError('retryable', 'unschedulable', message, { cause: error });
  }
  if (/address already in use/i.test(text)) {
    const message = "Another container still has this container's address.";
    return new EngineError('retryable', 'address_in_use', message, { cause: error });
  }
  return error;
}

/** @throws EngineError if the failure is the fault of the process or of the network. */
export async function containerStart(
  {
    api,
    networks,
    attachment,
  }: { api: DockerApi; networks: Pick<Networks, 'rebuild' | 'isRoomy'>; attachment: Attachment },
  ref: string,
  spec: ContainerSpec,
  signal: AbortSignal,
): Promise<void> {
  const once = () => {
    const path = `/containers/${ref}/start`;
    return api.call({ method: 'POST', path, opensConnection: true, signal });
  };

  /** @throws the given error, if the network is not the problem. */
  async function mendNetwork(error: unknown): Promise<void> {
    const text = error instanceof Error ? error.message : '';
    const isLeaking = POOL_FULL.test(text) && (await networks.isRoomy(spec.tenantId, signal));
    if (isLeaking || BRIDGE_GONE.test(text)) await networks.rebuild(spec.tenantId, signal);
    else if (!NETWORK_GONE.test(text) && !ENDPOINT_LEFT.test(text)) throw error;
  }

  await attachment.requireAddressFree(ref, spec, signal);
  try {
    try {
      await once();
    } catch (error) {
      await mendNetwork(error);
      const path = `/containers/${ref}/json`;
      const container = await api.call<DockerContainer>({ method: 'GET', path, signal });
      const stale = attachment.staleNetwork(container, spec.tenantId);
      await attachment.reconnect(ref, stale, spec, signal);
      await once();
    }
  } catch (error) {
    throw startFailure(error, spec);
  }
}
