import assert from 'node:assert/strict';
import { it } from 'node:test';
import { containerStatusShow } from './status-words.ts';

type Statused = Parameters<typeof containerStatusShow>[0];

function shown(more: Partial<Statused>) {
  const { word, wish, detail } = containerStatusShow({
    status: 'running',
    status_reason: null,
    generation: 2,
    observed_generation: 2,
    desired_status: 'running',
    restarting: false,
    ...more,
  });
  return [word, wish, detail];
}

it('says beside the status what was asked for and has not come about', () => {
  assert.deepEqual(shown({}), ['Running', null, null]);
  const stop = { desired_status: 'stopped' } as const;
  assert.deepEqual(shown(stop), ['Running', 'stopping…', null]);
  assert.deepEqual(shown({ ...stop, status: 'stopped' }), ['Stopped', null, null]);
  const crashed = { status: 'failed', status_reason: 'crash_loop' } as const;
  assert.deepEqual(shown(crashed), ['Crash loop', null, null]);
  assert.deepEqual(shown({ ...stop, ...crashed }), ['Crash loop', 'stopping…', null]);
  assert.deepEqual(shown({ status: 'pending' }), ['Pending', 'starting…', null]);
  assert.deepEqual(shown({ restarting: true }), ['Running', 'restarting…', null]);
  const silent = { status_reason: 'engine_error' };
  assert.deepEqual(shown({ ...stop, ...silent }), [
    'Unknown',
    'stopping…',
    'the engine does not answer',
  ]);
});

it('says which version is wanted if that is another one', () => {
  const next = { generation: 3 };
  assert.deepEqual(shown(next), ['Running', null, 'rolling out 2 → 3']);
  assert.deepEqual(shown({ ...next, restarting: true }), [
    'Running',
    'restarting…',
    'rolling out 2 → 3',
  ]);
  // What is being stopped is rolled out by the next start.
  const stop = { ...next, desired_status: 'stopped' } as const;
  assert.deepEqual(shown(stop), ['Running', 'stopping…', null]);
  assert.deepEqual(shown({ ...stop, status: 'stopped' }), [
    'Stopped',
    null,
    'version 3 from the next start on',
  ]);
});
