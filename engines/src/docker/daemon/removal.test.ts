import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DockerCallError, type DockerApi, type DockerCall } from './api.ts';
import { containerRemove } from './removal.ts';

const UNDER_WAY = 'removal of container c1 is already in progress';

/** A Docker that gives these answers in turn: each an HTTP status and a message. */
function dockerSaying(...answers: [status: number, text: string][]) {
  const calls: string[] = [];
  async function call<T>(one: DockerCall): Promise<T> {
    calls.push(`${one.method} ${one.path}`);
    one.signal.throwIfAborted();
    const [status, text] = answers.shift() ?? assert.fail('one call too many');
    if (status >= 400) throw new DockerCallError(one, status, null, text);
    return '' as T;
  }
  const api: DockerApi = { call, stream: () => assert.fail(), close() {} };
  return { api, calls };
}

const { signal } = new AbortController();

test('a removal that is already in progress succeeds once the container is gone', async () => {
  const answers: [number, string][] = [
    [409, UNDER_WAY],
    [409, UNDER_WAY],
    [404, 'No such container: c1'],
  ];
  const { api, calls } = dockerSaying(...answers);
  await containerRemove(api, 'c1', signal);
  assert.deepEqual(calls, Array.from({ length: 3 }).fill('DELETE /containers/c1'));
});

test('it is retried if the removal in progress failed', async () => {
  const { api, calls } = dockerSaying([409, UNDER_WAY], [204, '']);
  await containerRemove(api, 'c1', signal);
  assert.equal(calls.length, 2);
});

test('other conflicts and failures are reported to the caller', async () => {
  for (const answer of [
    [409, 'You cannot remove a paused container'],
    [500, 'driver failed'],
  ] as [number, string][]) {
    const { api } = dockerSaying(answer);
    await assert.rejects(containerRemove(api, 'c1', signal), { status: answer[0] });
  }
});

test('it does not wait longer than its caller', async () => {
  const deadline = new AbortController();
  const api: DockerApi = {
    async call<T>(one: DockerCall): Promise<T> {
      deadline.abort();
      throw new DockerCallError(one, 409, null, UNDER_WAY);
    },
    stream: () => assert.fail(),
    close() {},
  };
  await assert.rejects(containerRemove(api, 'c1', deadline.signal), { name: 'AbortError' });
});
