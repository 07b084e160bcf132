import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import type { KubeApi } from '../api/client.ts';
import type { Pod } from '../api/objects.ts';
import { accessCreate } from './access.ts';
import type { ContainerStore } from './container-objects.ts';

const GONE = 'unable to retrieve container logs for containerd://0123';
const NEVER = new AbortController().signal;

/** Of a pod whose process was started again: what its node says of the former run, and of the latest. */
function accessOf({ former, latest }: { former: string; latest: string }) {
  const [startedAt, finishedAt] = ['2026-11-02T09:30:00Z', '2026-11-02T09:30:01Z'];
  const status = {
    restartCount: 1,
    state: { running: { startedAt: finishedAt } },
    lastState: { terminated: { exitCode: 1, startedAt, finishedAt } },
  };
  const pod = {
    metadata: { name: 'web-1', namespace: 'org', uid: 'pod' },
    status: { containerStatuses: [status] },
  };
  const api: Pick<KubeApi, 'stream'> = {
    async stream({ query }) {
      assert.equal(query?.['timestamps'], 'true');
      const said = query['previous'] === 'true' ? former : latest;
      return Readable.from([Buffer.from(said)]) as Awaited<ReturnType<KubeApi['stream']>>;
    },
  };
  const store: Pick<ContainerStore, 'findRef' | 'listKind'> = {
    findRef: async () => ({ namespace: 'org', name: 'web-1', uid: 'deployment', id: 1 }),
    listKind: async <T>() => [pod as unknown as Pod as T],
  };
  const access = accessCreate(api as KubeApi, store as ContainerStore);
  return {
    text: () => access.logs('ref', { tailLines: 10, maxBytes: 1000 }, NEVER),
    async lines() {
      const parts = await Array.fromAsync(access.lines('ref', {}, NEVER));
      return parts.flatMap(({ lines }) => lines.map(({ at, text }) => [at, text]));
    },
  };
}

test('the times of a log are in UTC, whatever the time zone of its node', async () => {
  const { lines, text } = accessOf({
    former: '2026-11-02T09:30:00.5Z one\n',
    latest: '2026-11-02T10:30:01.000000001+01:00 two\n2026-11-01T20:30:02-13:00  three ',
  });
  assert.deepEqual(await lines(), [
    ['2026-11-02T09:30:00.500000000Z', 'one'],
    ['2026-11-02T09:30:01.000000001Z', 'two'],
    ['2026-11-02T09:30:02.000000000Z', ' three '],
  ]);
  assert.equal(await text(), 'one\ntwo\n three ');
});

test('what a node says instead of a log that it has just removed is no line of it', async () => {
  const line = '2026-11-02T09:30:01Z one\n';
  const time = '2026-11-02T09:30:01.000000000Z';
  const former = accessOf({ former: GONE, latest: line });
  assert.deepEqual(await former.lines(), [[time, 'one']]);
  assert.equal(await former.text(), 'one\n');
  const latest = accessOf({ former: line, latest: GONE });
  assert.deepEqual(await latest.lines(), [[time, 'one']]);
  assert.equal(await latest.text(), 'one\n');
  // A process may write the same.
  const own = accessOf({ former: '', latest: `2026-11-02T09:30:01Z ${GONE}\n` });
  assert.deepEqual(await own.lines(), [[time, GONE]]);
  assert.equal(await own.text(), `${GONE}\n`);
});
