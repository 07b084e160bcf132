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

/** On its tenant's network, by its address and under its name. */
function isConnected(container: DockerContainer): boolean {
  const labels = container.Config.Labels;
  const network = networkDockerName(
    labels[LABELS.installation] ?? '',
    Number(labels[LABELS.tenant]),
  );
  const endpoint = container.NetworkSettings.Networks[network];
  return (
    endpoint !== undefined &&
    endpoint.EndpointID !== '' &&
    canonicalIpv6(endpoint.GlobalIPv6Address) === canonicalIpv6(labels[LABELS.address] ?? '') &&
    (endpoint.Aliases as string[] | null)?.includes(labels[LABELS.name] ?? '') === true
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
  const hasExited = state === 'exited' && docker.Running === false && startError === null;
  return {
    ref: container.Id,
    id: Number(labels[LABELS.container]),
    tenantId: Number(labels[LABELS.tenant]),
    name: labels[LABELS.name] ?? '',
    specHash: labels[LABELS.spec] ?? '',
    state,
    connected: isConnected(container),
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
  return {
    ref: container.Id,
    id: Number(container.Labels[LABELS.container]),
    tenantId: Number(container.Labels[LABELS.tenant]),
    specHash: container.Labels[LABELS.spec] ?? '',
    state: containerState(container.State),
  };
}
