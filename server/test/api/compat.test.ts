import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Container } from '../../src/containers/schema.ts';
import { type Harness, type TestOrg, harnessOpen } from '../support/harness.ts';
import type { Volume } from '../../src/volumes/schema.ts';
import { type Reply, assertVolume, httpSend } from '../support/http-client.ts';

/**
 * The existing Terraform provider, call by call. We can't change it: what it does here, it does in production. Its Go
 * client follows redirects by Go's rules (a POST becomes a GET), so there must be no redirects.
 */
interface Provider {
  call(method: string, path: string, body?: unknown): Promise<Reply>;
  /** Follows `next` until it is null, with no guard against a loop. */
  list<T>(path: string): Promise<T[]>;
}

/** What the provider stores about a container and compares with later reads byte for byte. */
type State = Pick<Container, 'id' | 'name' | 'image' | 'env' | 'command'>;

const ENV = { GREETING: 'hi "you"\n$HOME 🦊', EMPTY: '' };
const COMMAND = ['/bin/sh', '-c', 'echo "$GREETING" && sleep 1d'];

let harness: Harness;
let org: TestOrg;
let provider: Provider;
before(async () => {
  harness = await harnessOpen({ PUBLIC_URL: 'https://panel.example' });
  org = await harness.orgAdd({ containerLimit: 3 });
  // In a second org as well, so that the header matters.
  await harness.orgAdd({ ownerId: org.ownerId });
  provider = providerCreate(await harness.tokenAdd(org.ownerId), org.slug);
});
after(() => harness.close());

function providerCreate(token: string, slug: string): Provider {
  const call: Provider['call'] = async (method, path, body) => {
    const headers = {
      accept: 'application/json',
      authorization: `Bearer ${token}`,
      'user-agent': 'Go-http-client/1.1',
      'x-dollarbox-org': slug,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const json = body === undefined ? undefined : JSON.stringify(body);
    const reply = await httpSend(
      harness.agent,
      harness.origin,
      method,
      `/api/v1${path}`,
      headers,
      json,
    );
    assert.ok(reply.status < 300 || reply.status > 399, `redirected: ${reply.headers.location}`);
    if (reply.status >= 400) {
      // It shows the raw body unless both are present.
      assert.ok(Boolean(reply.body.error?.code) && Boolean(reply.body.error?.message), reply.text);
    }
    return reply;
  };
  return {
    call,
    async list<T>(path: string): Promise<T[]> {
      const found: T[] = [];
      for (let next: string | null = path; next !== null;) {
        const reply: Reply = await call('GET', next);
        assert.equal(reply.status, 200, reply.text);
        found.push(...(reply.body.results as T[]));
        const link: string | null = reply.body.next ?? null;
        // The provider cuts an absolute URL to path and query, and sends it to its own endpoint.
        next = link === null ? null : pathAndQuery(link);
      }
      return found;
    },
  };
}

function pathAndQuery(link: string): string {
  const { pathname, search } = new URL(link);
  assert.ok(pathname.startsWith('/api/v1/'), link);
  return `${pathname.slice('/api/v1'.length)}${search}`;
}

const stateOf = ({ id, name, image, env, command }: Container): State => ({
  id,
  name,
  image,
  env,
  command,
});

async function apply(
  name: string,
  image: string,
  env = {},
  command: string[] = [],
): Promise<Container> {
  const reply = await provider.call('POST', '/containers/', { name, image, env, command });
  assert.equal(reply.status, 201, reply.text);
  return reply.body as Container;
}

async function read(id: number): Promise<Container> {
  const reply = await provider.call('GET', `/containers/${id}/`);
  assert.equal(reply.status, 200, reply.text);
  return reply.body as Container;
}

/** A destroy: DELETE, then one GET that must be 404, without polling. */
async function destroy(id: number): Promise<void> {
  assert.equal((await provider.call('DELETE', `/containers/${id}/`)).status, 204);
  assert.equal((await provider.call('GET', `/containers/${id}/`)).status, 404);
}

/** A container as the reconciler leaves it once it runs. */
async function starts(id: number): Promise<void> {
  await harness.db
    .updateTable('containers')
    .set((eb) => ({
      status: 'running',
      observed_generation: eb.ref('generation'),
      revision: eb('revision', '+', 1),
    }))
    .where('id', '=', id)
    .execute();
}

describe('the Terraform provider', () => {
  it('creates an invitation with and without a role, and destroys it', async () => {
    for (const role of [undefined, 'admin']) {
      const email = `Grace.${role ?? 'none'}@Example.invalid`;
      const made = await provider.call('POST', '/invitations/', { email, role });
      assert.equal(made.status, 201, made.text);
      const { accept_url: _url, ...state } = made.body as Record<string, unknown>;
      assert.deepEqual([state['email'], state['role']], [email, role ?? 'member']);
      assert.equal(typeof state['id'], 'number');
      const path = `/invitations/${String(state['id'])}/`;
      assert.deepEqual((await provider.call('GET', path)).body, state);
      const listed = await provider.list<{ id: number }>('/invitations/');
      assert.ok(listed.some(({ id }) => id === state['id']));
      assert.equal((await provider.call('DELETE', path)).status, 204);
      assert.equal((await provider.call('GET', path)).status, 404);
    }
  });

  it('finds an invitation unchanged after it has expired, and removes no member with an accepted one', async () => {
    const made = await provider.call('POST', '/invitations/', { email: 'x@example.invalid' });
    const path = `/invitations/${made.body.id}/`;
    const { accept_url: url, ...state } = made.body as Record<string, unknown>;
    harness.clock.advance(8 * 24 * 3_600_000);
    assert.deepEqual((await provider.call('GET', path)).body, state);
    assert.equal((await provider.call('DELETE', path)).status, 204);

    const userId = await harness.userAdd();
    const email = `accepting.${userId}@example.org`;
    await harness.db.updateTable('users').set({ email }).where('id', '=', userId).execute();
    const again = await provider.call('POST', '/invitations/', { email, role: 'admin' });
    const token = new URL(again.body.accept_url ?? String(url)).searchParams.get('token');
    const browser = await harness.sessionAdd(userId);
    const accepted = await browser.post('/api/account/invitations/accept/', { token });
    assert.equal(accepted.status, 200, accepted.text);
    const acceptedPath = `/invitations/${again.body.id}/`;
    const shown = (await provider.call('GET', acceptedPath)).body as Record<string, unknown>;
    const { accept_url: _url, ...before } = again.body as Record<string, unknown>;
    assert.deepEqual(shown, { ...before, accepted: true });
    assert.equal((await provider.call('DELETE', acceptedPath)).status, 204);
    assert.equal((await provider.call('GET', acceptedPath)).status, 404);
    const members = await provider.list<{ email: string; role: string }>('/members/');
    assert.equal(members.find((each) => each.email === email)?.role, 'admin');
  });

  it('lists every page of members and invitations', async () => {
    const other = await harness.callerAdd();
    const headers = { 'x-dollarbox-org': other.org.slug };
    for (let count = 0; count < 55; count += 1) {
      await harness.memberAdd(other.org, await harness.userAdd(), 'member');
      const email = `page${count}@example.invalid`;
      const made = await other.api.post('/invitations/', { email }, headers);
      assert.equal(made.status, 201, made.text);
    }
    const all = providerCreate(other.token, other.org.slug);
    const people = await all.list<{ id: number }>('/members/');
    const invited = await all.list<{ id: number }>('/invitations/');
    assert.deepEqual([new Set(people.map(({ id }) => id)).size, people.length], [56, 56]);
    assert.deepEqual([new Set(invited.map(({ id }) => id)).size, invited.length], [55, 55]);
  });

  it('adopts a member by the address in any case, changes the role and removes them', async () => {
    const userId = await harness.userAdd();
    const email = `Grace.${userId}@Example.org`;
    await harness.db.updateTable('users').set({ email }).where('id', '=', userId).execute();
    await harness.memberAdd(org, userId, 'member');
    type Member = { id: number; email: string; role: string; joined_at: string };
    const members = await provider.list<Member>('/members/');
    const found = members.find((member) => member.email.toLowerCase() === email.toLowerCase());
    const path = `/members/${found?.id ?? assert.fail()}/`;
    const changed = await provider.call('PATCH', path, { role: 'admin' });
    assert.equal(changed.status, 200, changed.text);
    assert.deepEqual(changed.body, { ...found, role: 'admin' });
    const shown = await provider.call('GET', path);
    assert.equal(shown.text, changed.text);
    assert.equal((await provider.call('DELETE', path)).status, 204);
    assert.equal((await provider.call('GET', path)).status, 404);
    assert.equal((await provider.call('DELETE', path)).status, 404);
  });

  it('changes an org, and finds what it wrote', async () => {
    const state = { name: ' Acme & Söhne', billing_email: 'Bills@Acme.example' };
    const path = `/orgs/${org.slug}/`;
    const changed = await provider.call('PATCH', path, state);
    assert.equal(changed.status, 200, changed.text);
    const shown = await provider.call('GET', path);
    assert.equal(shown.text, changed.text);
    const { slug, name, billing_email: billingEmail } = shown.body;
    assert.deepEqual({ slug, name, billing_email: billingEmail }, { slug: org.slug, ...state });
    const emptied = await provider.call('PATCH', path, { name: 'Acme', billing_email: '' });
    assert.equal(emptied.body.billing_email, '');
  });

  it('reads orgs with the org header on every call', async () => {
    const orgs = await provider.list<{ slug: string }>('/orgs/');
    assert.equal(orgs.length, 2);
    const one = await provider.call('GET', `/orgs/${org.slug}/`);
    assert.equal((one.body as { slug?: string }).slug, org.slug);
    const other = orgs.find(({ slug }) => slug !== org.slug);
    assert.equal((await provider.call('GET', `/orgs/${other?.slug}/`)).status, 200);
  });

  it('creates with env {} and command [], and reads back what it wrote', async () => {
    const plan = { name: 'plain', image: 'nginx:1.27', env: {}, command: [] };
    const made = await apply(plan.name, plan.image);
    assert.deepEqual(stateOf(made), { id: made.id, ...plan });
    assert.deepEqual(stateOf(await read(made.id)), stateOf(made));
    await destroy(made.id);
  });

  it('keeps the write’s reply as state, and finds it unchanged in every later read', async () => {
    const made = await apply('full', 'ghcr.io/Acme/web:V1'.toLowerCase(), ENV, COMMAND);
    assert.deepEqual(stateOf(await read(made.id)), stateOf(made));
    await starts(made.id);
    harness.clock.advance(1000);
    assert.deepEqual(stateOf(await read(made.id)), stateOf(made));
    const all = await provider.list<Container>('/containers/');
    const listed = all.find(({ id }) => id === made.id);
    assert.deepEqual(listed, await read(made.id));
    await destroy(made.id);
  });

  it('updates with all three fields, never the name, and compares reply and read on import', async () => {
    const made = await apply('updated', 'nginx:1.27', ENV, COMMAND);
    await starts(made.id);
    const running = await read(made.id);
    harness.clock.advance(5000);
    const body = { image: 'nginx:1.28', env: { ...ENV, MORE: '1' }, command: [] };
    const reply = await provider.call('PATCH', `/containers/${made.id}/`, body);
    assert.equal(reply.status, 200, reply.text);
    const updated = reply.body as Container;
    assert.deepEqual(stateOf(updated), { ...stateOf(running), ...body });
    harness.clock.advance(1000);
    // On import every field is compared, including status, updated_at and address.
    assert.deepEqual(await read(made.id), updated);
    assert.deepEqual(
      [updated.status, updated.ipv6_address],
      [running.status, running.ipv6_address],
    );
    await destroy(made.id);
  });

  it('sends an unchanged update, and nothing is restarted', async () => {
    const made = await apply('same', 'nginx:1.27', ENV, COMMAND);
    await starts(made.id);
    const before = await read(made.id);
    harness.clock.advance(5000);
    const body = { image: made.image, env: ENV, command: COMMAND };
    assert.deepEqual((await provider.call('PATCH', `/containers/${made.id}/`, body)).body, before);
    assert.deepEqual(await read(made.id), before);
    await destroy(made.id);
  });

  it("replaces by DELETE and POST of the same name, at the quota's limit", async () => {
    const all = [await apply('a', 'x'), await apply('b', 'x'), await apply('c', 'x')];
    const over = await provider.call('POST', '/containers/', {
      name: 'd',
      image: 'x',
      env: {},
      command: [],
    });
    assert.deepEqual([over.status, over.body.error?.code], [403, 'quota_exceeded']);
    for (const { id, name } of all) {
      await destroy(id);
      const replaced = await apply(name, 'y');
      assert.notEqual(replaced.id, id);
      await destroy(replaced.id);
    }
  });

  it('lists every page without ever sending a limit', async () => {
    await harness.db
      .updateTable('orgs')
      .set({ container_limit: 200 })
      .where('id', '=', org.id)
      .execute();
    const ids: number[] = [];
    for (let index = 0; index < 60; index += 1) ids.push((await apply(`c${index}`, 'x')).id);
    const listed = await provider.list<Container>('/containers/');
    assert.deepEqual(
      listed.map(({ id }) => id),
      ids.toReversed(),
    );
    assert.deepEqual(new Set(listed.map((one) => one.org)), new Set([org.slug]));
    await Promise.all(ids.map(destroy));
    assert.deepEqual(await provider.list('/containers/'), []);
  });

  it('creates volumes, finds them unchanged, and replaces them at the limit of GB', async () => {
    const create = (body: object): Promise<Reply> => provider.call('POST', '/volumes/', body);
    const wanted = { name: 'data', size_gb: 50 };
    const made = assertVolume(await create(wanted), 201);
    await harness.db
      .updateTable('volumes')
      .set({ status: 'bound', ref: 'ref' })
      .where('id', '=', made.id)
      .execute();
    const found = assertVolume(await provider.call('GET', `/volumes/${made.id}/`), 200);
    assert.deepEqual(found, { ...made, status: 'bound' });
    assert.deepEqual(await provider.list<Volume>('/volumes/'), [found]);
    const over = await create({ name: 'more', size_gb: 1 });
    assert.deepEqual([over.status, over.body.error?.code], [403, 'quota_exceeded']);
    assert.equal(
      over.body.error?.message,
      "This would exceed your plan's limit of 50 GB of volumes. You are using 50 GB.",
    );
    assert.equal((await provider.call('DELETE', `/volumes/${made.id}/`)).status, 204);
    assert.equal((await provider.call('GET', `/volumes/${made.id}/`)).status, 404);
    const replaced = assertVolume(await create(wanted), 201);
    assert.notEqual(replaced.id, made.id);
    assert.equal((await provider.call('DELETE', `/volumes/${replaced.id}/`)).status, 204);
    assert.equal((await provider.call('DELETE', `/volumes/${replaced.id}/`)).status, 404);
  });

  it('makes a kubectl credential without a body, finds it unchanged, and revokes it', async () => {
    await harness.db
      .updateTable('orgs')
      .set({ kubectl_enabled: true })
      .where('id', '=', org.id)
      .execute();
    const made = await provider.call('POST', '/kubectl-credentials/');
    assert.equal(made.status, 201, made.text);
    const { kubeconfig, ...state } = made.body as Record<string, unknown>;
    assert.ok(typeof kubeconfig === 'string' && kubeconfig.includes('current-context'));
    for (const field of ['sa_name', 'created_at', 'rotated_at', 'last_downloaded_at']) {
      assert.equal(typeof state[field], 'string', field);
    }
    const path = `/kubectl-credentials/${state['id']}/`;
    assert.deepEqual((await provider.call('GET', path)).body, state);
    assert.deepEqual(await provider.list('/kubectl-credentials/'), [state]);
    assert.equal((await provider.call('DELETE', path)).status, 204);
    assert.equal((await provider.call('GET', path)).status, 404);
    assert.equal((await provider.call('DELETE', path)).status, 404);
  });

  it('drops missing objects from its state, and treats a 404 on delete as success', async () => {
    const { id } = await apply('gone', 'x');
    await destroy(id);
    const again = await provider.call('DELETE', `/containers/${id}/`);
    assert.deepEqual([again.status, again.body.error?.code], [404, 'not_found']);
    assert.equal(
      (await provider.call('PATCH', `/containers/${id}/`, { image: 'x', env: {}, command: [] }))
        .status,
      404,
    );
  });

  it('receives errors that it can show', async () => {
    const wrong = await provider.call('POST', '/containers/', {
      name: 'Bad',
      image: 'x',
      env: {},
      command: [],
    });
    assert.deepEqual([wrong.status, wrong.body.error?.code], [400, 'validation_error']);
    assert.match(wrong.body.error?.message ?? '', /name/);
    const foreign = providerCreate('dbx_wrong', org.slug);
    assert.equal((await foreign.call('GET', '/containers/')).status, 401);
    const elsewhere = providerCreate(await harness.tokenAdd(org.ownerId), 'no-such-org');
    assert.equal((await elsewhere.call('GET', '/containers/')).status, 404);
  });
});
