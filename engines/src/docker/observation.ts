/** Docker's account of a container as the contract's observation: no calls, no state. */
import type Docker from 'dockerode';
import type { ContainerListing, ContainerObservation, ContainerState } from '../contract.ts';
import { canonicalIpv6 } from './ip.ts';
import { LABELS, networkDockerName } from './names.ts';
import { startErrorSentence } from './start-error.ts';

export type DockerContainer = Docker.ContainerInspectInfo;

/** Docker's statuses that are not the contract's: being removed, or half removed, is not running. */
function containerState(status: string): ContainerState {
  if (status === 'created' || status === 'running' || status === 'paused') return status;
  return 'exited';
}

/** Docker writes the year 1 for never. */
function dockerDate(text: string): Date | null {
  const date = new Date(text);
  return date.getTime() > 0 ? date : null;
}

/** A process that ends at once has ended, by Docker's clock, a little before it started. */
function latest(startedAt: Date | null, finishedAt: Date | null): Date | null {
  if (startedAt === null || finishedAt === null) return finishedAt;
  return finishedAt < startedAt ? startedAt : finishedAt;
}

interface Endpoint {
  EndpointID: string;
  GlobalIPv6Address: string;
  Aliases?: string[] | null;
}

/**
 * Runs on its tenant's network, by its address and under its name.
 * @param hasAliases false: Docker's list has none, so the name is taken on trust.
 */
function isConnected(
  labels: Record<string, string>,
  state: ContainerState,
  networks: Record<string, Endpoint>,
  hasAliases: boolean,
): boolean {
  // Of others Docker's list and its inspection tell different things.
  if (state !== 'running' && state !== 'paused') return false;
  const installationId = labels[LABELS.installation] ?? '';
  const endpoint = networks[networkDockerName(installationId, Number(labels[LABELS.tenant]))];
  if (endpoint === undefined || endpoint.EndpointID === '') return false;
  const hasAddress =
    canonicalIpv6(endpoint.GlobalIPv6Address) === canonicalIpv6(labels[LABELS.address] ?? '');
  return (
    hasAddress && (!hasAliases || endpoint.Aliases?.includes(labels[LABELS.name] ?? '') === true)
  );
}

/** Whether a container is one of this installation's API containers; the probe's are not. */
export function isOurContainer(container: DockerContainer, installationId: string): boolean {
  const labels = container.Config.Labels;
  return labels[LABELS.installation] === installationId && labels[LABELS.container] !== undefined;
}

/** @param container for which {@link isOurContainer} holds. */
export function observeContainer(container: DockerContainer): ContainerObservation {
  const labels = container.Config.Labels;
  const { State: docker } = container;
  const state = containerState(docker.Status);
  const startError = startErrorSentence(docker.Error);
  const startedAt = dockerDate(docker.StartedAt);
  const finishedAt = dockerDate(docker.FinishedAt);
  // Whatever kept it from starting again, the exit code is that failure's.
  const hasExited = state === 'exited' && docker.Error === '';
  return {
    ref: container.Id,
    id: Number(labels[LABELS.container]),
    tenantId: Number(labels[LABELS.tenant]),
    name: labels[LABELS.name] ?? '',
    specHash: labels[LABELS.spec] ?? '',
    state,
    connected: isConnected(labels, state, container.NetworkSettings.Networks, true),
    startedAt,
    finishedAt: hasExited ? latest(startedAt, finishedAt) : finishedAt,
    exitCode: hasExited ? docker.ExitCode : null,
    // Docker keeps the flag when a child was killed and the container lived on: then no exit was for it.
    outOfMemory: hasExited && docker.OOMKilled && docker.ExitCode !== 0,
    startError: state === 'created' || state === 'exited' ? startError : null,
  };
}

/** @param container from Docker's list, filtered by our labels. */
export function listContainer(container: Docker.ContainerInfo): ContainerListing {
  const { Labels: labels } = container;
  const state = containerState(container.State);
  return {
    ref: container.Id,
    id: Number(labels[LABELS.container]),
    tenantId: Number(labels[LABELS.tenant]),
    specHash: labels[LABELS.spec] ?? '',
    state,
    connected: isConnected(labels, state, container.NetworkSettings.Networks, false),
  };
}
