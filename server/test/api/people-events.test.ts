import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { setImmediate as nextTick } from 'node:timers/promises';
import type { Event } from '../../src/events/schema.ts';
import { eventsLagSeconds } from '../../src/feed/store.ts';
import { type Harness, harnessOpen } from '../support/harness.ts';
import type { Client } from '../support/http-client.ts';
import { personAdd } from '../support/people.ts';

let harness: Harness;
before(async () => {
  harness = await harnessOpen();
});
after(() => harness.close());

async function events(api: Client): Promise<Event[]> {
  // Transactions of other tests on the same cluster hold events back, too.
  while ((await eventsLagSeconds(harness.db)) > 0) await nextTick();
  const reply = await api.get('/events/');
  assert.equal(reply.status, 200, reply.text);
  return reply.body.results as unknown as Event[];
}

it('members and invitations have events, for those who may see them, without links', async () => {
  const { api, org } = await harness.callerAdd();
  const email = 'Grace@Example.invalid';
  const made = await api.post('/invitations/', { email, role: 'admin' });
  const invitation = `/invitations/${made.body.id}/`;
  const resent = await api.post(`${invitation}resend/`);
  const secret = new URL(resent.body.accept_url ?? '').searchParams.get('token') ?? '';
  const person = { token: secret, name: 'Grace', password: 'a long sentence of mine' };
  const joined = await harness.browser().post('/api/account/invitations/sign-up/', person);
  assert.equal(joined.status, 200, joined.text);
  const [member] = (await api.get('/members/')).body.results ?? [];
  await api.patch(`/members/${member?.id}/`, { role: 'member' });
  await api.delete(`/members/${member?.id}/`);
  await api.delete(invitation);
  const all = await events(api);
  assert.deepEqual(
    all.map(({ type }) => type),
    [
      'org.created',
      'member.created',
      'invitation.created',
      'member.created',
      'invitation.accepted',
      'member.updated',
      'member.deleted',
      'invitation.deleted',
    ],
  );
  const updated = all.find(({ type }) => type === 'member.updated');
  assert.deepEqual(updated?.previous_attributes, { role: 'admin' });
  assert.equal(updated.object['role'], 'member');
  assert.equal(updated.object['org'], org.slug);
  const accepted = all.find(({ type }) => type === 'invitation.accepted');
  assert.deepEqual([accepted?.object['email'], accepted?.object['accepted']], [email, true]);
  // Who comes by an invitation does so themself.
  const { user_id: graceId } = member as unknown as { user_id: number };
  const byGrace = all.filter(({ actor }) => actor?.user_id === graceId);
  assert.deepEqual(
    byGrace.map(({ type }) => type),
    ['member.created', 'invitation.accepted'],
  );
  assert.ok(!JSON.stringify(all).includes(secret));
  const userId = await harness.userAdd();
  await harness.memberAdd(org, userId, 'member');
  const seen = await events(harness.client(await harness.tokenAdd(userId)));
  assert.ok(seen.some(({ type }) => type === 'member.deleted'));
  assert.ok(!seen.some(({ type }) => type.startsWith('invitation.')));
});

it('whoever deletes their account leaves by themself', async () => {
  const { api, org } = await harness.callerAdd();
  const { userId, browser } = await personAdd(harness);
  await harness.memberAdd(org, userId, 'member');
  const left = await browser.delete('/api/account/');
  assert.equal(left.status, 204, left.text);
  const last = (await events(api)).at(-1);
  assert.equal(last?.type, 'member.deleted');
  assert.deepEqual(last.actor, { user_id: userId, token_id: null });
});
