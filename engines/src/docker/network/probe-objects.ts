/** The isolation probe's networks and containers on Docker. */
import { createHash } from 'node:crypto';
import type Docker from 'dockerode';
import { EngineError } from '../../contract.ts';
import { LABELS, bridgePrefix, labelFilters } from '../base/names.ts';
import type { DockerContext } from '../base/options.ts';
import type { DockerApi } from '../daemon/api.ts';
import { unlessMissing } from '../daemon/errors.ts';
import { containerRemove } from '../daemon/removal.ts';
import type { NetworkShape } from './network-render.ts';
import { networkCreate } from './networks.ts';
import { PROBE_COMMAND } from './probe-image.ts';

/** The longest that a probe may take. */
export const PROBE_DEADLINE_MS = 90_000;
/** Objects of probes that began this long ago belong to a dead process. */
const LEFTOVER_AGE_MS = 2 * PROBE_DEADLINE_MS;
const SUBNET_ATTEMPTS = 8;

interface ProbeContainer {
  id: string;
  ipv4: string;
  ipv6: string;
}

export interface ProbeRun {
  /** Names the objects of this run. */
  id: string;
  token: string;
  signal: AbortSignal;
  /** For creating objects; aborts a moment later: a creation that is cancelled halfway may still complete, unseen. */
  making: AbortSignal;
}

export interface ProbeObjects {
  /** Creates a network on subnets that are free. */
  makeNetwork(run: ProbeRun, index: number): Promise<NetworkShape>;
  /** @param command of the probe's image. */
  startContainer(
    run: ProbeRun,
    image: string,
    role: string,
    network: NetworkShape,
    command: readonly string[],
  ): Promise<ProbeContainer>;
  /** Removes the objects of a run, or of all runs that ended long ago. */
  clean(runId: string | null, signal: AbortSignal): Promise<void>;
}

export function probeObjectsCreate(
  { installationId, now }: Pick<DockerContext, 'installationId' | 'now'>,
  api: DockerApi,
  isLocal: boolean,
): ProbeObjects {
  function networkShape(run: ProbeRun, index: number, attempt: number): NetworkShape {
    const seed = createHash('sha256').update(`${run.id} ${index} ${attempt}`).digest();
    const group = (offset: number) => seed.readUInt16BE(offset).toString(16);
    const [second, third, fourth] = [
      seed.readUInt8(0),
      seed.readUInt8(1),
      seed.readUInt8(2) & 0xc0,
    ];
    return {
      name: `dbx-${installationId}-probe-${run.id}-${index}`,
      // With a dash after the prefix, which no tenant's bridge has.
      bridge: `${bridgePrefix(installationId)}-${run.id.slice(0, 5)}${index}`,
      ipv4Subnet: `10.${second}.${third}.${fourth}/26`,
      ipv6Subnet: `fd${seed.subarray(3, 4).toString('hex')}:${group(4)}:${group(6)}:${group(8)}::/64`,
      labels: { [LABELS.installation]: installationId, [LABELS.probe]: run.id },
    };
  }

  async function makeNetwork(run: ProbeRun, index: number): Promise<NetworkShape> {
    for (let attempt = 1; ; attempt += 1) {
      const shape = networkShape(run, index, attempt);
      run.signal.throwIfAborted();
      try {
        await networkCreate(api, shape, isLocal, run.making);
        return shape;
      } catch (error) {
        const isTaken = error instanceof EngineError && error.reason === 'subnet_in_use';
        if (!isTaken || attempt >= SUBNET_ATTEMPTS) throw error;
      }
    }
  }

  async function startContainer(
    run: ProbeRun,
    image: string,
    role: string,
    network: NetworkShape,
    command: readonly string[],
  ): Promise<ProbeContainer> {
    const { signal } = run;
    const body: Docker.ContainerCreateOptions = {
      Image: image,
      Entrypoint: [...PROBE_COMMAND, ...command],
      User: '65534:65534',
      Labels: network.labels,
      HostConfig: {
        NetworkMode: network.name,
        Memory: 256 * 1024 * 1024,
        PidsLimit: 64,
        CapDrop: ['ALL'],
        SecurityOpt: ['no-new-privileges'],
      },
    };
    const query = { name: `dbx-${installationId}-probe-${run.id}-${role}` };
    const path = '/containers/create';
    signal.throwIfAborted();
    const { Id: id } = await api.call<{ Id: string }>({
      method: 'POST',
      path,
      query,
      body,
      signal: run.making,
    });
    await api.call({ method: 'POST', path: `/containers/${id}/start`, signal });
    const inspected = await api.call<Docker.ContainerInspectInfo>({
      method: 'GET',
      path: `/containers/${id}/json`,
      signal,
    });
    const endpoint = inspected.NetworkSettings.Networks[network.name];
    return { id, ipv4: endpoint?.IPAddress ?? '', ipv6: endpoint?.GlobalIPv6Address ?? '' };
  }

  async function clean(runId: string | null, signal: AbortSignal): Promise<void> {
    const filters = labelFilters(
      installationId,
      runId === null ? LABELS.probe : `${LABELS.probe}=${runId}`,
    );
    const isOver = (createdMs: number) =>
      runId !== null || now().getTime() - createdMs > LEFTOVER_AGE_MS;
    const containers = await api.call<Docker.ContainerInfo[]>({
      method: 'GET',
      path: '/containers/json',
      query: { all: '1', filters },
      signal,
    });
    const overs = containers.filter(({ Created }) => isOver(Created * 1000));
    await Promise.all(overs.map(({ Id }) => containerRemove(api, Id, signal)));
    const networks = await api.call<Docker.NetworkInspectInfo[]>({
      method: 'GET',
      path: '/networks',
      query: { filters },
      signal,
    });
    for (const { Id, Created } of networks) {
      if (!isOver(Date.parse(Created))) continue;
      await unlessMissing(api.call({ method: 'DELETE', path: `/networks/${Id}`, signal }));
    }
  }

  return { makeNetwork, startContainer, clean };
}
