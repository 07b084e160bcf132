/**
 * Finds out through real connections whether containers are isolated from each other and from the host: containers on
 * two of our networks, and listeners of this process on the host.
 */
import { createHash } from 'node:crypto';
import type Docker from 'dockerode';
import { EngineError } from '../../contract.ts';
import type { IsolationReport } from '../../contract.ts';
import type { DockerApi } from '../daemon/api.ts';
import type { Firewall } from './firewall.ts';
import type { ImageStore } from '../images/image-store.ts';
import { hostAddressesRead } from './host-network.ts';
import { logTailRead } from '../daemon/logs.ts';
import type { Platform } from '../../registry/manifest.ts';
import { LABELS, labelFilters } from '../base/names.ts';
import type { DockerContext, DockerEngineOptions } from '../base/options.ts';
import { processMark } from '../base/process-mark.ts';
import { CONTAINER_PORT, hostControl, listenOnHost, probedAddresses } from './probe-host.ts';
import { probeImageEnsure } from './probe-image.ts';
import { PROBE_DEADLINE_MS, type ProbeRun, probeObjectsCreate } from './probe-objects.ts';
import { isolationReport, unknownReport } from './probe-report.ts';
import type { ProbePath, ProbeResult } from './probe-report.ts';
import type { ProbeTarget } from './probe-script.ts';
import type { NetworkShape } from './network-render.ts';

const CLEANUP_DEADLINE_MS = 20_000;

export interface IsolationProbeParts {
  context: DockerContext;
  api: DockerApi;
  store: ImageStore;
  firewall: Firewall;
  isLocal: boolean;
  platform(signal: AbortSignal): Promise<Platform>;
  /** As the engine's option `probeEndMs`. */
  endMs: { creation: number; removal: number };
  onStep: NonNullable<DockerEngineOptions['onProbeStep']>;
}

/** @returns a signal that aborts `graceMs` later. */
function abortedAfter(signal: AbortSignal, graceMs: number): AbortSignal {
  const late = new AbortController();
  const begin = () => void setTimeout(() => late.abort(), graceMs).unref();
  if (signal.aborted) begin();
  else signal.addEventListener('abort', begin, { once: true });
  return late.signal;
}

/** @returns a function that probes. It leaves nothing behind. It throws only EngineError `engine_closed`. */
export function isolationProbeCreate(
  parts: IsolationProbeParts,
): (closing: AbortSignal) => Promise<IsolationReport> {
  const { context, api, firewall } = parts;
  const { installationId } = context;
  const { makeNetwork, startContainer, clean } = probeObjectsCreate(
    context,
    api,
    parts.isLocal,
    parts.onStep,
  );

  /** The host's addresses on orgs' networks: there are as many as orgs, and they are all alike. */
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

  async function connectFromContainer(
    run: ProbeRun,
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
    const said = await logTailRead(log, 64 * 1024);
    const answers = JSON.parse(said) as Record<string, boolean>;
    return paths.map((path, index) => ({ path, isReached: answers[String(index)] === true }));
  }

  async function probe(run: ProbeRun): Promise<IsolationReport> {
    const image = await probeImageEnsure(parts.store, await parts.platform(run.signal), run.signal);
    const ours = await makeNetwork(run, 1);
    const theirs = await makeNetwork(run, 2);
    await firewall.assert();
    const addresses = await hostAddressesRead();
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

  async function nextRun(closing: AbortSignal): Promise<ProbeRun> {
    const moment = `${context.now().toISOString()} ${process.pid} ${process.hrtime.bigint()}`;
    const hash = createHash('sha256').update(`${installationId} ${moment}`).digest('hex');
    const deadline = AbortSignal.timeout(PROBE_DEADLINE_MS);
    return {
      id: hash.slice(0, 8),
      process: await processMark(),
      token: hash.slice(8, 40),
      signal: AbortSignal.any([closing, deadline]),
      making: AbortSignal.any([abortedAfter(closing, parts.endMs.creation), deadline]),
    };
  }

  return async (closing) => {
    if (!parts.isLocal) return unknownReport('the Docker engine is on another machine.');
    const run = await nextRun(closing);
    try {
      // Another process may be removing the same remains, which must not spoil this probe.
      await clean(null, run.signal).catch((error: unknown) => {
        if (run.signal.aborted) throw error;
        context.log.info({ err: error }, 'objects of an earlier isolation probe are still there');
      });
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
      // Has its own deadline, so that everything is removed even if the probe was late or is cancelled.
      const late = AbortSignal.any([
        AbortSignal.timeout(CLEANUP_DEADLINE_MS),
        abortedAfter(closing, parts.endMs.creation + parts.endMs.removal),
      ]);
      await clean(run.id, late).catch((error: unknown) => {
        const level = closing.aborted ? 'info' : 'warn';
        context.log[level]({ err: error }, 'the isolation probe left objects behind');
      });
    }
  };
}
