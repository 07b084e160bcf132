import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { Readable } from 'node:stream';
import { it } from 'node:test';
import type { Subscription, Wake } from '../feed/feed.ts';
import type { Call } from './route.ts';
import { type StreamStep, streamAnswer, streamFormatOf } from './stream.ts';

const FORMAT = streamFormatOf('text/event-stream') ?? assert.fail();
const NOTHING: StreamStep = { text: '', hasMore: false };

/** A subscription in which time passes as fast as it is waited for. */
function streamOf(steps: (index: number) => StreamStep, wake: (waitedMs: number) => Wake) {
  let waitedMs = 0;
  let isClosed = false;
  let index = 0;
  const subscription: Subscription = {
    async next(timeoutMs) {
      const before = waitedMs;
      const woken = wake(before);
      if (woken === 'timeout') waitedMs += timeoutMs;
      return woken;
    },
    ended: () => (wake(waitedMs) === 'stopping' ? 'stopping' : null),
    eventsTake: () => null,
    wake() {},
    access: () => ({ role: 'member' }),
    close: () => (isClosed = true),
  };
  const call = { request: { raw: new EventEmitter() } } as unknown as Pick<Call, 'request'>;
  const answer = streamAnswer(
    {
      ...{ call, format: FORMAT, cursor: null, subscription },
      next: async () => steps((index += 1)),
    },
    () => undefined,
  );
  const stream = answer.stream as Readable;
  return {
    stream,
    waitedMs: () => waitedMs,
    isClosed: () => isClosed,
    steps: () => index,
  };
}

it('a stream without rows has a comment every 15 seconds', async () => {
  const followed = streamOf(
    () => NOTHING,
    (waitedMs) => (waitedMs >= 60_000 ? 'stopping' : 'timeout'),
  );
  const text = (await followed.stream.toArray()).join('');
  const comments = text.split('\n\n').filter((block) => block === ': alive');
  // One begins the stream.
  assert.equal(comments.length, 1 + 60 / 15);
  assert.match(text, /event: end\ndata: \{"type":"end","reason":"server_stopping"\}\n\n$/);
  assert.equal(followed.isClosed(), true);
});

it('nothing is read for a reader that takes nothing', async () => {
  const row = `data: ${'x'.repeat(10_000)}\n\n`;
  const followed = streamOf(
    () => ({ text: row, hasMore: true }),
    () => 'changed',
  );
  followed.stream.once('readable', () => undefined);
  // As often as it could be asked for more.
  for (let turn = 0; turn < 1000; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(followed.steps() < 50, `${followed.steps()} steps`);
  followed.stream.destroy();
});
