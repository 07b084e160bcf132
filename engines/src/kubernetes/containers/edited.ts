/** Tells whether somebody else has changed the objects of a container. Pure. */
import { FIELD_MANAGER } from '../api/client.ts';
import type { Deployment, Pod } from '../api/objects.ts';
import { ANNOTATIONS } from '../base/names.ts';

/**
 * Whether somebody else has changed what a Deployment runs since we last did. Its generation grows with each change of
 * its spec, and with each of its annotations too: a change by a tool that only annotates does not count.
 */
export function isEdited({ metadata, spec }: Deployment): boolean {
  const { generation, annotations, deletionTimestamp, managedFields = [] } = metadata;
  const noted = annotations?.[ANNOTATIONS.generation];
  if (noted === undefined || generation === undefined || deletionTimestamp !== undefined) {
    return false;
  }
  if (generation === Number(noted)) return false;
  const others = managedFields.filter(
    ({ manager, subresource }) => manager !== FIELD_MANAGER && subresource !== 'status',
  );
  if (others.some(({ fieldsV1 }) => fieldsV1?.['f:spec'] !== undefined)) return true;
  // Whoever only removes fields owns none. An end that has begun pauses the Deployment, which is a change of ours.
  return others.length === 0 && spec.paused !== true;
}

/** Whether a pod can't start because the Secret with its env is gone. Secrets themselves are never read. */
export function lacksEnv(pod: Pod | undefined, secretName: string): boolean {
  const { reason, message } = pod?.status?.containerStatuses?.[0]?.state?.waiting ?? {};
  return (
    reason === 'CreateContainerConfigError' &&
    message?.includes(`secret "${secretName}" not found`) === true
  );
}
