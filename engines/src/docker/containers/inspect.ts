/** Docker's own description of one container. */
import type { DockerApi } from '../daemon/api.ts';
import { unlessMissing } from '../daemon/errors.ts';
import { isOurContainer } from './observation.ts';
import type { DockerContainer } from './observation.ts';

/** @param ref an id, a prefix of one, or a name: Docker accepts each of them. */
export function containerInspect(
  api: DockerApi,
  ref: string,
  signal: AbortSignal,
): Promise<DockerContainer | undefined> {
  const path = `/containers/${ref}/json`;
  return unlessMissing(api.call<DockerContainer>({ method: 'GET', path, signal }));
}

/** The container with that exact id, if this installation created it. */
export async function ownContainerInspect(
  api: DockerApi,
  installationId: string,
  ref: string,
  signal: AbortSignal,
): Promise<DockerContainer | undefined> {
  const found = await containerInspect(api, ref, signal);
  // Docker also accepts names and id prefixes as references. An action on one container must not.
  return found?.Id === ref && isOurContainer(found, installationId) ? found : undefined;
}
