/** Why a container does not run, from what the cluster says about its pod. Pure. */
import type { ContainerObstacle } from '../../contract.ts';
import { conditionOf } from '../api/objects.ts';
import type { Condition, Deployment, Pod } from '../api/objects.ts';
import { PULL_FAILURES, pullFailure } from '../base/pull-failure.ts';

/** Kubernetes' names of what a node may lack, and ours. */
const RESOURCES: readonly (readonly [RegExp, string])[] = [
  [/Insufficient memory/, 'memory'],
  [/Insufficient cpu/, 'CPU'],
  [/Insufficient ephemeral-storage/, 'disk space'],
  [/Too many pods/i, 'room for another pod'],
  [/volume node affinity conflict/, 'access to its volume'],
  [/unbound (?:immediate )?PersistentVolumeClaims/, 'its volume, which is not bound yet'],
  [/free ports/, 'a free port'],
];

export function unschedulableSentence(said: string): string {
  const lacking = RESOURCES.filter(([pattern]) => pattern.test(said)).map(([, name]) => name);
  if (lacking.length > 0) return `No node of the cluster has what it needs: ${lacking.join(', ')}.`;
  if (/taint|unschedulable|not ready/i.test(said)) return 'No node of the cluster takes it now.';
  return 'No node of the cluster can run it.';
}

function dateOf({ lastTransitionTime }: Condition, otherwise: string): Date {
  return new Date(lastTransitionTime ?? otherwise);
}

/** No pod is made for it. */
function refusedPod({ metadata, status }: Deployment): ContainerObstacle | undefined {
  const failed = conditionOf(status?.conditions, 'ReplicaFailure', 'True');
  if (failed === undefined) return undefined;
  const since = dateOf(failed, metadata.creationTimestamp);
  if (/exceeded quota/.test(failed.message ?? '')) {
    const message =
      "The org's limit in the cluster is used up: something else of the org still runs there, or is being removed.";
    return { reason: 'quota', message, since };
  }
  const message = 'The cluster refuses to create its pod.';
  return { reason: 'engine_error', message, since };
}

/** @param pod the one that counts; undefined: there is none. */
export function obstacleOf(
  deployment: Deployment,
  pod: Pod | undefined,
): ContainerObstacle | undefined {
  if (deployment.metadata.deletionTimestamp !== undefined) return undefined;
  if (pod === undefined) return refusedPod(deployment);
  const { metadata, status } = pod;
  if (metadata.deletionTimestamp !== undefined) return undefined;
  const unscheduled = conditionOf(status?.conditions, 'PodScheduled', 'False');
  if (unscheduled?.reason === 'Unschedulable') {
    const since = dateOf(unscheduled, metadata.creationTimestamp);
    const message = unschedulableSentence(unscheduled.message ?? '');
    return { reason: 'unschedulable', message, since };
  }
  const process = status?.containerStatuses?.[0];
  const waiting = process?.state?.waiting;
  if (waiting?.reason !== undefined && PULL_FAILURES.has(waiting.reason)) {
    const since = new Date(metadata.creationTimestamp);
    return { ...pullFailure(waiting.message ?? ''), since };
  }
  // Whoever watches the nodes says so of each pod there; the process may well run.
  const unready = conditionOf(status?.conditions, 'Ready', 'False');
  const isReady = process?.ready === true && process.state?.running !== undefined;
  if (unready === undefined || !isReady) return undefined;
  const message =
    'The node that it runs on does not answer, so it is not known whether it still runs.';
  return { reason: 'node_lost', message, since: dateOf(unready, metadata.creationTimestamp) };
}
