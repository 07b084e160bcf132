import assert from 'node:assert/strict';
import { it } from 'node:test';
import { rowsUpdate } from './live-apply.ts';
import type { FeedEvent } from './live-feed.ts';

function event(type: string, object: Record<string, unknown>): FeedEvent {
  const at = '2026-11-02T09:30:00.000Z';
  return { id: 'x', at, type, object, previous_attributes: {}, actor: null, request_id: null };
}

it('adds, merges and removes rows, newest first', () => {
  const rows = [
    { id: 5, name: 'b', status: 'pending', ports: [80] },
    { id: 2, name: 'a', status: 'running', ports: [] },
  ];
  const next = rowsUpdate(rows, [
    event('container.status_changed', { id: 5, status: 'running' }),
    event('container.deleted', { id: 2, name: 'a' }),
    event('container.created', { id: 9, name: 'c', truncated: true }),
    event('container.status_changed', { id: 9, status: 'failed' }),
  ]);
  assert.deepEqual(next, [
    { id: 9, name: 'c', status: 'failed' },
    { id: 5, name: 'b', status: 'running', ports: [80] },
  ]);
});
