import assert from 'node:assert/strict';
import { it } from 'node:test';
import { auditSentence } from './sentence.ts';

type Entry = Parameters<typeof auditSentence>[0];

function entryOf(action: string, more: Partial<Entry> = {}): Entry {
  return {
    id: 1,
    org: 'main',
    at: '2026-11-02T09:30:00.000Z',
    actor: { kind: 'user', user_id: 7, email: 'ada@example.com' },
    token: null,
    session_id: 3,
    ip_address: null,
    request_id: null,
    action,
    object: { kind: action.split('.')[0] ?? '', id: 12 },
    changes: {},
    detail: {},
    ...more,
  };
}

it('names the object as people know it', () => {
  assert.deepEqual(auditSentence(entryOf('container.stop', { detail: { name: 'web' } })), {
    verb: 'stopped the container',
    object: 'web',
  });
  const invited = entryOf('invitation.create', {
    detail: { email: 'bob@example.com', role: 'admin' },
  });
  assert.equal(auditSentence(invited).object, 'bob@example.com');
});

it('names members by their address, and says the role that they got', () => {
  const detail = { user_id: 4, email: 'cyd@example.com', role: 'member' };
  const changes = { role: { old: 'member', new: 'admin' } };
  const text = (action: string, more: Partial<Entry>) => {
    const { verb, object } = auditSentence(entryOf(action, more));
    return `${verb} ${object}`;
  };
  assert.equal(text('member.add', { detail }), 'added the member cyd@example.com as member');
  assert.equal(
    text('member.update', { detail: { user_id: 4, email: 'cyd@example.com' }, changes }),
    'changed the role of the member cyd@example.com to admin',
  );
  assert.equal(text('member.delete', { detail }), 'removed the member cyd@example.com');
  const old = { detail: { user_id: 4, role: 'member' } };
  assert.equal(text('member.delete', old), 'removed the member #12');
});

it('says what of an org was changed, and the id of what has no name', () => {
  const changes = { name: { old: 'a', new: 'b' }, api_enabled: { old: true, new: false } };
  assert.equal(auditSentence(entryOf('org.update', { changes })).object, 'name, api_enabled');
  assert.equal(auditSentence(entryOf('volume.orphan_remove')).object, '#12');
});

it('shows an action that it does not know yet as it is', () => {
  assert.equal(auditSentence(entryOf('rocket.launch')).verb, 'rocket.launch');
});
