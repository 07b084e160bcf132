/** The isolation probe's networks and containers on Docker. */
import { createHash } from 'node:crypto';
import type Docker from 'dockerode';
import { EngineError } from '../../contract.ts';
import { LABELS, bridgePrefix, labelFilters } from '../base/names.ts';
import type { DockerContext, DockerEngineOptions } from '../base/options.ts';
import { markedIsDead } from '../base/process-mark.ts';
import type { DockerApi } from '../daemon/api.ts';
import { unlessMissing } from '../daemon/errors.ts';
import { containerRemove } from '../daemon/removal.ts';
import type { NetworkShape } from './network-render.ts';
import { networkCreate } from './networks.ts';
import { PROBE_COMMAND } from './probe-image.ts';

/** The longest that a probe may take. */
export const PROBE_DEADLINE_MS = 90_000;
/** Objects that are this old belong to a probe that is over, whether or not its process can be looked up from here. */
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
  /** The mark of this process. */
  process: string;
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
  /** Removes the objects of a run, if one is named, and those of all processes that died while they probed. */
  clean(runId: string | null, signal: AbortSignal): Promise<void>;
}

export function probeObjectsCreate(
  { installationId, now }: Pick<DockerContext, 'installationId' | 'now'>,
  api: DockerApi,
  isLocal: boolean,
  onStep: NonNullable<DockerEngineOptions['onProbeStep']>,
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
      labels: {
        [LABELS.installation]: installationId,
        [LABELS.probe]: run.id,
        [LABELS.probeProcess]: run.process,
      },
    };
  }

  async function makeNetwork(run: ProbeRun, index: number): Promise<NetworkShape> {
    for (let attempt = 1; ; attempt += 1) {
      const shape = networkShape(run, index, attempt);
      run.signal.throwIfAborted();
      try {
        await networkCreate(api, shape, isLocal, run.making);
        await onStep('probe-network');
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
    await onStep('probe-container');
    const endpoint = inspected.NetworkSettings.Networks[network.name];
    return { id, ipv4: endpoint?.IPAddress ?? '', ipv6: endpoint?.GlobalIPv6Address ?? '' };
  }

  /** Whether the objects of a probe are to be removed: nobody else may probe with them any more. */
  async function isOver(
    runId: string | null,
    labels: Record<string, string> | null,
    createdMs: number,
  ): Promise<boolean> {
    if (labels?.[LABELS.probe] === runId) return true;
    if (now().getTime() - createdMs > LEFTOVER_AGE_MS) return true;
    return markedIsDead(labels?.[LABELS.probeProcess] ?? '');
  }

  async function clean(runId: string | null, signal: AbortSignal): Promise<void> {
    const filters = labelFilters(installationId, LABELS.probe);
    const containers = await api.call<Docker.ContainerInfo[]>({
      method: 'GET',
      path: '/containers/json',
      query: { all: '1', filters },
      signal,
    });
    await Promise.all(
      containers.map(async ({ Id, Labels, Created }) => {
        if (await isOver(runId, Labels, Created * 1000)) await containerRemove(api, Id, signal);
      }),
    );
    const networks = await api.call<Docker.NetworkInspectInfo[]>({
      method: 'GET',
      path: '/networks',
      query: { filters },
      signal,
    });
    for (const { Id, Labels, Created } of networks) {
      if (!(await isOver(runId, Labels ?? null, Date.parse(Created)))) continue;
      await unlessMissing(api.call({ method: 'DELETE', path: `/networks/${Id}`, signal }));
    }
  }

  return { makeNetwork, startContainer, clean };
}
