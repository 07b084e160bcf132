import assert from 'node:assert/strict';
import { after, mock, test } from 'node:test';
import { type Container, type Volume, dollarboxClientCreate } from './connect.ts';
import { type ContainerWaitOptions, WaitTimeout, containerWait, volumeWait } from './wait.ts';

const CONTAINER = {
  id: 17,
  name: 'web',
  status: 'pending',
  status_reason: null,
  generation: 1,
  observed_generation: 0,
} as Container;

/** Time passes only while the server waits. */
let nowMs = 0;
const now = mock.method(performance, 'now', () => nowMs);
after(() => now.mock.restore());

interface Reply {
  body: object;
  /** Whether the server says that it has waited. */
  waited?: boolean;
  /** How long it takes, in milliseconds. */
  takesMs?: number;
  status?: number;
}

/** A client whose server answers from a script. */
function scripted(...replies: Reply[]) {
  const asked: (string | null)[] = [];
  const client = dollarboxClientCreate({
    ...{ baseUrl: 'http://box.example', token: 'dbx_test', retries: 0 },
    async fetch(request) {
      asked.push(request.headers.get('prefer'));
      const reply = replies.shift();
      assert.ok(reply, 'one request too many');
      const { body, waited = false, takesMs = 0, status = 200 } = reply;
      nowMs += takesMs;
      const headers = { ...(waited ? { 'preference-applied': 'wait=1' } : {}) };
      return Response.json(body, { status, headers });
    },
  });
  return { client, asked };
}

const wait = (client: ReturnType<typeof scripted>['client'], options?: ContainerWaitOptions) =>
  containerWait(client, 17, { pollMs: 1, ...options });
const state = (change: Partial<Container>) => ({ ...CONTAINER, ...change });

test('lets the server wait, and believes a reply that comes early', async () => {
  // Its fields alone would not show that it has settled, nor that it has not.
  const restarting = state({ status: 'running', observed_generation: 1 });
  const reads: Container[] = [];
  const { client, asked } = scripted(
    { body: restarting, waited: true, takesMs: 1000 },
    { body: state({ status: 'pending' }), waited: true },
  );
  const settled = await wait(client, { requestMs: 1000, onRead: (read) => reads.push(read) });
  assert.equal(settled.status, 'pending');
  assert.deepEqual(asked, ['wait=1', 'wait=1']);
  assert.equal(reads.length, 2);
});

for (const settledState of [
  { status: 'running', observed_generation: 1 },
  { status: 'stopped' },
  { status: 'failed', status_reason: 'image_not_found' },
  { status: 'failed', status_reason: 'crash_loop', observed_generation: 1 },
  { status: 'running', status_reason: 'image_not_found', generation: 2, observed_generation: 1 },
] as Partial<Container>[]) {
  test(`polls where the server does not wait, until ${JSON.stringify(settledState)}`, async () => {
    const { client, asked } = scripted(
      { body: CONTAINER },
      { body: state({ status: 'running', generation: 2, observed_generation: 1 }) },
      { body: state(settledState) },
    );
    assert.deepEqual(await wait(client), state(settledState));
    assert.deepEqual(asked, ['wait=60', 'wait=60', 'wait=60']);
  });
}

test('waits for the end of a process, though it has settled meanwhile', async () => {
  const { client } = scripted(
    { body: state({ status: 'running', observed_generation: 1 }), waited: true },
    { body: state({ status: 'stopped' }), waited: true },
  );
  assert.equal((await wait(client, { until: 'stopped' })).status, 'stopped');
});

test('gives up when the time is up, and says how it stands', async () => {
  const { client, asked } = scripted({ body: CONTAINER, waited: true, takesMs: 1000 });
  await assert.rejects(wait(client, { timeoutMs: 20 }), (thrown) => {
    assert.ok(thrown instanceof WaitTimeout);
    const message =
      'Not settled within 0.02 s. Container web is pending, and runs generation 0 of 1.';
    assert.equal(thrown.message, message);
    return true;
  });
  assert.deepEqual(asked, ['wait=1']);
});

test('an error while waiting is thrown, and a signal ends the wait', async () => {
  const error = { code: 'not_found', message: 'Not found.', detail: {} };
  const gone = scripted({ body: { error }, status: 404 });
  await assert.rejects(wait(gone.client), { name: 'DollarboxError', code: 'not_found' });
  const controller = new AbortController();
  const { client } = scripted({ body: CONTAINER });
  const waiting = wait(client, {
    ...{ pollMs: 60_000, signal: controller.signal },
    onRead: () => setImmediate(() => controller.abort(new Error('enough'))),
  });
  await assert.rejects(waiting, /enough/);
});

test('waits for a volume until it is there, has failed, or waits for a container', async () => {
  const volume = { id: 5, name: 'data', status: 'pending', status_reason: null } as Volume;
  const provisioning = { ...volume, status: 'provisioning' as const };
  for (const change of [
    { status: 'bound' },
    { status: 'failed' },
    { status: 'provisioning', status_reason: 'waits_for_consumer' },
  ] as Partial<Volume>[]) {
    const last = { ...volume, ...change };
    const { client } = scripted({ body: volume }, { body: provisioning }, { body: last });
    assert.deepEqual(await volumeWait(client, 5, { pollMs: 1 }), last);
  }
});
