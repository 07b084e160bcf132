import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Harness, type TestCaller, harnessOpen } from '../support/harness.ts';
import { type Client, assertContainer, assertError } from '../support/http-client.ts';

let harness: Harness;
let caller: TestCaller;
let api: Client;
before(async () => {
  harness = await harnessOpen();
  caller = await harness.callerAdd();
  api = caller.api;
});
after(() => harness.close());

let serial = 0;

async function made(): Promise<{ path: string; id: number }> {
  const reply = await api.post('/containers/', { name: `c${(serial += 1)}`, image: 'x' });
  const { id } = assertContainer(reply, 201);
  return { id, path: `/containers/${id}/` };
}

/** Changes the status, as the reconciler records it. */
async function statusMoves(id: number): Promise<void> {
  await harness.db
    .updateTable('containers')
    .set((eb) => ({ status: 'running', revision: eb('revision', '+', 1) }))
    .where('id', '=', id)
    .execute();
}

describe('the ETag', () => {
  it('changes in its first part with clients’ writes, in its second with anything visible', async () => {
    const { id, path } = await made();
    const tags = [(await api.get(path)).headers.etag];
    await statusMoves(id);
    tags.push((await api.get(path)).headers.etag);
    tags.push((await api.patch(path, { image: 'y' })).headers.etag);
    await statusMoves(id);
    tags.push((await api.get(path)).headers.etag);
    assert.deepEqual(tags, ['"1.1"', '"1.2"', '"2.3"', '"2.4"']);
  });

  it('of an org changes with the caller’s role too', async () => {
    const userId = await harness.userAdd();
    await harness.memberAdd(caller.org, userId, 'member');
    const member = harness.client(await harness.tokenAdd(userId));
    const path = `/orgs/${caller.org.slug}/`;
    const { etag = '' } = (await member.get(path)).headers;
    assert.equal((await member.get(path, { 'if-none-match': etag })).status, 304);
    await harness.db
      .updateTable('memberships')
      .set({ role: 'admin' })
      .where('user_id', '=', userId)
      .execute();
    const reply = await member.get(path, { 'if-none-match': etag });
    assert.deepEqual([reply.status, (reply.body as { role?: string }).role], [200, 'admin']);
  });
});

describe('If-Match', () => {
  it('accepts a change that knows the last one', async () => {
    const { path } = await made();
    const { etag = '' } = (await api.get(path)).headers;
    const reply = await api.patch(path, { image: 'y' }, { 'if-match': etag });
    assertContainer(reply, 200);
    assertContainer(await api.patch(path, { image: 'z' }, { 'if-match': reply.headers.etag }), 200);
  });

  it('ignores a change of status', async () => {
    const { id, path } = await made();
    const { etag = '' } = (await api.get(path)).headers;
    await statusMoves(id);
    assertContainer(await api.patch(path, { image: 'y' }, { 'if-match': etag }), 200);
  });

  it('stops a change and a delete that missed one, and changes nothing', async () => {
    const { path } = await made();
    const { etag = '' } = (await api.get(path)).headers;
    const now = await api.patch(path, { image: 'y' });
    for (const reply of [
      await api.patch(path, { image: 'z' }, { 'if-match': etag }),
      await api.patch(path, {}, { 'if-match': etag }),
      await api.delete(path, { 'if-match': etag }),
    ]) {
      assert.deepEqual(assertError(reply, 412, 'precondition_failed'), {});
    }
    assert.equal((await api.get(path)).text, now.text);
  });

  it('is a list or a star, and never matched by nonsense', async () => {
    const { path } = await made();
    for (const header of ['*', '"1.1"', 'W/"1.1"', '"9.9", "1.1"']) {
      assertContainer(await api.patch(path, {}, { 'if-match': header }), 200);
    }
    for (const header of ['', '1.1', '"', '"x"', '"1.1', '"11.1"', '"0.1"']) {
      assertError(await api.patch(path, {}, { 'if-match': header }), 412, 'precondition_failed');
    }
    assert.equal((await api.delete(path, { 'if-match': '"1.1"' })).status, 204);
    assertError(await api.delete(path, { 'if-match': '*' }), 404, 'not_found');
  });
});

describe('If-None-Match', () => {
  it('is answered 304 while nothing changed, with the headers of a read', async () => {
    const { id, path } = await made();
    const read = await api.get(path);
    const { etag = '' } = read.headers;
    for (const method of ['GET', 'HEAD']) {
      const reply = await api.send(method, path, undefined, { 'if-none-match': etag });
      assert.deepEqual([reply.status, reply.text], [304, '']);
      assert.equal(reply.headers.etag, etag);
      assert.equal(reply.headers['x-dollarbox-org'], caller.org.slug);
      assert.ok(reply.headers['x-request-id']);
      assert.ok(reply.headers.ratelimit);
    }
    await statusMoves(id);
    const moved = await api.get(path, { 'if-none-match': etag });
    assert.deepEqual([moved.status, moved.body.status], [200, 'running']);
  });

  it('names the org on a read that spans several', async () => {
    const { api: several, userId, org } = await harness.callerAdd();
    await harness.orgAdd({ ownerId: userId });
    const reply = await several.post(`/containers/?org=${org.slug}`, { name: 'a', image: 'x' });
    const path = `/containers/${assertContainer(reply, 201).id}/`;
    const same = await several.get(path, { 'if-none-match': reply.headers.etag });
    assert.deepEqual([same.status, same.headers['x-dollarbox-org']], [304, org.slug]);
  });

  it('does not apply to writes or to deleted objects', async () => {
    const { path } = await made();
    assertContainer(await api.patch(path, {}, { 'if-none-match': '*' }), 200);
    assert.equal((await api.delete(path, { 'if-none-match': '*' })).status, 204);
    assertError(await api.get(path, { 'if-none-match': '*' }), 404, 'not_found');
  });
});
