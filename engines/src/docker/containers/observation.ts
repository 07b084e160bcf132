/** Translates Docker's description of a container to the contract's observation: no calls, no state. */
import type Docker from 'dockerode';
import type { ContainerListing, ContainerObservation, ContainerState } from '../../contract.ts';
import { canonicalIpv6 } from '../network/ip.ts';
import { LABELS, networkDockerName } from '../base/names.ts';
import { startErrorSentence } from './start-error.ts';

export type DockerContainer = Docker.ContainerInspectInfo;

/**
 * Docker statuses that are not in the contract: a container that is being removed, or is half removed, is not
 * running.
 */
function containerState(status: string): ContainerState {
  if (status === 'created' || status === 'running' || status === 'paused') return status;
  return 'exited';
}

/** Docker writes the year 1 for never. */
function dockerDate(text: string): Date | null {
  const date = new Date(text);
  return date.getTime() > 0 ? date : null;
}

/**
 * By Docker's clock, a process that ends immediately has ended slightly before it started. The time of the end is left
 * as it is, since it identifies the exit also after the next start.
 */
function earliest(startedAt: Date | null, finishedAt: Date): Date | null {
  return startedAt !== null && finishedAt < startedAt ? finishedAt : startedAt;
}

interface Endpoint {
  EndpointID: string;
  GlobalIPv6Address: string;
  Aliases?: string[] | null;
}

/**
 * Whether it runs on its tenant's network, with its address and its name.
 * @param hasAliases false: Docker's list contains no aliases, so the name is assumed to be right.
 */
function isConnected(
  labels: Record<string, string>,
  state: ContainerState,
  networks: Record<string, Endpoint>,
  hasAliases: boolean,
): boolean {
  // For other states, Docker's list and its inspection differ.
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

/** Whether a container is one of this installation's API containers. The probe's containers are not. */
export function isOurContainer(container: DockerContainer, installationId: string): boolean {
  const labels = container.Config.Labels;
  return labels[LABELS.installation] === installationId && labels[LABELS.container] !== undefined;
}

/** @param container a container for which {@link isOurContainer} holds. */
export function containerObserve(container: DockerContainer): ContainerObservation {
  const labels = container.Config.Labels;
  const { State: docker } = container;
  const state = containerState(docker.Status);
  const startError = startErrorSentence(
    docker.Error,
    container.Mounts.map(({ Destination }) => Destination),
  );
  const startedAt = dockerDate(docker.StartedAt);
  const finishedAt = dockerDate(docker.FinishedAt);
  // If it could not be started again, for whatever reason, the exit code belongs to that failure.
  const hasExited = state === 'exited' && docker.Error === '';
  const lastExit = finishedAt && {
    // Docker clears these when it starts a process again.
    code: hasExited ? docker.ExitCode : null,
    // Docker also sets the flag if a child was killed and the container survived. Then no exit was caused by it.
    isOutOfMemory: hasExited && docker.OOMKilled && docker.ExitCode !== 0,
    startedAt: hasExited ? earliest(startedAt, finishedAt) : null,
    finishedAt,
    lastLines: null,
  };
  return {
    ref: container.Id,
    id: Number(labels[LABELS.container]),
    tenantId: Number(labels[LABELS.tenant]),
    name: labels[LABELS.name] ?? '',
    specHash: labels[LABELS.spec] ?? '',
    imageId: container.Image,
    state,
    connected: isConnected(labels, state, container.NetworkSettings.Networks, true),
    ipv6Address: labels[LABELS.address] ?? null,
    createdAt: new Date(container.Created),
    startedAt,
    exits: { count: lastExit === null ? 0 : 1, last: lastExit },
    startError: state === 'created' || state === 'exited' ? startError : null,
    warnings: null,
  };
}

/** @param container from Docker's list, filtered by our labels. */
export function containerListingRead(container: Docker.ContainerInfo): ContainerListing {
  const { Labels: labels } = container;
  const state = containerState(container.State);
  return {
    ref: container.Id,
    id: Number(labels[LABELS.container]),
    tenantId: Number(labels[LABELS.tenant]),
    specHash: labels[LABELS.spec] ?? '',
    state,
    connected: isConnected(labels, state, container.NetworkSettings.Networks, false),
    ipv6Address: labels[LABELS.address] ?? null,
    exitCount: null,
  };
}
