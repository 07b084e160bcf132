/** What the cluster has of one container, from its objects. Pure. */
import type {
  ContainerExit,
  ContainerExits,
  ContainerListing,
  ContainerObservation,
  ContainerObstacle,
  ContainerState,
} from '../../contract.ts';
import type { ContainerStatus, Deployment, Pod, ProcessState, Service } from '../api/objects.ts';
import { ANNOTATIONS, LABELS, refRender } from '../base/names.ts';
import { isEdited, lacksEnv } from './edited.ts';
import { obstacleOf } from './obstacle.ts';
import { isLeadingTo } from './render.ts';

/** The exits that one Deployment's pods had: of the pod seen last, and of all before it. */
export interface ExitRecord {
  pod: string;
  count: number;
  before: number;
}

/** Why a process could not be started; anything else that a pod waits for comes by itself. */
const START_FAILURES: ReadonlySet<string> = new Set([
  ...['CreateContainerConfigError', 'CreateContainerError', 'RunContainerError', 'StartError'],
  ...['ContainerCannotRun', 'PostStartHookError', 'InvalidImageName'],
]);

export interface ContainerObjects {
  deployment: Deployment;
  pods: readonly Pod[];
  service: Service | undefined;
}

/** Whether the node has a run of the process before the latest one. Between two tries, both names mean the latest. */
export function formerRunHas(pod: Pod): boolean {
  const { state, lastState } = pod.status?.containerStatuses?.[0] ?? {};
  return lastState?.terminated !== undefined && state?.waiting === undefined;
}

/** A run of a pod's process that the node has the lines of. */
export interface PodRun {
  startedAt: Date | null;
  /** It is the one before the latest. */
  isFormer: boolean;
}

/** The runs of a pod's process that its node has, oldest first. Times are in whole seconds: two may have the same. */
export function runsOf(pod: Pod): PodRun[] {
  const { state, lastState } = pod.status?.containerStatuses?.[0] ?? {};
  const latest = state?.running ?? state?.terminated ?? lastState?.terminated;
  const runs = [{ startedAt: dateOf(latest?.startedAt), isFormer: false }];
  if (!formerRunHas(pod)) return runs;
  return [{ startedAt: dateOf(lastState?.terminated?.startedAt), isFormer: true }, ...runs];
}

/**
 * The pod that counts: one that is not ending, if there is one, and of several the newest. Those of a Deployment that
 * somebody has deleted run until the cluster's garbage collector removes them, beside that of the next Deployment.
 */
export function podOf(pods: readonly Pod[]): Pod | undefined {
  const newest = pods.toSorted((a, b) => createdMs(b) - createdMs(a));
  return (
    newest.find(
      ({ metadata, status }) =>
        metadata.deletionTimestamp === undefined && status?.phase !== 'Failed',
    ) ??
    newest.find(({ status }) => isRunning(status?.containerStatuses?.[0])) ??
    newest[0]
  );
}

function createdMs({ metadata }: Pod): number {
  return Date.parse(metadata.creationTimestamp);
}

function isRunning(status: ContainerStatus | undefined): boolean {
  return status?.state?.running !== undefined;
}

function dateOf(text: string | null | undefined): Date | null {
  return text === undefined || text === null ? null : new Date(text);
}

/** How many of this pod's processes have ended. */
function podExitCount(status: ContainerStatus | undefined): number {
  if (status === undefined) return 0;
  const { state, lastState, restartCount } = status;
  if (state?.terminated !== undefined) return restartCount + 1;
  // Between two tries, the last one is no longer the state, and not yet among the restarts.
  const isBetween = state?.waiting !== undefined && lastState?.terminated !== undefined;
  return isBetween ? restartCount + 1 : restartCount;
}

function lastExit(status: ContainerStatus | undefined): ContainerExit | null {
  const ended = status?.state?.terminated ?? status?.lastState?.terminated;
  if (ended === undefined) return null;
  const { exitCode, reason, message, finishedAt } = ended;
  return {
    code: exitCode,
    isOutOfMemory: reason === 'OOMKilled',
    startedAt: dateOf(startOf(ended)),
    finishedAt: dateOf(finishedAt) ?? new Date(0),
    // A process that ends well leaves no lines with its exit.
    lastLines: isStarted(ended) && message !== undefined ? message : null,
  };
}

type Ended = NonNullable<ProcessState['terminated']>;

function isStarted({ reason }: Ended): boolean {
  return reason === undefined || !START_FAILURES.has(reason);
}

/** When a process that has ended was started; of one that could not be started, Kubernetes shows 1970. */
function startOf(ended: Ended | undefined): string | null | undefined {
  return ended !== undefined && isStarted(ended) ? ended.startedAt : null;
}

/** The record as it is after `pod` was seen. */
export function exitRecordNext({ deployment, pods }: ContainerObjects): ExitRecord {
  const known = exitRecordRead(deployment);
  const pod = podOf(pods);
  if (pod === undefined) return known;
  const count = podExitCount(pod.status?.containerStatuses?.[0]);
  if (pod.metadata.uid === known.pod) return { ...known, count: Math.max(count, known.count) };
  return { pod: pod.metadata.uid, count, before: known.before + known.count };
}

export function exitRecordRead({ metadata }: Deployment): ExitRecord {
  const text = metadata.annotations?.[ANNOTATIONS.exits];
  try {
    const { pod, count, before } = JSON.parse(text ?? '{}') as Partial<ExitRecord>;
    return { pod: pod ?? '', count: count ?? 0, before: before ?? 0 };
  } catch {
    // Somebody edited it.
    return { pod: '', count: 0, before: 0 };
  }
}

function exitsOf(objects: ContainerObjects): ContainerExits {
  const { count, before } = exitRecordNext(objects);
  const last = lastExit(podOf(objects.pods)?.status?.containerStatuses?.[0]);
  return { count: before + count, last };
}

function stateOf(status: ContainerStatus | undefined): ContainerState {
  if (isRunning(status)) return 'running';
  const hasEnded =
    status?.state?.terminated !== undefined || status?.lastState?.terminated !== undefined;
  return hasEnded ? 'exited' : 'created';
}

function startErrorOf(status: ContainerStatus | undefined): string | null {
  const { waiting, terminated, running } = status?.state ?? {};
  if (running !== undefined) return null;
  const failed = [waiting, terminated, status?.lastState?.terminated].find(
    (each) => each?.reason !== undefined && START_FAILURES.has(each.reason),
  );
  if (failed === undefined) return null;
  return startErrorSentence(failed.message ?? failed.reason ?? '');
}

/** The part of a runtime's message that is about the process, in one line. */
function startErrorSentence(message: string): string {
  const [line = ''] = message.replaceAll(/\s+/g, ' ').split(': unknown');
  const found = /(?:exec|stat|chdir|unable to start container process|mkdir)[: ].*/.exec(line);
  return (found?.[0] ?? line).slice(0, 500).trim() || 'The process could not be started.';
}

/** The IPv6 address that the load balancer gave. */
function addressOf(service: Service | undefined): string | null {
  const found = service?.status?.loadBalancer?.ingress?.find(({ ip }) => ip?.includes(':'));
  return found?.ip ?? null;
}

export function listingOf(installationId: string, objects: ContainerObjects): ContainerListing {
  const { deployment, pods, service } = objects;
  const { name, namespace = '', uid, labels, annotations } = deployment.metadata;
  const id = Number(labels?.[LABELS.container]);
  const isForeign = isEdited(deployment) || lacksEnv(podOf(pods), name);
  return {
    ref: refRender({ namespace, name, uid }),
    id,
    tenantId: Number(labels?.[LABELS.tenant]),
    // What somebody else has changed is made from no spec.
    specHash: isForeign ? '' : (annotations?.[ANNOTATIONS.spec] ?? ''),
    state: stateOf(podOf(pods)?.status?.containerStatuses?.[0]),
    connected: service !== undefined && isLeadingTo(installationId, id, service),
    ipv6Address: addressOf(service),
    exitCount: exitsOf(objects).count,
  };
}

/** @param unready why its pod is not set up, if its node says so. */
export function observationOf(
  installationId: string,
  objects: ContainerObjects,
  unready?: ContainerObstacle,
): ContainerObservation {
  const obstacle = obstacleOf(objects.deployment, podOf(objects.pods)) ?? unready;
  const { exitCount: _count, ...listing } = listingOf(installationId, objects);
  const { deployment, pods } = objects;
  const pod = podOf(pods);
  const status = pod?.status?.containerStatuses?.[0];
  const last = status?.state?.terminated ?? status?.lastState?.terminated;
  return {
    ...listing,
    name: deployment.metadata.annotations?.[ANNOTATIONS.name] ?? '',
    imageId: deployment.spec.template.spec.containers[0]?.image ?? '',
    createdAt: new Date(deployment.metadata.creationTimestamp),
    startedAt: dateOf(status?.state?.running?.startedAt ?? startOf(last)),
    exits: exitsOf(objects),
    startError: startErrorOf(status),
    warnings: null,
    ...(obstacle && { obstacle }),
  };
}

/**
 * What a change of a pod says of its process.
 * @returns the code of a process that has ended since; null: one was started; undefined: neither.
 */
export function exitOf(pod: Pod, previous: Pod | undefined): number | null | undefined {
  const [now, before] = [pod, previous].map((each) => each?.status?.containerStatuses?.[0]);
  if (podExitCount(now) > podExitCount(before)) {
    return isRunning(now) ? null : (lastExit(now)?.code ?? undefined);
  }
  return isRunning(now) && !isRunning(before) ? null : undefined;
}
