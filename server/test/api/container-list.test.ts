import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Container } from '../../src/containers/schema.ts';
import { type Harness, type TestCaller, harnessOpen } from '../support/harness.ts';
import {
  type Client,
  type Reply,
  assertContainer,
  assertError,
  assertFaults,
} from '../support/http-client.ts';

const PUBLIC_URL = 'https://panel.example';

let harness: Harness;
before(async () => {
  harness = await harnessOpen({ PUBLIC_URL });
});
after(() => harness.close());

/** A caller with `count` containers, of which `c0` is the oldest. */
async function callerWith(count: number): Promise<TestCaller & { ids: number[] }> {
  const caller = await harness.callerAdd();
  const ids: number[] = [];
  for (let index = 0; index < count; index += 1) ids.push(await add(caller.api, `c${index}`));
  return { ...caller, ids };
}

async function add(api: Client, name: string, org = ''): Promise<number> {
  const path = org === '' ? '/containers/' : `/containers/?org=${org}`;
  return assertContainer(await api.post(path, { name, image: 'x' }), 201).id;
}

const idsOf = (reply: Reply): number[] => (reply.body.results ?? []).map(({ id }) => id);

/** Follows a link as a client does: relative to the server that it knows. */
function follow(api: Client, link: string | null | undefined): Promise<Reply> {
  const path = (link ?? '').slice(`${PUBLIC_URL}/api/v1`.length);
  assert.equal(link, `${PUBLIC_URL}/api/v1${path}`);
  assert.match(path, /^\/containers\/\?/);
  return api.get(path);
}

/** All pages from a given one on, in one direction. */
async function walk(api: Client, from: Reply, direction: 'next' | 'previous'): Promise<Reply[]> {
  const pages = [from];
  for (let page = from; page.body[direction] !== null;) {
    assert.equal(page.status, 200, page.text);
    assert.ok(pages.length < 100, 'it never ends');
    page = await follow(api, page.body[direction]);
    pages.push(page);
  }
  return pages;
}

describe('a list', () => {
  it('is empty if there is nothing', async () => {
    const { api } = await harness.callerAdd();
    assert.equal(
      (await api.get('/containers/')).text,
      '{"next":null,"previous":null,"results":[]}',
    );
  });

  it('is newest first, 50 per page by default', async () => {
    const { api, ids } = await callerWith(52);
    const page = await api.get('/containers/');
    assert.deepEqual(idsOf(page), ids.toReversed().slice(0, 50));
    assert.equal(page.body.previous, null);
    const last = await follow(api, page.body.next);
    assert.deepEqual(idsOf(last), ids.toReversed().slice(50));
    assert.equal(last.body.next, null);
  });

  it('shows each container as a read of it does', async () => {
    const { api, ids } = await callerWith(1);
    const { results } = (await api.get('/containers/')).body;
    assert.deepEqual(results, [(await api.get(`/containers/${ids[0]}/`)).body]);
  });

  it('is walked forward and backward, every container once, whatever the page size', async () => {
    const { api, ids } = await callerWith(7);
    const newestFirst = ids.toReversed();
    for (let limit = 1; limit <= 8; limit += 1) {
      const first = await api.get(`/containers/?limit=${limit}`);
      const forward = await walk(api, first, 'next');
      assert.deepEqual(forward.flatMap(idsOf), newestFirst, `limit ${limit}`);
      assert.equal(forward[0]?.body.previous, null);
      const backward = await walk(api, forward.at(-1) ?? first, 'previous');
      assert.deepEqual(
        backward.toReversed().flatMap(idsOf),
        newestFirst,
        `limit ${limit}, backward`,
      );
      for (const page of [...forward.slice(0, -1), ...backward.slice(1)]) {
        assert.equal(idsOf(page).length, limit);
      }
    }
  });

  it('is walked over several orgs, and each container names its own', async () => {
    const one = await callerWith(0);
    const two = await harness.orgAdd({ ownerId: one.userId });
    const slugs = [one.org.slug, two.slug];
    const made: { id: number; org: string }[] = [];
    for (let index = 0; index < 9; index += 1) {
      const org = slugs[index % 3 === 0 ? 0 : 1] ?? '';
      made.push({ id: await add(one.api, `c${index}`, org), org });
    }
    const stranger = await callerWith(2);
    for (const limit of [1, 2, 4, 20]) {
      const forward = await walk(one.api, await one.api.get(`/containers/?limit=${limit}`), 'next');
      const shown = forward
        .flatMap((page) => page.body.results ?? [])
        .map(({ id, org }) => ({ id, org }));
      assert.deepEqual(shown, made.toReversed(), `limit ${limit}`);
      const backward = await walk(one.api, forward.at(-1) ?? assert.fail(), 'previous');
      assert.deepEqual(backward.toReversed().flatMap(idsOf), made.map(({ id }) => id).toReversed());
    }
    assert.deepEqual(idsOf(await stranger.api.get('/containers/')), stranger.ids.toReversed());
  });

  it('of one org of several holds only its own, on every page', async () => {
    const one = await callerWith(3);
    const two = await harness.orgAdd({ ownerId: one.userId });
    await add(one.api, 'other', two.slug);
    const pages = await walk(
      one.api,
      await one.api.get(`/containers/?limit=1&org=${one.org.slug}`),
      'next',
    );
    assert.deepEqual(pages.flatMap(idsOf), one.ids.toReversed());
    // The org is named in the header, not in the query, so a client that follows a link must send it again.
    const byHeader = await one.api.get('/containers/?limit=1', { 'x-dollarbox-org': two.slug });
    assert.deepEqual([idsOf(byHeader).length, byHeader.body.next], [1, null]);
  });
});

describe('pages', () => {
  it('stay right while rows come and go', async () => {
    const { api, ids } = await callerWith(6);
    const newestFirst = ids.toReversed();
    const first = await api.get('/containers/?limit=2');
    const added = await add(api, 'added');
    await api.delete(`/containers/${newestFirst[0]}/`);
    await api.delete(`/containers/${newestFirst[2]}/`);
    const second = await follow(api, first.body.next);
    assert.deepEqual(idsOf(second), newestFirst.slice(3, 5));
    // The row that the cursor names is gone, but the page after it is unchanged.
    await api.delete(`/containers/${newestFirst[4]}/`);
    const third = await follow(api, second.body.next);
    assert.deepEqual(idsOf(third), newestFirst.slice(5));
    const back = await walk(api, third, 'previous');
    assert.deepEqual(back.toReversed().flatMap(idsOf), [
      added,
      newestFirst[1],
      newestFirst[3],
      newestFirst[5],
    ]);
  });

  it('whose rows have all gone lead back', async () => {
    const { api, ids } = await callerWith(4);
    const first = await api.get('/containers/?limit=2');
    for (const id of ids.slice(0, 2)) await api.delete(`/containers/${id}/`);
    const gone = await follow(api, first.body.next);
    assert.deepEqual([idsOf(gone), gone.body.next], [[], null]);
    const back = await follow(api, gone.body.previous);
    assert.deepEqual(idsOf(back), ids.slice(2).toReversed());
    for (const id of ids.slice(2)) await api.delete(`/containers/${id}/`);
    const nothing = await follow(api, gone.body.previous);
    assert.deepEqual(nothing.body, { next: null, previous: null, results: [] });
  });

  it('keep filters and every other parameter in their links', async () => {
    const { api, org, ids } = await callerWith(4);
    const path = `/containers/?status=pending&limit=1&org=${org.slug}`;
    const pages = await walk(api, await api.get(path), 'next');
    assert.deepEqual(pages.flatMap(idsOf), ids.toReversed());
    for (const page of pages.slice(1)) {
      const { searchParams } = new URL(page.body.previous ?? '');
      const { cursor: _cursor, ...others } = Object.fromEntries(searchParams);
      assert.deepEqual(others, { status: 'pending', limit: '1', org: org.slug });
    }
  });

  it('of the same cursor are the same bytes', async () => {
    const { api, ids } = await callerWith(3);
    const cursor = Buffer.from(`p=${ids[2]}`).toString('base64');
    const page = await api.get(`/containers/?cursor=${encodeURIComponent(cursor)}`);
    assert.deepEqual(idsOf(page), [ids[1], ids[0]]);
    assert.equal(
      (await api.get(`/containers/?cursor=${encodeURIComponent(cursor)}`)).text,
      page.text,
    );
  });
});

describe('a filter', () => {
  it('by name finds the one live container of that name', async () => {
    const { api, ids } = await callerWith(3);
    assert.deepEqual(idsOf(await api.get('/containers/?name=c1')), [ids[1]]);
    for (const name of ['c', 'C1', 'c1%20', '%25', 'c_', '', "c1'--"]) {
      assert.deepEqual(idsOf(await api.get(`/containers/?name=${name}`)), [], name);
    }
    await api.delete(`/containers/${ids[1]}/`);
    assert.deepEqual(idsOf(await api.get('/containers/?name=c1')), []);
  });

  it('by status finds those of that status', async () => {
    const { api, ids } = await callerWith(3);
    await harness.db
      .updateTable('containers')
      .set({ status: 'running' })
      .where('id', '=', ids[1] ?? 0)
      .execute();
    assert.deepEqual(idsOf(await api.get('/containers/?status=running')), [ids[1]]);
    assert.deepEqual(idsOf(await api.get('/containers/?status=pending')), [ids[2], ids[0]]);
    assert.deepEqual(idsOf(await api.get('/containers/?status=stopped')), []);
    assert.deepEqual(idsOf(await api.get('/containers/?status=running&name=c1')), [ids[1]]);
    assert.deepEqual(idsOf(await api.get('/containers/?status=running&name=c0')), []);
  });

  it('finds every name in use', async () => {
    const { api } = await callerWith(5);
    const { results = [] } = (await api.get('/containers/')).body;
    for (const container of results as Container[]) {
      assert.deepEqual((await api.get(`/containers/?name=${container.name}`)).body.results, [
        container,
      ]);
    }
  });
});

describe('wrong parameters', () => {
  let api: Client;
  before(async () => ({ api } = await callerWith(3)));

  it('are refused by name: limits', async () => {
    for (const limit of [
      '0',
      'x',
      '-1',
      '1.5',
      '1e3',
      '',
      '%20',
      '+5',
      '0x10',
      '000',
      '%D9%A3',
      'null',
    ]) {
      assertFaults(await api.get(`/containers/?limit=${limit}`), ['limit']);
    }
    const twice = await api.get('/containers/?limit=1&limit=2');
    assertFaults(twice, ['limit']);
    assert.match(twice.text, /Must be given once\./);
  });

  it('are reduced to the maximum if a limit is larger', async () => {
    for (const limit of ['200', '201', `1${'0'.repeat(30)}`, '9'.repeat(500), '01']) {
      const reply = await api.get(`/containers/?limit=${limit}`);
      assert.equal(reply.status, 200, limit);
      assert.equal(idsOf(reply).length, limit === '01' ? 1 : 3);
    }
  });

  it('are refused by name: cursors of noise', async () => {
    const negative = Buffer.from('p=-1').toString('base64');
    const huge = Buffer.from(`p=${2 ** 63}`).toString('base64');
    const noise = [
      '',
      'x',
      '%F0%9F%A6%8A',
      'cD0',
      'cD0y%20',
      '..',
      "'",
      '%00',
      negative,
      huge,
      'A'.repeat(4000),
    ];
    for (const cursor of noise)
      assertFaults(await api.get(`/containers/?cursor=${cursor}`), ['cursor']);
    assertFaults(await api.get('/containers/?cursor=cD0y&cursor=cD0y'), ['cursor']);
  });

  it('are refused by name: filters', async () => {
    assertFaults(await api.get('/containers/?status=dead'), ['status']);
    assertFaults(await api.get('/containers/?name=a&name=b'), ['name']);
    assertFaults(await api.get('/containers/?name=%00'), ['name']);
  });

  it('are refused by name: unknown ones, all at once', async () => {
    assertFaults(await api.get('/containers/?page=2&offset=5&sort=name'), [
      'offset',
      'page',
      'sort',
    ]);
    assertFaults(await api.get('/containers/?__proto__=1&constructor=2'), [
      '__proto__',
      'constructor',
    ]);
    assertFaults(await api.get('/containers/?limit=0&cursor=x&status=y&z'), [
      'cursor',
      'limit',
      'status',
      'z',
    ]);
    assertFaults(await api.get('/orgs/?slug=a'), ['slug']);
    const { id } = (await api.get('/containers/')).body.results?.[0] ?? assert.fail();
    assertFaults(await api.get(`/containers/${id}/?limit=1`), ['limit']);
    assertFaults(await api.delete(`/containers/${id}/?force=1`), ['force']);
    assertFaults(await api.post('/containers/?dry=1', { name: 'new', image: 'x' }), ['dry']);
    assert.equal((await api.get('/containers/')).body.results?.length, 3);
  });

  it('in a half encoded URL do no harm', async () => {
    for (const query of ['name=%zz', 'name=%', 'name=%ed%a0%80', '&&&', '=', 'name']) {
      const reply = await api.get(`/containers/?${query}`);
      assert.ok(reply.status === 200 || reply.status === 400, `${query}: ${reply.text}`);
      if (reply.status === 400) assertError(reply, 400, 'validation_error');
    }
  });
});

function orgSlugsOf(reply: Reply): string[] {
  assert.equal(reply.status, 200, reply.text);
  return (reply.body.results as unknown as { slug: string }[]).map(({ slug }) => slug);
}

describe('the list of orgs', () => {
  it('is walked like any other', async () => {
    const { api, userId, org } = await harness.callerAdd();
    const slugs = [org.slug];
    for (let index = 0; index < 4; index += 1) {
      slugs.push((await harness.orgAdd({ ownerId: userId })).slug);
    }
    const shown: string[] = [];
    let reply = await api.get('/orgs/?limit=2');
    for (;;) {
      shown.push(...orgSlugsOf(reply));
      const { next } = reply.body;
      if (next === null || next === undefined) break;
      reply = await api.get(next.slice(`${PUBLIC_URL}/api/v1`.length));
    }
    assert.deepEqual(shown, slugs.toReversed());
    const back = await api.get((reply.body.previous ?? '').slice(`${PUBLIC_URL}/api/v1`.length));
    assert.deepEqual(orgSlugsOf(back), slugs.toReversed().slice(2, 4));
  });

  it('is filtered by name and status, and its links keep the filter', async () => {
    const { api, userId, org } = await harness.callerAdd();
    const named: string[] = [];
    for (let index = 0; index < 6; index += 1) {
      const { id, slug } = await harness.orgAdd({ ownerId: userId });
      const isNamed = index % 2 === 0;
      if (isNamed) named.push(slug);
      await harness.db
        .updateTable('orgs')
        .set({ name: isNamed ? 'Ours & co' : 'Other', status: isNamed ? 'suspended' : 'active' })
        .where('id', '=', id)
        .execute();
    }
    for (const filter of ['name=Ours+%26+co', 'status=suspended']) {
      const shown: string[] = [];
      let reply = await api.get(`/orgs/?${filter}&limit=2`);
      assert.equal(reply.body.previous, null, filter);
      for (;;) {
        shown.push(...orgSlugsOf(reply));
        const { next } = reply.body;
        if (next === null || next === undefined) break;
        assert.equal(new URL(next).searchParams.size, 3, next);
        reply = await api.get(next.slice(`${PUBLIC_URL}/api/v1`.length));
      }
      assert.deepEqual(shown, named.toReversed(), filter);
      const back = await api.get((reply.body.previous ?? '').slice(`${PUBLIC_URL}/api/v1`.length));
      assert.deepEqual(orgSlugsOf(back), named.toReversed().slice(0, 2), filter);
      assert.equal(back.body.previous, null, filter);
    }
    const own = await api.get(`/orgs/?name=${org.slug}&status=active`);
    assert.deepEqual(orgSlugsOf(own), [org.slug]);
    for (const filter of [`name=${org.slug}&status=suspended`, 'name=ours', 'name=']) {
      const none = await api.get(`/orgs/?${filter}`);
      assert.deepEqual(none.body, { next: null, previous: null, results: [] }, filter);
    }
    assertFaults(await api.get('/orgs/?status=running&name=%00'), ['name', 'status']);
  });
});
