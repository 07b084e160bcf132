import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import type { LogPart } from '../../contract.ts';
import type { DockerApi, DockerCall } from '../daemon/api.ts';
import { DockerCallError } from '../daemon/api.ts';
import { LABELS } from '../base/names.ts';
import { dockerAccessCreate } from './access.ts';
import { ownContainersCreate } from './own-containers.ts';

const INSTALLATION = 'accesstest01';
const REF = 'a'.repeat(64);
/** Longer than any test runs. */
const DEADLINE_MS = 3_600_000;

function logFrame(text: string): Buffer {
  const payload = Buffer.from(`2026-11-02T09:30:00.123456789Z ${text}\n`);
  const head = Buffer.alloc(8);
  head[0] = 1;
  head.writeUInt32BE(payload.length, 4);
  return Buffer.concat([head, payload]);
}

/** A Docker whose one container has one line, and which answers what a container is when the test says so. */
function play() {
  const log = new PassThrough();
  log.write(logFrame('a line'));
  const inspected = Promise.withResolvers<unknown>();
  const asked = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<void>();
  const untilAborted = (call: DockerCall) =>
    new Promise<never>((_resolve, reject) => {
      const stop = () => reject(new DockerCallError(call, null, null, 'aborted'));
      if (call.signal.aborted) stop();
      call.signal.addEventListener('abort', stop, { once: true });
    });
  const api = {
    async call(call) {
      asked.resolve();
      return Promise.race([inspected.promise, untilAborted(call)]) as never;
    },
    async stream(call) {
      call.signal.addEventListener('abort', () => log.destroy(), { once: true });
      opened.resolve();
      return log;
    },
    close() {},
  } satisfies DockerApi;
  const answer = (installation: string) => {
    const Labels = { [LABELS.installation]: installation, [LABELS.container]: '1' };
    inspected.resolve({ Id: REF, Config: { Labels } });
  };
  const own = ownContainersCreate();
  const access = dockerAccessCreate({ installationId: INSTALLATION }, api, own, DEADLINE_MS);
  return { access, own, answer, log, asked: asked.promise, opened: opened.promise };
}

const never = new AbortController().signal;

/** The first lines of a log, and that they were given. */
function firstOf(parts: AsyncGenerator<LogPart>) {
  let isGiven = false;
  const lines = parts.next().then(({ value }: IteratorResult<LogPart, undefined>) => {
    isGiven = true;
    return value?.lines.map(({ text }) => text);
  });
  return { lines, isGiven: () => isGiven };
}

test('a log is opened while it is found out whose container it is, and given afterwards', async () => {
  const { access, answer, log, asked, opened } = play();
  const parts = access.follow(REF, { after: null }, never);
  const first = firstOf(parts);
  await Promise.all([asked, opened]);
  await new Promise((done) => setImmediate(done));
  assert.equal(first.isGiven(), false);
  answer(INSTALLATION);
  assert.deepEqual(await first.lines, ['a line']);
  await parts.return(undefined);
  assert.equal(log.destroyed, true);
});

test('Docker is not asked about a container that this process has observed', async () => {
  const { access, own } = play();
  own.add(REF);
  const parts = access.follow(REF, { after: null }, never);
  assert.deepEqual(await firstOf(parts).lines, ['a line']);
  await parts.return(undefined);
});

test('nothing is given of a container that is not ours, and its log is closed', async () => {
  for (const read of ['follow', 'lines'] as const) {
    const { access, answer, log, opened } = play();
    const parts =
      read === 'follow' ? access.follow(REF, { after: null }, never) : access.lines(REF, {}, never);
    const { lines } = firstOf(parts);
    await opened;
    answer('another00001');
    await assert.rejects(lines, { kind: 'not_found', reason: 'container_missing' });
    assert.equal(log.destroyed, true);
  }
});

test('whoever reads no more does not wait for a Docker that says nothing', async () => {
  const { access, asked } = play();
  const gone = new AbortController();
  const { lines } = firstOf(access.follow(REF, { after: null }, gone.signal));
  await asked;
  gone.abort();
  await assert.rejects(lines);
});
