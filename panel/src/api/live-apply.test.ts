import assert from 'node:assert/strict';
import { it } from 'node:test';
import { NEW_VOLUME, rowsUpdate } from './live-apply.ts';
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
  const events = [
    event('container.status_changed', { id: 5, status: 'running' }),
    event('container.deleted', { id: 2, name: 'a' }),
    event('container.created', { id: 9, name: 'c', truncated: true }),
    event('container.status_changed', { id: 9, status: 'failed' }),
  ];
  const next = rowsUpdate(rows, events, { ports: [] });
  assert.deepEqual(next, [
    { id: 9, name: 'c', status: 'failed', ports: [] },
    { id: 5, name: 'b', status: 'running', ports: [80] },
  ]);
});

it('says of a new volume that its use is not known yet, and keeps what is known of an old one', () => {
  const rows = [{ id: 1, name: 'old', used_bytes: 4096 }];
  const events = [
    event('volume.created', { id: 2, name: 'new' }),
    event('volume.updated', { id: 1, name: 'old' }),
  ];
  assert.deepEqual(rowsUpdate(rows, events, NEW_VOLUME), [
    { id: 2, name: 'new', used_bytes: null },
    { id: 1, name: 'old', used_bytes: 4096 },
  ]);
});
