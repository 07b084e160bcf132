import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Condition, Deployment, Pod } from '../api/objects.ts';
import { obstacleOf, unschedulableSentence } from './obstacle.ts';

const AT = '2026-01-01T00:00:00Z';
const LATER = '2026-01-01T00:00:05Z';

function metadata(name: string) {
  return { name, uid: name, resourceVersion: '1', creationTimestamp: AT };
}

function deployment(conditions: Condition[] = []): Deployment {
  return {
    metadata: metadata('web-7'),
    spec: { template: { spec: { containers: [{ image: 'r/web@sha256:1' }] } } },
    status: { conditions },
  };
}

function pod(status: NonNullable<Pod['status']>): Pod {
  return { metadata: metadata('p'), status };
}

function condition(type: string, status: string, more: Partial<Condition> = {}): Condition {
  return { type, status, lastTransitionTime: LATER, ...more };
}

function found(pods: Pod | undefined, conditions: Condition[] = []) {
  const { reason, since } = obstacleOf(deployment(conditions), pods) ?? {};
  return reason === undefined ? null : [reason, since?.toISOString()];
}

test('what no node has is named', () => {
  const said =
    '0/2 nodes are available: 1 Insufficient cpu, 2 Insufficient memory. preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod.';
  assert.match(unschedulableSentence(said), /needs: memory, CPU\.$/);
  assert.match(
    unschedulableSentence('0/1 nodes are available: 1 node(s) had untolerated taint {a: b}.'),
    /takes it now/,
  );
  assert.match(unschedulableSentence('anything else'), /can run it/);
});

test('an obstacle is why no process runs, and since when', () => {
  const unscheduled = condition('PodScheduled', 'False', {
    reason: 'Unschedulable',
    message: '0/1 nodes are available: 1 Too many pods.',
  });
  assert.deepEqual(found(pod({ phase: 'Pending', conditions: [unscheduled] })), [
    'unschedulable',
    new Date(LATER).toISOString(),
  ]);
  const waits = (reason: string, message: string) =>
    found(
      pod({
        phase: 'Pending',
        containerStatuses: [{ restartCount: 0, state: { waiting: { reason, message } } }],
      }),
    )?.[0];
  assert.equal(waits('ErrImagePull', 'rpc error: code = NotFound: not found'), 'image_not_found');
  assert.equal(waits('ImagePullBackOff', '401 Unauthorized'), 'image_pull_denied');
  assert.equal(waits('ErrImagePull', 'dial tcp: i/o timeout'), 'image_pull_error');
  assert.equal(waits('ContainerCreating', ''), undefined);
});

test('a pod that can not be created is told from one that is about to be', () => {
  const failed = (message: string) =>
    found(undefined, [condition('ReplicaFailure', 'True', { reason: 'FailedCreate', message })]);
  assert.equal(found(undefined), null);
  assert.equal(failed('pods "web" is forbidden: exceeded quota: dollarbox')?.[0], 'quota');
  assert.equal(failed('violates PodSecurity')?.[0], 'engine_error');
});

test('a pod whose node is silent is not ready, though its process was', () => {
  const running = { restartCount: 0, ready: true, state: { running: { startedAt: AT } } };
  const silent = condition('Ready', 'False');
  assert.equal(
    found(pod({ phase: 'Running', conditions: [silent], containerStatuses: [running] }))?.[0],
    'node_lost',
  );
  const starting = { ...running, ready: false };
  assert.equal(found(pod({ conditions: [silent], containerStatuses: [starting] })), null);
  const well = condition('Ready', 'True');
  assert.equal(found(pod({ conditions: [well], containerStatuses: [running] })), null);
});
