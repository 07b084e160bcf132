import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { ErrorCode } from '../../src/base/errors.ts';
import { type Harness, type TestCaller, harnessOpen } from '../support/harness.ts';
import { type Client, type Reply, assertContainer, assertError } from '../support/http-client.ts';

/**
 * The contract's order: 401 → 429 → org (400, 404, api_disabled) → scope and role 403 → 413, 415, 400 → object 404 →
 * idempotency → 412 → 409, quota. Each request below is wrong in several ways at once, and the reply must report the
 * first fault in that order.
 */
const LIMIT = 40;

let harness: Harness;
let caller: TestCaller;
let reader: Client;
let id: number;
before(async () => {
  harness = await harnessOpen({ RATE_LIMIT_PER_MINUTE: String(LIMIT) });
  caller = await harness.callerAdd({ containerLimit: 1 });
  reader = harness.client(await harness.tokenAdd(caller.userId, { scope: 'read' }));
  id = assertContainer(await caller.api.post('/containers/', { name: 'web', image: 'x' }), 201).id;
});
after(() => harness.close());

const STALE = { 'if-match': '"99.1"' };

function check(
  name: string,
  expected: readonly [number, ErrorCode],
  send: () => Promise<Reply>,
): void {
  it(name, async () => {
    assertError(await send(), ...expected);
  });
}

describe('the first fault in the order of checks is reported', () => {
  check('401 before the org', [401, 'authentication_failed'], () =>
    harness
      .client('dbx_nonsense')
      .patch('/containers/abc/?org=none', 'x', { 'content-type': 'text/plain' }),
  );
  it('429 before the org', async () => {
    const { api } = await harness.callerAdd();
    for (let count = 0; count < LIMIT; count += 1) await api.get('/containers/?org=none');
    assertError(await api.post('/containers/?org=none', 'x'), 429, 'rate_limited');
  });
  check('an org that is unclear before the scope', [400, 'validation_error'], () =>
    reader.post('/containers/?org=a', '{broken', { 'x-dollarbox-org': 'b' }),
  );
  check('an org that is not there before the scope', [404, 'not_found'], () =>
    reader.post('/containers/?org=none', '{broken'),
  );
  it('an org that is required before the scope', async () => {
    const { userId } = await harness.callerAdd();
    await harness.orgAdd({ ownerId: userId });
    const several = harness.client(await harness.tokenAdd(userId, { scope: 'read' }));
    assertError(await several.post('/containers/', '{broken'), 400, 'org_required');
  });
  check('the scope before the size of the body', [403, 'permission_denied'], () =>
    reader.post('/containers/', 'x'.repeat(1_048_577)),
  );
  check('the scope before the type of the body', [403, 'permission_denied'], () =>
    reader.post('/containers/', 'x', { 'content-type': 'text/plain' }),
  );
  check('the scope before the object', [403, 'permission_denied'], () =>
    reader.delete('/containers/999/'),
  );
  check('the size of the body before its type', [413, 'payload_too_large'], () =>
    caller.api.patch('/containers/999/', 'x'.repeat(1_048_577)),
  );
  check('the type of the body before the object', [415, 'unsupported_media_type'], () =>
    caller.api.patch('/containers/999/', 'x', { 'content-type': 'text/plain' }),
  );
  check('a broken body before the object', [400, 'validation_error'], () =>
    caller.api.patch('/containers/999/', '{broken'),
  );
  check('a wrong field before the object', [400, 'validation_error'], () =>
    caller.api.patch('/containers/999/', { image: 5 }, STALE),
  );
  check('a wrong parameter before the object', [400, 'validation_error'], () =>
    caller.api.delete('/containers/999/?x=1', STALE),
  );
  check('the object before the precondition', [404, 'not_found'], () =>
    caller.api.patch('/containers/999/', { image: 'y' }, STALE),
  );
  check('another name before the precondition', [400, 'validation_error'], () =>
    caller.api.patch(`/containers/${id}/`, { name: 'other' }, STALE),
  );
  it('idempotency before a taken name and the quota', async () => {
    const { api } = await harness.callerAdd({ containerLimit: 1 });
    const key = { 'idempotency-key': 'k' };
    assertContainer(await api.post('/containers/', { name: 'web', image: 'x' }, key), 201);
    const other = await api.post('/containers/', { name: 'web', image: 'y' }, key);
    assertError(other, 422, 'idempotency_mismatch');
    assertContainer(await api.post('/containers/', { name: 'web', image: 'x' }, key), 201);
  });
  check('a wrong field before idempotency', [400, 'validation_error'], () =>
    caller.api.post('/containers/', { name: 'A' }, { 'idempotency-key': 'k' }),
  );
  check('a taken name before the quota', [409, 'conflict'], () =>
    caller.api.post('/containers/', { name: 'web', image: 'x' }),
  );
});

describe('a read-only token', () => {
  it('learns which scope is needed, and changes nothing', async () => {
    const before = await caller.api.get(`/containers/${id}/`);
    for (const reply of [
      await reader.post('/containers/', { name: 'a', image: 'x' }),
      await reader.patch(`/containers/${id}/`, { image: 'y' }),
      await reader.delete(`/containers/${id}/`),
    ]) {
      assert.deepEqual(assertError(reply, 403, 'permission_denied'), { required_scope: 'write' });
    }
    assert.equal((await reader.get(`/containers/${id}/`)).text, before.text);
  });
});
