import assert from 'node:assert/strict';
import { it } from 'node:test';
import { type Known, auditActor, eventActor } from './actor-words.ts';

const KNOWN: Known = {
  members: [{ user_id: 7, email: 'ada@example.com' }],
  tokens: [{ id: 31, name: 'deploy' }],
};

it('names who made the change of an event, and by what', () => {
  const named = (userId: number | null, tokenId: number | null, known = KNOWN) => {
    const { who, means } = eventActor({ user_id: userId, token_id: tokenId }, known);
    return [who, means];
  };
  assert.deepEqual(named(7, null), ['ada@example.com', 'panel']);
  assert.deepEqual(named(7, 31), ['ada@example.com', { token: 'deploy' }]);
  assert.deepEqual(named(7, 32), ['ada@example.com', { token: null }]);
  assert.deepEqual(named(8, null), ['a former member (#8)', 'panel']);
  assert.deepEqual(eventActor(null, KNOWN), { kind: 'machine', who: 'DollarBox', means: null });
  // Whoever is not in a list that nobody has read is not a former member.
  assert.deepEqual(named(7, null, { ...KNOWN, members: 'pending' }), [null, 'panel']);
  assert.deepEqual(named(7, null, { ...KNOWN, members: 'failed' }), ['person #7', 'panel']);
});

it('tells deleted accounts of the audit log apart', () => {
  const named = (kind: 'user' | 'operator', userId: number | null, email: string | null) =>
    auditActor({ kind, user_id: userId, email });
  assert.equal(named('user', 7, 'ada@example.com'), 'ada@example.com');
  assert.equal(named('user', 8, null), 'A deleted account (#8)');
  assert.equal(named('operator', null, null), 'The operator');
});
