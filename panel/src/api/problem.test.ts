import assert from 'node:assert/strict';
import { it } from 'node:test';
import { DollarboxError } from '@dollarbox/client';
import { isRetryable, problemOf } from './problem.ts';

function errorOf(status: number, code: string, detail: Record<string, unknown> = {}) {
  const headers = { 'x-request-id': 'req-1' };
  return new DollarboxError(new Response(null, { status, headers }), {
    error: { code, message: 'As the server says.', detail },
  });
}

it('puts the first fault of each field at the field', () => {
  const fields = { name: ['Is empty.', 'Is short.'], 'org.slug': ['Is unknown.'], odd: 3 };
  assert.deepEqual(problemOf(errorOf(400, 'validation_error', { fields })).fields, {
    name: 'Is empty.',
    'org.slug': 'Is unknown.',
  });
});

it('says how long to wait, in words', () => {
  const wait = (seconds: number) =>
    problemOf(errorOf(429, 'rate_limited', { retry_after: seconds })).message;
  assert.match(wait(1), /Wait 1 second,/);
  assert.match(wait(45), /Wait 45 seconds,/);
  assert.match(wait(600), /Wait 10 minutes,/);
});

it('names the request that the operator needs', () => {
  const { message } = problemOf(errorOf(500, 'internal_error'));
  assert.match(message, /request id: req-1\.$/);
  assert.equal(problemOf(errorOf(409, 'conflict')).message, 'As the server says.');
});

it('tells a lost connection and a refused passkey from a bug', () => {
  assert.match(problemOf(new TypeError('fetch failed')).message, /could not be reached/);
  assert.match(
    problemOf(new DOMException('x', 'NotAllowedError')).message,
    /No passkey was chosen/,
  );
});

it('asks again only where that can help', () => {
  assert.equal(isRetryable(errorOf(503, 'service_unavailable')), true);
  assert.equal(isRetryable(errorOf(403, 'permission_denied')), false);
  assert.equal(isRetryable(new TypeError('fetch failed')), true);
});
