import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { FeedEvent } from '../../api/live-feed.ts';
import { eventDescribe } from './event-text.ts';

function event(type: string, object: object, previous: object, actor: FeedEvent['actor'] = null) {
  const at = '2026-11-02T09:30:00.000Z';
  return { id: 'x', at, type, object, previous_attributes: previous, actor, request_id: null };
}

it('tells what happened, and who did it', () => {
  const person = { user_id: 1, token_id: null };
  const token = { user_id: 1, token_id: 2 };
  const crash = { status: 'failed', status_reason: 'crash_loop', status_message: 'Code 3.' };
  const told = [
    event('container.created', { status: 'pending' }, {}, token),
    event('container.status_changed', { status: 'running' }, { status: 'pending' }),
    event(
      'container.updated',
      { generation: 2 },
      { image: 'a:1', env: { A: null }, generation: 1 },
      person,
    ),
    event('container.status_changed', { observed_generation: 2 }, { observed_generation: 1 }),
    event('container.status_changed', crash, { status: 'running' }),
    event('container.status_changed', { restart_count: 2 }, { restart_count: 1 }),
  ].map((one) => eventDescribe(one as FeedEvent));
  assert.deepEqual(
    told.map(({ by, text, detail }) => [by, text, detail]),
    [
      ['token', 'Created', null],
      ['machine', 'Running', null],
      ['person', 'Changed: image, variables', 'A'],
      ['machine', 'Version 2 is in effect', null],
      ['machine', 'Crash loop', 'Code 3.'],
      ['machine', 'Restarted', null],
    ],
  );
  assert.deepEqual(
    told.map(({ isFailure }) => isFailure),
    [false, false, false, false, true, false],
  );
});
