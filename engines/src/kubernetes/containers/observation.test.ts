import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerStatus, Deployment, Pod } from '../api/objects.ts';
import { exitRecordNext, observationOf } from './observation.ts';

const AT = '2026-01-01T00:00:00Z';
const LATER = '2026-01-01T00:00:05Z';

function deployment(exits?: object): Deployment {
  return {
    metadata: {
      ...{ name: 'web-7', namespace: 'dollarbox-aaaabbbbcccc-3', uid: 'd', resourceVersion: '1' },
      creationTimestamp: AT,
      labels: { 'dollarbox.io/container': '7', 'dollarbox.io/tenant': '3' },
      annotations: {
        'dollarbox.io/spec': 'hash',
        'dollarbox.io/name': 'web',
        ...(exits && { 'dollarbox.io/exits': JSON.stringify(exits) }),
      },
    },
    spec: { template: { spec: { containers: [{ image: 'r/web@sha256:1' }] } } },
  };
}

function pod(status: ContainerStatus, changes: Partial<Pod['metadata']> = {}): Pod {
  return {
    metadata: { name: 'p', uid: 'p', resourceVersion: '1', creationTimestamp: AT, ...changes },
    status: { phase: 'Running', containerStatuses: [status] },
  };
}

const terminated = {
  ...{ exitCode: 3, reason: 'Error', message: 'the last line\n', startedAt: AT, finishedAt: LATER },
};

function observed(pods: Pod[], exits?: object) {
  return observationOf('aaaabbbbcccc', {
    ...{ deployment: deployment(exits), pods, service: undefined },
  });
}

test('without a pod it is created, and has no exits', () => {
  const { state, startedAt, exits, startError } = observed([]);
  assert.deepEqual(
    [state, startedAt, exits.count, exits.last, startError],
    [...['created', null, 0, null, null]],
  );
});

test('of several pods the newest counts, of those that are not ending', () => {
  const old = pod({ restartCount: 0, state: { running: {} } });
  const waiting: ContainerStatus = { restartCount: 0, state: { waiting: {} } };
  const next = pod(waiting, { uid: 'next', creationTimestamp: LATER });
  const ending = pod(waiting, { ...next.metadata, deletionTimestamp: LATER });
  for (const pods of [
    [old, next],
    [next, old],
  ]) {
    assert.equal(observed(pods).state, 'created');
  }
  assert.equal(observed([ending, old]).state, 'running');
});

test('an exit counts once: when it happens, between two tries, and after the next start', () => {
  for (const [status, count, state] of [
    [{ restartCount: 0, state: { terminated } }, 1, 'exited'],
    [{ restartCount: 0, state: { waiting: {} }, lastState: { terminated } }, 1, 'exited'],
    [{ restartCount: 1, state: { running: {} }, lastState: { terminated } }, 1, 'running'],
    [{ restartCount: 1, state: { terminated }, lastState: { terminated } }, 2, 'exited'],
  ] as const) {
    const found = observed([pod(status)]);
    assert.deepEqual([found.exits.count, found.state], [count, state], JSON.stringify(status));
    const { code, lastLines } = found.exits.last ?? assert.fail();
    assert.deepEqual([code, lastLines], [3, 'the last line\n']);
  }
});

test('the exits of pods that are gone still count', () => {
  const objects = (status: ContainerStatus, uid: string, exits: object) => ({
    ...{ deployment: deployment(exits), pods: [pod(status, { uid })], service: undefined },
  });
  const running = { restartCount: 2, state: { running: {} } };
  const first = exitRecordNext(objects(running, 'one', {}));
  assert.deepEqual(first, { pod: 'one', count: 2, before: 0 });
  const next = exitRecordNext(objects({ restartCount: 0, state: { running: {} } }, 'two', first));
  assert.deepEqual(next, { pod: 'two', count: 0, before: 2 });
  assert.equal(observed([pod({ restartCount: 1, state: { running: {} } })], next).exits.count, 3);
});

test('a count that somebody edited does no harm', () => {
  const edited = deployment();
  edited.metadata.annotations = { 'dollarbox.io/exits': 'nonsense' };
  const record = exitRecordNext({ deployment: edited, pods: [], service: undefined });
  assert.deepEqual(record, { pod: '', count: 0, before: 0 });
});

test('being killed for memory use is reported as such', () => {
  const oom = { ...terminated, exitCode: 137, reason: 'OOMKilled' };
  assert.equal(
    observed([pod({ restartCount: 0, state: { terminated: oom } })]).exits.last?.isOutOfMemory,
    true,
  );
});

test('a process that can not be started is told from one that ended', () => {
  const message =
    'failed to create containerd task: OCI runtime create failed: runc create failed: unable to start container process: exec: "/no": stat /no: no such file or directory: unknown';
  const failed = { exitCode: 128, reason: 'StartError', message, startedAt: AT, finishedAt: AT };
  const { startError, exits, state } = observed([
    pod({ restartCount: 0, state: { terminated: failed } }),
  ]);
  assert.equal(state, 'exited');
  assert.match(startError ?? '', /no such file or directory$/);
  assert.deepEqual([exits.count, exits.last?.startedAt, exits.last?.lastLines], [1, null, null]);
});

test('a pod that is ending counts only if there is no other', () => {
  const ending = pod({ restartCount: 0, state: { running: {} } }, { deletionTimestamp: LATER });
  const other = pod({ restartCount: 0, state: { waiting: {} } }, { uid: 'other' });
  assert.equal(observed([ending]).state, 'running');
  assert.equal(observed([ending, other]).state, 'created');
});
