import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { FeedEvent } from '../../api/live-feed.ts';
import { eventDescribe } from './event-text.ts';

function event(type: string, object: object, previous: object) {
  const at = '2026-11-02T09:30:00.000Z';
  return {
    id: 'x',
    at,
    type,
    object,
    previous_attributes: previous,
    actor: null,
    request_id: null,
  };
}

it('tells what happened', () => {
  const crash = { status: 'failed', status_reason: 'crash_loop', status_message: 'Code 3.' };
  const told = [
    event('container.created', { status: 'pending' }, {}),
    event('container.status_changed', { status: 'running' }, { status: 'pending' }),
    event(
      'container.updated',
      { generation: 2 },
      { image: 'a:1', env: { A: null }, generation: 1 },
    ),
    event('container.status_changed', { observed_generation: 2 }, { observed_generation: 1 }),
    event('container.status_changed', crash, { status: 'running' }),
    event('container.status_changed', { restart_count: 2 }, { restart_count: 1 }),
  ].map((one) => eventDescribe(one as FeedEvent));
  assert.deepEqual(
    told.map(({ text, detail }) => [text, detail]),
    [
      ['Created', null],
      ['Running', null],
      ['Changed: image, variables', 'A'],
      ['Version 2 is in effect', null],
      ['Crash loop', 'Code 3.'],
      ['Restarted', null],
    ],
  );
  assert.deepEqual(
    told.map(({ isFailure }) => isFailure),
    [false, false, false, false, true, false],
  );
});

it('tells what was asked for apart from what came of it', () => {
  const crashed = { status: 'failed', status_reason: 'crash_loop', status_message: 'Code 3.' };
  const told = [
    event(
      'container.status_changed',
      { ...crashed, desired_status: 'stopped' },
      { desired_status: 'running' },
    ),
    event(
      'container.status_changed',
      { status: 'stopped' },
      { status: 'failed', status_reason: 'crash_loop' },
    ),
    event(
      'container.status_changed',
      { status: 'pending', desired_status: 'running' },
      { status: 'stopped', desired_status: 'stopped' },
    ),
    event(
      'container.status_changed',
      { status: 'running', restarting: true },
      { restarting: false },
    ),
    event(
      'container.status_changed',
      { status: 'running', restarting: false },
      { restarting: true },
    ),
    event(
      'container.status_changed',
      { ...crashed, restarting: false },
      { restarting: true, status: 'running' },
    ),
  ].map((one) => eventDescribe(one as FeedEvent));
  assert.deepEqual(
    told.map(({ text, isFailure }) => [text, isFailure]),
    [
      ['Stop requested', false],
      ['Stopped', false],
      ['Start requested', false],
      ['Restart requested', false],
      ['Restarted', false],
      ['Crash loop', true],
    ],
  );
});
