import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Deployment, FieldOwner, Pod } from '../api/objects.ts';
import { isEdited, lacksEnv } from './edited.ts';

const OURS: FieldOwner = { manager: 'dollarbox', fieldsV1: { 'f:spec': {} } };
const CLUSTERS: FieldOwner = {
  ...{ manager: 'kube-controller-manager', subresource: 'status', fieldsV1: { 'f:status': {} } },
};

function deployment(
  generation: number,
  noted: number | undefined,
  owners: FieldOwner[] = [],
  spec: Partial<Deployment['spec']> = {},
): Deployment {
  return {
    metadata: {
      ...{ name: 'web-7', uid: 'd', resourceVersion: '1', creationTimestamp: '', generation },
      managedFields: [OURS, CLUSTERS, ...owners],
      annotations: noted === undefined ? {} : { 'dollarbox.io/generation': String(noted) },
    },
    spec: { template: { spec: { containers: [] } }, ...spec },
  };
}

test('a Deployment of the noted generation is as we made it, whoever wrote to it before', () => {
  const kubectl = { manager: 'kubectl-edit', fieldsV1: { 'f:spec': {} } };
  assert.equal(isEdited(deployment(3, 3, [kubectl])), false);
  // Of a version that noted none.
  assert.equal(isEdited(deployment(3, undefined, [kubectl])), false);
});

test('a change of the spec by anybody else is found', () => {
  for (const owner of [
    { manager: 'kubectl-edit', fieldsV1: { 'f:spec': {}, 'f:metadata': {} } },
    { manager: 'kubectl', subresource: 'scale', fieldsV1: { 'f:spec': {} } },
  ]) {
    assert.equal(isEdited(deployment(4, 3, [owner])), true, owner.manager);
  }
  // Whoever only removes fields owns none.
  assert.equal(isEdited(deployment(4, 3)), true);
});

test('a note of some other tool is no change, and neither is an end that we began', () => {
  const noting = { manager: 'kubectl-annotate', fieldsV1: { 'f:metadata': {} } };
  assert.equal(isEdited(deployment(4, 3, [noting])), false);
  assert.equal(isEdited(deployment(4, 3, [], { paused: true })), false);
  const removed = deployment(4, 3);
  removed.metadata.deletionTimestamp = '2026-01-01T00:00:00Z';
  assert.equal(isEdited(removed), false);
});

test('a pod lacks its env only if the node misses exactly that Secret', () => {
  const pod = (reason: string, message: string): Pod => ({
    metadata: { name: 'p', uid: 'p', resourceVersion: '1', creationTimestamp: '' },
    status: { containerStatuses: [{ restartCount: 0, state: { waiting: { reason, message } } }] },
  });
  const lacks = (reason: string, message: string) => lacksEnv(pod(reason, message), 'web-7');
  assert.equal(lacks('CreateContainerConfigError', 'secret "web-7" not found'), true);
  assert.equal(lacks('CreateContainerConfigError', 'secret "other" not found'), false);
  assert.equal(lacks('CrashLoopBackOff', 'back-off'), false);
  assert.equal(lacksEnv(undefined, 'web-7'), false);
});
