/** The name of a container in its tenant's DNS. */
import type Docker from 'dockerode';
import { EngineError } from '../../contract.ts';
import type { ContainerListing, ContainerSpec } from '../../contract.ts';
import { LABELS, labelFilters } from '../base/names.ts';
import type { DockerApi } from '../daemon/api.ts';
import type { NameWaiters } from '../../name-waiters.ts';
import { containerListingRead } from './observation.ts';

interface NameParts {
  installationId: string;
  api: DockerApi;
  nameWaiters: NameWaiters;
}

/**
 * A name leads to one container. While it still resolves to another, this one waits for that one's end.
 * @throws EngineError `name_busy`.
 */
export async function requireFreeName(
  parts: NameParts,
  spec: ContainerSpec,
  signal: AbortSignal,
): Promise<void> {
  const holder = await findNameHolder(parts, spec, signal);
  if (holder === undefined) return;
  parts.nameWaiters.add(holder.id, spec.id);
  throw new EngineError(
    'retryable',
    'name_busy',
    `The container that was called "${spec.name}" before is still ending.`,
  );
}

/** Another container that runs under this name. It must be in deletion, or the name would not be free. */
async function findNameHolder(
  { installationId, api }: Pick<NameParts, 'installationId' | 'api'>,
  spec: ContainerSpec,
  signal: AbortSignal,
): Promise<ContainerListing | undefined> {
  const filters = labelFilters(
    installationId,
    `${LABELS.tenant}=${spec.tenantId}`,
    `${LABELS.name}=${spec.name}`,
    LABELS.container,
  );
  const path = '/containers/json';
  const running = await api.call<Docker.ContainerInfo[]>({
    method: 'GET',
    path,
    query: { filters },
    signal,
  });
  return running.map(containerListingRead).find((listing) => listing.id !== spec.id);
}
