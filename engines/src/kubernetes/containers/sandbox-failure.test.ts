import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Condition, Deployment, Pod } from '../api/objects.ts';
import { isRangeRefused, isReplaceable, waitsForSandboxSince } from './sandbox-failure.ts';

const START_MS = Date.parse('2026-01-01T00:00:00Z');
const at = (seconds: number) => new Date(START_MS + seconds * 1000);

function condition(type: string, status: string, seconds: number): Condition {
  return { type, status, lastTransitionTime: at(seconds).toISOString() };
}

function pod(changes: { createdAt?: number; spec?: Pod['spec']; status?: Pod['status'] }): Pod {
  const { createdAt = 0, spec = { nodeName: 'node', hostUsers: false }, status = {} } = changes;
  const creationTimestamp = at(createdAt).toISOString();
  return {
    metadata: { name: 'p', uid: 'p', resourceVersion: '1', creationTimestamp },
    spec,
    status,
  };
}

test('a pod waits for its sandbox from when its node says so until its process runs', () => {
  const conditions = [condition('PodReadyToStartContainers', 'False', 3)];
  const creating = { restartCount: 0, state: { waiting: { reason: 'ContainerCreating' } } };
  const running = { restartCount: 0, state: { running: {} } };
  const since = (changes: Parameters<typeof pod>[0]) => waitsForSandboxSince(pod(changes));
  assert.deepEqual(since({ status: { conditions, containerStatuses: [creating] } }), at(3));
  assert.equal(since({ status: { conditions, containerStatuses: [running] } }), null);
  assert.equal(since({ status: { containerStatuses: [creating] } }), null);
  assert.equal(since({ spec: {}, status: { conditions } }), null);
});

test("the kernel's refusal is told from other failures", () => {
  const refused = [
    'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to create network namespace for sandbox "1": failed to start noop process for unshare: fork/exec /proc/self/exe: invalid argument',
    'Failed to create pod sandbox: OCI runtime create failed: runc create failed: nsexec[9]: failed to update /proc/12/uid_map: Invalid argument',
    'Failed to create pod sandbox: container create failed: write to `/proc/12/gid_map`: Invalid argument',
  ];
  const others = [
    'Failed to create pod sandbox: plugin type="cni" failed (add): no addresses',
    'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "1": plugin type="bridge" failed (add): failed to set bridge addr: invalid argument',
    'Failed to create pod sandbox: failed to setup network for sandbox "1": error adding pod org_unshare-7 to CNI network "pods": invalid argument',
    'Failed to create pod sandbox: failed to start noop process for unshare: fork/exec /proc/self/exe: no space left on device',
  ];
  for (const message of refused) {
    assert.equal(isRangeRefused(pod({}), [...others, message]), true, message);
    assert.equal(isRangeRefused(pod({ spec: { nodeName: 'node' } }), [message]), false);
  }
  for (const message of others) assert.equal(isRangeRefused(pod({}), [message]), false, message);
});

test('the first pod is replaced at once, and each later one after twice as long', () => {
  const conditions = [condition('Available', 'False', 0)];
  const deployment = { status: { conditions } } as Deployment;
  const isDue = (createdAt: number, seconds: number) =>
    isReplaceable(deployment, pod({ createdAt }), at(seconds));
  assert.equal(isDue(0, 0), true);
  assert.equal(isDue(6, 8), false);
  assert.equal(isDue(6, 12), true);
  assert.equal(isDue(60, 110), false);
  assert.equal(isDue(60, 120), true);
});
