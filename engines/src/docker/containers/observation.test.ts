import assert from 'node:assert/strict';
import { test } from 'node:test';
import { containerObserve } from './observation.ts';
import type { DockerContainer } from './observation.ts';

const NEVER = '0001-01-01T00:00:00Z';

function container(state: Partial<DockerContainer['State']>, endpoint?: object): DockerContainer {
  return {
    Id: 'f00',
    Created: '2026-01-01T00:00:10.1Z',
    Image: 'sha256:1',
    Name: '/dbx-abcdefgh1234-c7',
    State: {
      Status: 'running',
      Running: state.Status === undefined || state.Status === 'running',
      OOMKilled: false,
      ExitCode: 0,
      Error: '',
      StartedAt: '2026-01-01T00:00:10.5Z',
      FinishedAt: NEVER,
      ...state,
    },
    Config: {
      Labels: {
        'dollarbox.installation': 'abcdefgh1234',
        'dollarbox.container': '7',
        'dollarbox.tenant': '3',
        'dollarbox.spec': 'hash',
        'dollarbox.name': 'web',
        'dollarbox.address': 'fd00:0::107',
      },
    },
    Mounts: [],
    NetworkSettings: {
      Networks: {
        'dbx-abcdefgh1234-t3': endpoint ?? {
          EndpointID: 'e',
          GlobalIPv6Address: 'fd00::107',
          Aliases: ['web', 'f00'],
        },
      },
    },
  } as unknown as DockerContainer;
}

test('a running container on its network', () => {
  assert.deepEqual(containerObserve(container({})), {
    ref: 'f00',
    id: 7,
    tenantId: 3,
    name: 'web',
    specHash: 'hash',
    imageId: 'sha256:1',
    state: 'running',
    connected: true,
    ipv6Address: 'fd00:0::107',
    createdAt: new Date('2026-01-01T00:00:10.100Z'),
    startedAt: new Date('2026-01-01T00:00:10.500Z'),
    exits: { count: 0, last: null },
    startError: null,
    warnings: null,
  });
});

test('another address, another name or no endpoint is not connected', () => {
  const good = { EndpointID: 'e', GlobalIPv6Address: 'fd00::107', Aliases: ['web'] };
  for (const change of [
    { GlobalIPv6Address: 'fd00::108' },
    { GlobalIPv6Address: '' },
    { Aliases: ['f00'] },
    { Aliases: null },
    { EndpointID: '' },
  ]) {
    const { connected } = containerObserve(container({}, { ...good, ...change }));
    assert.equal(connected, false, JSON.stringify(change));
  }
});

test('killed by someone is not out of memory; nor is an exit that ended well', () => {
  const exited = { Status: 'exited', FinishedAt: '2026-01-01T00:01:00Z' };
  const observe = (state: object) =>
    containerObserve(container({ ...exited, ...state })).exits.last;
  assert.equal(observe({ ExitCode: 137 })?.isOutOfMemory, false);
  assert.equal(observe({ ExitCode: 137, OOMKilled: true })?.isOutOfMemory, true);
  assert.equal(observe({ ExitCode: 0, OOMKilled: true })?.isOutOfMemory, false);
  assert.deepEqual(containerObserve(container({ OOMKilled: true })).exits, {
    count: 0,
    last: null,
  });
});

test('a process does not end before it started', () => {
  const ended = { Status: 'exited', FinishedAt: '2026-01-01T00:00:10.4Z', ExitCode: 1 };
  const { last } = containerObserve(container(ended)).exits;
  assert.deepEqual(last?.startedAt, last?.finishedAt);
  assert.equal(last?.code, 1);
});

test('an exit is the same one after the next start, though Docker forgets how it was', () => {
  for (const finished of ['2026-01-01T00:00:10.4Z', '2026-01-01T00:01:00Z']) {
    const exited = { Status: 'exited', FinishedAt: finished, ExitCode: 1 };
    const again = { Status: 'running', FinishedAt: finished, StartedAt: '2026-01-01T00:02:00Z' };
    const [before, after] = [exited, again].map(
      (state) => containerObserve(container(state)).exits,
    );
    assert.deepEqual(after?.last?.finishedAt, before?.last?.finishedAt);
    assert.deepEqual([before?.count, after?.count], [1, 1]);
    assert.deepEqual([after?.last?.code, after?.last?.startedAt], [null, null]);
  }
});

test('a start that failed has a reason and no exit code', () => {
  const observed = containerObserve(
    container({
      Status: 'created',
      StartedAt: NEVER,
      ExitCode: 127,
      Error:
        'failed to create shim task: OCI runtime create failed: runc create failed: unable to start ' +
        'container process: exec: "nope": executable file not found in $PATH: unknown',
    }),
  );
  assert.equal(observed.state, 'created');
  assert.equal(observed.exits.last, null);
  assert.equal(observed.startedAt, null);
  assert.equal(
    observed.startError,
    'The process could not be started: exec: "nope": executable file not found in $PATH',
  );
});

test('an exit that was followed by a start that failed has no code any more', () => {
  const observed = containerObserve(
    container({
      Status: 'exited',
      ExitCode: 128,
      FinishedAt: '2026-01-01T00:01:00Z',
      Error: 'Address already in use',
    }),
  );
  const { last } = observed.exits;
  assert.deepEqual([last?.code, last?.isOutOfMemory], [null, false]);
  assert.deepEqual(last?.finishedAt, new Date('2026-01-01T00:01:00Z'));
});

test("a start that failed for the engine's own reasons is not the process's fault", () => {
  const Error = 'Address already in use';
  assert.equal(containerObserve(container({ Status: 'created', Error })).startError, null);
});
