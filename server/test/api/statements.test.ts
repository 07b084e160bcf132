import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Harness, type TestApp, type TestCaller, harnessOpen } from '../support/harness.ts';
import { type Client, type Reply, assertContainer, assertVolume } from '../support/http-client.ts';

/** The goals: at most 2 statements per read and 8 per write, not counting transaction control. */
const MAX_READ = 2;
const MAX_WRITE = 8;

let harness: Harness;
let caller: TestCaller;
before(async () => {
  harness = await harnessOpen();
  await harness.db.updateTable('installation').set({ isolation: 'isolated' }).execute();
  caller = await harness.callerAdd();
});
after(() => harness.close());

async function statements(app: TestApp): Promise<number> {
  return (await app.deps.metrics.databaseStatements.get()).values[0]?.value ?? 0;
}

/**
 * Counts the statements of one request, sent to an app that does nothing else. The app is closed before they are
 * counted, so that the notification that a write sends after its reply is included.
 */
async function cost(
  send: (api: Client) => Promise<Reply>,
  status: number,
  token: string | null = caller.token,
): Promise<number> {
  const app = await harness.appAdd();
  const reply = await send(app.client(token));
  await app.close();
  assert.equal(reply.status, status, reply.text);
  return statements(app);
}

describe('statements', () => {
  it('of a read are at most two', async () => {
    const made = await caller.api.post('/containers/', { name: 'read', image: 'x' });
    const { id } = assertContainer(made, 201);
    const volume = assertVolume(
      await caller.api.post('/volumes/', { name: 'read', size_gb: 1 }),
      201,
    );
    const { slug } = caller.org;
    const invited = await caller.api.post('/invitations/', { email: 'a@example.invalid' });
    const invitationId = invited.body.id;
    const credential = { host: 'ghcr.io', username: 'ada', secret: 's' };
    const registryId = (await caller.api.post('/registries/', credential)).body.id;
    await caller.api.patch(`/orgs/${slug}/`, { kubectl_enabled: true });
    const kubectlId = (await caller.api.post('/kubectl-credentials/')).body.id;
    const memberId = (await caller.api.get('/members/')).body.results?.[0]?.id;
    const cursor = Buffer.from(`p=${id + 1}`).toString('base64');
    const page = `/containers/?cursor=${encodeURIComponent(cursor)}&status=pending`;
    for (const path of [
      '/whoami/',
      '/containers/',
      page,
      `/containers/${id}/`,
      `/containers/${id}/logs/`,
      `/containers/${id}/stats/`,
      '/volumes/',
      `/volumes/?cursor=${encodeURIComponent(cursor)}`,
      `/volumes/${volume.id}/`,
      '/events/',
      '/orgs/',
      '/members/',
      '/audit-log/',
      `/audit-log/?cursor=${encodeURIComponent(cursor)}`,
      '/invitations/',
      `/invitations/${invitationId}/`,
      `/members/?cursor=${encodeURIComponent(cursor)}`,
      `/members/${memberId}/`,
      '/registries/',
      `/registries/?cursor=${encodeURIComponent(cursor)}`,
      `/registries/${registryId}/`,
      '/kubectl-credentials/?all=true',
      `/kubectl-credentials/${kubectlId}/`,
      `/orgs/${slug}/`,
      `/orgs/${slug}/usage/`,
    ]) {
      assert.equal(await cost((api) => api.get(path), 200), MAX_READ, path);
    }
    assert.equal(await cost((api) => api.get('/containers/999/'), 404), MAX_READ);
    // The engine knows these, not the database.
    assert.equal(await cost((api) => api.get(`/orgs/${slug}/workloads/`), 200), 1);
  });

  it('are as few by session', async () => {
    const browser = await harness.sessionAdd(caller.userId);
    const bySession = async (method: string, path: string, body?: unknown): Promise<number> => {
      const app = await harness.appAdd();
      const sender = app.browser();
      for (const [name, value] of browser.cookies) sender.cookies.set(name, value);
      const reply = await sender.send(method, path, body);
      await app.close();
      assert.ok(reply.status < 300, reply.text);
      return statements(app);
    };
    const body = { name: 'by-session', image: 'x' };
    const create = await bySession('POST', '/api/v1/containers/', body);
    assert.ok(create > MAX_READ && create <= MAX_WRITE, `${create}`);
    for (const path of ['/api/v1/containers/', '/api/v1/orgs/', '/api/account/']) {
      assert.equal(await bySession('GET', path), MAX_READ, path);
    }
  });

  it('of a refusal are none or one', async () => {
    assert.equal(await cost((api) => api.get('/containers/'), 401, null), 0);
    assert.equal(await cost((api) => api.get('/containers/'), 401, `${caller.token}x`), 0);
    assert.equal(await cost((api) => api.get('/nowhere/'), 404), 0);
    assert.equal(await cost((api) => api.send('PUT', '/containers/'), 405), 0);
    assert.equal(await cost((api) => api.post('/containers/', '{broken'), 400), 1);
    assert.equal(await cost((api) => api.post('/containers/', { name: 'A' }), 400), 1);
  });

  it('of a write are at most eight', async () => {
    const key = { 'idempotency-key': 'k' };
    const key2 = { 'idempotency-key': 'l' };
    const create = (api: Client) => api.post('/containers/', { name: 'b', image: 'x' }, key);
    const counts: Record<string, number> = {
      create: await cost((api) => api.post('/containers/', { name: 'a', image: 'x' }), 201),
      keyed: await cost(create, 201),
      replayed: await cost(create, 201),
    };
    const { id } = (await caller.api.get('/containers/?name=a')).body.results?.[0] ?? assert.fail();
    const path = `/containers/${id}/`;
    counts['update'] = await cost((api) => api.patch(path, { image: 'y' }), 200);
    counts['unchanged'] = await cost((api) => api.patch(path, { image: 'y' }), 200);
    counts['delete'] = await cost((api) => api.delete(path), 204);
    const body = { name: 'c', size_gb: 1 };
    counts['volume'] = await cost((api) => api.post('/volumes/', body), 201);
    const [volume] = (await caller.api.get('/volumes/?name=c')).body.results ?? [];
    const mount = [{ volume: volume?.id, mount_path: '/data' }];
    const mounting = { name: 'mounts', image: 'x', volumes: mount };
    counts['mounting'] = await cost((api) => api.post('/containers/', mounting, key2), 201);
    const [mounter] = (await caller.api.get('/containers/?name=mounts')).body.results ?? [];
    const mounterPath = `/containers/${mounter?.id}/`;
    const detach = (api: Client) => api.patch(mounterPath, { volumes: [] });
    counts['detaching'] = await cost(detach, 200);
    await caller.api.patch(mounterPath, { volumes: mount });
    counts['letting go'] = await cost((api) => api.delete(mounterPath), 204);
    counts['volume delete'] = await cost((api) => api.delete(`/volumes/${volume?.id}/`), 204);
    await harness.memberAdd(caller.org, await harness.userAdd(), 'member');
    const [someone] = (await caller.api.get('/members/')).body.results ?? [];
    const member = `/members/${someone?.id}/`;
    counts['member update'] = await cost((api) => api.patch(member, { role: 'admin' }), 200);
    counts['member delete'] = await cost((api) => api.delete(member), 204);
    const invitee = { email: 'b@example.invalid' };
    counts['invitation'] = await cost((api) => api.post('/invitations/', invitee), 201);
    const [invited] = (await caller.api.get('/invitations/')).body.results ?? [];
    const invitation = `/invitations/${invited?.id}/`;
    counts['resend'] = await cost((api) => api.post(`${invitation}resend/`), 200);
    counts['revocation'] = await cost((api) => api.delete(invitation), 204);
    await caller.api.post('/containers/', { name: 'tried', image: 'quay.io/a/b:1' });
    const credential = { host: 'quay.io', username: 'ada', secret: 's' };
    counts['registry'] = await cost((api) => api.post('/registries/', credential), 201);
    const [registry] = (await caller.api.get('/registries/')).body.results ?? [];
    counts['registry delete'] = await cost(
      (api) => api.delete(`/registries/${registry?.id}/`),
      204,
    );
    const kubectl = '/kubectl-credentials/';
    counts['kubectl credential'] = await cost((api) => api.post(kubectl), 201);
    const [issued] = (await caller.api.get(kubectl)).body.results ?? [];
    counts['kubectl revocation'] = await cost((api) => api.delete(`${kubectl}${issued?.id}/`), 204);
    const org = `/orgs/${caller.org.slug}/`;
    counts['org update'] = await cost((api) => api.patch(org, { name: 'X' }), 200);
    const founded = { slug: 'founded', name: 'X' };
    counts['org'] = await cost((api) => api.post('/orgs/', founded), 201);
    const ending = await harness.tokenAdd(caller.userId);
    counts['own revocation'] = await cost((api) => api.delete('/whoami/'), 204, ending);
    for (const [what, count] of Object.entries(counts)) {
      assert.ok(count > MAX_READ && count <= MAX_WRITE, `${what}: ${count}`);
    }
  });
});
