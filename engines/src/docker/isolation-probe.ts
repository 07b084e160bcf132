/**
 * Finds out by connecting whether containers are kept from each other and from the host: real
 * containers on two networks of ours, listeners of this process on the host.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type Docker from 'dockerode';
import { EngineError } from '../contract.ts';
import type { IsolationReport } from '../contract.ts';
import type { DockerApi } from './api.ts';
import { unlessMissing } from './errors.ts';
import type { Firewall } from './firewall.ts';
import type { ImageStore } from './image-store.ts';
import { readHostAddresses } from './host-network.ts';
import type { HostAddress } from './host-network.ts';
import { readLogTail } from './logs.ts';
import type { Platform } from './manifest.ts';
import { bridgePrefix, LABELS, labelFilters } from './names.ts';
import { createNetwork } from './networks.ts';
import type { DockerContext } from './options.ts';
import { ensureProbeImage, PROBE_COMMAND } from './probe-image.ts';
import { isolationReport, unknownReport } from './probe-report.ts';
import type { ProbePath, ProbeResult } from './probe-report.ts';
import type { ProbeTarget } from './probe-script.ts';
import type { NetworkShape } from './render.ts';

const PROBE_DEADLINE_MS = 90_000;
const CLEANUP_DEADLINE_MS = 20_000;
/** When the engine is closed meanwhile: for what is just being made, and then for removing it all. */
const CLOSING_GRACE_MS = 1000;
const CLOSING_CLEANUP_MS = 2000;
/** Objects of probes that began this long ago are a dead process's. */
const LEFTOVER_AGE_MS = 2 * PROBE_DEADLINE_MS;
const SUBNET_ATTEMPTS = 8;
const CONTAINER_PORT = 8080;
const CONTROL_WAIT_MS = 10_000;
const CONTROL_POLL_MS = 50;
/** A host with more addresses has them on networks like those that are probed. */
const HOST_ADDRESSES_MAX = 40;

export interface IsolationProbeParts {
  context: DockerContext;
  api: DockerApi;
  store: ImageStore;
  firewall: Firewall;
  isLocal: boolean;
  platform(signal: AbortSignal): Promise<Platform>;
}

interface ProbeContainer {
  id: string;
  ipv4: string;
  ipv6: string;
}

interface Run {
  /** Names this run's objects. */
  id: string;
  token: string;
  signal: AbortSignal;
  /** For what makes objects, a moment longer: what is called off half way may yet be made, unseen. */
  making: AbortSignal;
}

/** @returns what aborts so much later. */
function abortedAfter(signal: AbortSignal, graceMs: number): AbortSignal {
  const late = new AbortController();
  const begin = () => void setTimeout(() => late.abort(), graceMs).unref();
  if (signal.aborted) begin();
  else signal.addEventListener('abort', begin, { once: true });
  return late.signal;
}

/** @returns the listener on all of the host's addresses, of both families where there are both. */
async function listenOnHost(token: string): Promise<Server> {
  const server = createServer((socket) => {
    // A probe that hangs up early has its answer.
    socket.on('error', () => undefined);
    socket.end(token);
  });
  server.listen({ host: '::', port: 0 });
  await once(server, 'listening');
  return server;
}

function reachesFromHost(host: string, token: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port: CONTAINER_PORT, timeout: 1000 });
    let said = '';
    socket.setEncoding('utf8').on('data', (text: string) => (said += text));
    socket.on('timeout', () => socket.destroy());
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(said === token));
  });
}

/**
 * The host's addresses as a container on `bridge` may try them.
 * @param spared addresses that are left out.
 */
function probedAddresses(
  addresses: readonly HostAddress[],
  bridge: string,
  spared: ReadonlySet<string>,
): string[] {
  const probed = addresses.flatMap((each) => {
    if (!each.address.startsWith('fe80:')) return spared.has(each.address) ? [] : [each.address];
    // Link-local: the container's only interface leads to this one alone.
    return each.interface === bridge ? [`${each.address}%eth0`] : [];
  });
  return [...new Set(probed)].slice(0, HOST_ADDRESSES_MAX);
}

/** @returns what probes when called. It leaves nothing behind. It throws EngineError `engine_closed` alone. */
export function createIsolationProbe(
  parts: IsolationProbeParts,
): (closing: AbortSignal) => Promise<IsolationReport> {
  const { context, api, firewall } = parts;
  const { installationId } = context;

  function networkShape(run: Run, index: number, attempt: number): NetworkShape {
    const seed = createHash('sha256').update(`${run.id} ${index} ${attempt}`).digest();
    const group = (offset: number) => seed.readUInt16BE(offset).toString(16);
    const [second, third, fourth] = [
      seed.readUInt8(0),
      seed.readUInt8(1),
      seed.readUInt8(2) & 0xc0,
    ];
    return {
      name: `dbx-${installationId}-probe-${run.id}-${index}`,
      // A dash, which no tenant's bridge has after the prefix.
      bridge: `${bridgePrefix(installationId)}-${run.id.slice(0, 5)}${index}`,
      ipv4Subnet: `10.${second}.${third}.${fourth}/26`,
      ipv6Subnet: `fd${seed.subarray(3, 4).toString('hex')}:${group(4)}:${group(6)}:${group(8)}::/64`,
      labels: { [LABELS.installation]: installationId, [LABELS.probe]: run.id },
    };
  }

  async function makeNetwork(run: Run, index: number): Promise<NetworkShape> {
    for (let attempt = 1; ; attempt += 1) {
      const shape = networkShape(run, index, attempt);
      run.signal.throwIfAborted();
      try {
        await createNetwork(api, shape, parts.isLocal, run.making);
        return shape;
      } catch (error) {
        const isTaken = error instanceof EngineError && error.reason === 'subnet_in_use';
        if (!isTaken || attempt >= SUBNET_ATTEMPTS) throw error;
      }
    }
  }

  async function startContainer(
    run: Run,
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

  /** The host's addresses on orgs' networks: as many as orgs, and all alike. */
  async function tenantGateways(signal: AbortSignal): Promise<Set<string>> {
    const filters = labelFilters(installationId, LABELS.tenant);
    const query = { filters };
    const path = '/networks';
    const networks = await api.call<Docker.NetworkInspectInfo[]>({
      method: 'GET',
      path,
      query,
      signal,
    });
    const configs = networks.flatMap((network) => network.IPAM?.Config ?? []);
    return new Set(configs.flatMap((config) => config.Gateway ?? []));
  }

  async function hostControl(run: Run, address: string): Promise<ProbeResult> {
    const path: ProbePath = { kind: 'control', from: 'host', address };
    for (let waitedMs = 0; waitedMs <= CONTROL_WAIT_MS; waitedMs += CONTROL_POLL_MS) {
      if (await reachesFromHost(address, run.token)) return { path, isReached: true };
      await delay(CONTROL_POLL_MS, undefined, { signal: run.signal });
    }
    return { path, isReached: false };
  }

  async function connectFromContainer(
    run: Run,
    image: string,
    network: NetworkShape,
    paths: readonly (ProbePath & { port: number })[],
  ): Promise<ProbeResult[]> {
    const targets = paths.map((path, index): ProbeTarget => ({
      key: String(index),
      host: path.address,
      port: path.port,
      isControl: path.kind === 'control',
    }));
    const { signal } = run;
    const command = ['connect', run.token, JSON.stringify(targets)];
    const { id } = await startContainer(run, image, 'prober', network, command);
    await api.call({ method: 'POST', path: `/containers/${id}/wait`, signal });
    const query = { stdout: '1', stderr: '0' };
    const log = await api.stream({ method: 'GET', path: `/containers/${id}/logs`, query, signal });
    const said = await readLogTail(log, 64 * 1024);
    const answers = JSON.parse(said) as Record<string, boolean>;
    return paths.map((path, index) => ({ path, isReached: answers[String(index)] === true }));
  }

  async function probe(run: Run): Promise<IsolationReport> {
    const image = await ensureProbeImage(parts.store, await parts.platform(run.signal), run.signal);
    const ours = await makeNetwork(run, 1);
    const theirs = await makeNetwork(run, 2);
    await firewall.assert();
    const addresses = await readHostAddresses();
    if (!addresses.some((each) => each.interface === ours.bridge)) {
      return unknownReport("this process does not share the Docker engine's network.");
    }
    const server = await listenOnHost(run.token);
    try {
      const { port: hostPort } = server.address() as { port: number };
      const listen = ['listen', run.token, String(CONTAINER_PORT)];
      const neighbour = await startContainer(run, image, 'neighbour', ours, listen);
      const stranger = await startContainer(run, image, 'stranger', theirs, listen);
      const reachable = [neighbour.ipv4, neighbour.ipv6, stranger.ipv4, stranger.ipv6];
      const fromHost = await Promise.all(reachable.map((address) => hostControl(run, address)));
      const fromContainer = await connectFromContainer(run, image, ours, [
        ...[neighbour.ipv4, neighbour.ipv6].map(
          (address) =>
            ({ kind: 'control', from: 'container', address, port: CONTAINER_PORT }) as const,
        ),
        ...probedAddresses(addresses, ours.bridge, await tenantGateways(run.signal)).map(
          (address) => ({ kind: 'host', address, port: hostPort }) as const,
        ),
        ...[stranger.ipv4, stranger.ipv6].map(
          (address) => ({ kind: 'other', address, port: CONTAINER_PORT }) as const,
        ),
      ]);
      return isolationReport([...fromHost, ...fromContainer], firewall.fault());
    } finally {
      server.close();
    }
  }

  /** Removes the objects of a run, or of all runs that are long over. */
  async function clean(runId: string | null, signal: AbortSignal): Promise<void> {
    const filters = labelFilters(
      installationId,
      runId === null ? LABELS.probe : `${LABELS.probe}=${runId}`,
    );
    const isOver = (createdMs: number) =>
      runId !== null || context.now().getTime() - createdMs > LEFTOVER_AGE_MS;
    const containers = await api.call<Docker.ContainerInfo[]>({
      method: 'GET',
      path: '/containers/json',
      query: { all: '1', filters },
      signal,
    });
    const query = { force: '1', v: '1' };
    const overs = containers.filter(({ Created }) => isOver(Created * 1000));
    await Promise.all(
      overs.map(({ Id }) =>
        unlessMissing(api.call({ method: 'DELETE', path: `/containers/${Id}`, query, signal })),
      ),
    );
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

  function nextRun(closing: AbortSignal): Run {
    const moment = `${context.now().toISOString()} ${process.pid} ${process.hrtime.bigint()}`;
    const hash = createHash('sha256').update(`${installationId} ${moment}`).digest('hex');
    const deadline = AbortSignal.timeout(PROBE_DEADLINE_MS);
    return {
      id: hash.slice(0, 8),
      token: hash.slice(8, 40),
      signal: AbortSignal.any([closing, deadline]),
      making: AbortSignal.any([abortedAfter(closing, CLOSING_GRACE_MS), deadline]),
    };
  }

  return async (closing) => {
    if (!parts.isLocal) return unknownReport('the Docker engine is on another machine.');
    const run = nextRun(closing);
    try {
      await clean(null, run.signal);
      return await probe(run);
    } catch (error) {
      if (closing.aborted) {
        const message = 'The engine was closed before the probe had ended.';
        throw new EngineError('retryable', 'engine_closed', message, { cause: error });
      }
      context.log.warn({ err: error }, 'the isolation probe failed');
      const reason = error instanceof Error ? error.message : String(error);
      return unknownReport(reason);
    } finally {
      // By a deadline of its own: what was made goes also when the probe was late or is called off.
      const late = AbortSignal.any([
        AbortSignal.timeout(CLEANUP_DEADLINE_MS),
        abortedAfter(closing, CLOSING_GRACE_MS + CLOSING_CLEANUP_MS),
      ]);
      await clean(run.id, late).catch((error: unknown) => {
        const level = closing.aborted ? 'info' : 'warn';
        context.log[level]({ err: error }, 'the isolation probe left objects behind');
      });
    }
  };
}
