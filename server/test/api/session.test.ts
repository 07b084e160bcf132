import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sessionsEnd } from '../../src/sessions/session-store.ts';
import { userRowDisable } from '../../src/users/store.ts';
import type { Browser } from '../support/browser.ts';
import { type Harness, type TestCaller, harnessOpen } from '../support/harness.ts';
import { type Reply, assertContainer, assertError } from '../support/http-client.ts';

const LIST = '/api/v1/containers/';
const DAY_MS = 86_400_000;

let harness: Harness;
let caller: TestCaller;
let browser: Browser;
let serial = 0;
before(async () => {
  harness = await harnessOpen();
  caller = await harness.callerAdd();
  browser = await harness.sessionAdd(caller.userId);
});
after(() => harness.close());

const containerNew = () => ({ name: `c${(serial += 1)}`, image: 'x' });

describe('the session of the panel', () => {
  it('reaches the routes that a token reaches, with the same replies', async () => {
    const made = assertContainer(await browser.post(LIST, containerNew()), 201);
    const path = `${LIST}${made.id}/`;
    assertContainer(await browser.patch(path, { image: 'y' }), 200);
    const [bySession, byToken] = [
      await browser.get(path),
      await caller.api.get(`/containers/${made.id}/`),
    ];
    assert.equal(bySession.text, byToken.text);
    for (const name of ['etag', 'x-dollarbox-org', 'content-type']) {
      assert.equal(bySession.headers[name], byToken.headers[name], name);
    }
    const unchanged = await browser.get(path, { 'if-none-match': bySession.headers.etag });
    assert.equal(unchanged.status, 304);
    const stale = await browser.delete(path, { 'if-match': '"99.1"' });
    assertError(stale, 412, 'precondition_failed');
    assert.equal((await browser.delete(path)).status, 204);
  });

  it('has its writes recorded as its user’s, without a token', async () => {
    const { id } = assertContainer(await browser.post(LIST, containerNew()), 201);
    const row = await harness.db
      .selectFrom('audit_log')
      .select(['user_id', 'token_id', 'action'])
      .where('object_id', '=', id)
      .executeTakeFirstOrThrow();
    assert.deepEqual(row, { user_id: caller.userId, token_id: null, action: 'container.create' });
  });

  it('repeats a write with an Idempotency-Key, by session or by token', async () => {
    const key = { 'idempotency-key': 'once' };
    const body = containerNew();
    const first = assertContainer(await browser.post(LIST, body, key), 201);
    const again = await browser.post(LIST, body, key);
    assert.equal(again.headers['idempotency-replayed'], 'true');
    assert.equal(assertContainer(again, 201).id, first.id);
    const byToken = await caller.api.post('/containers/', body, key);
    assert.equal(assertContainer(byToken, 201).id, first.id);
  });

  it('is ignored if there is an Authorization header, whatever it says', async () => {
    for (const authorization of ['Bearer dbx_wrong', 'Basic eDp5', '', 'nonsense']) {
      assertError(await browser.get(LIST, { authorization }), 401, 'authentication_failed');
    }
    const other = await harness.callerAdd();
    const reply = await browser.get('/api/v1/orgs/', { authorization: `Bearer ${other.token}` });
    const { results } = JSON.parse(reply.text) as { results: { slug: string }[] };
    assert.deepEqual(
      results.map(({ slug }) => slug),
      [other.org.slug],
    );
  });

  it('still works if the API of the org is turned off', async () => {
    const closed = await harness.callerAdd();
    const panel = await harness.sessionAdd(closed.userId);
    await harness.db
      .updateTable('orgs')
      .set({ api_enabled: false })
      .where('id', '=', closed.org.id)
      .execute();
    assertError(await closed.api.get('/containers/'), 403, 'api_disabled');
    assertContainer(await panel.post(LIST, containerNew()), 201);
    for (const path of [LIST, '/api/v1/orgs/', `/api/v1/orgs/${closed.org.slug}/`]) {
      const reply = await panel.get(path);
      assert.equal(reply.status, 200, reply.text);
      assert.ok(reply.text.includes(closed.org.slug), path);
    }
  });

  it('is one of two cookies of its name: then neither counts', async () => {
    const [[name, value] = assert.fail('no cookie')] = browser.cookies;
    for (const cookie of [`${name}=x; ${name}=${value}`, `${name}=${value}; ${name}=${value}`]) {
      assertError(await browser.get(LIST, { cookie }), 401, 'authentication_failed');
    }
    assert.equal((await browser.get(LIST, { cookie: `a=b; ${name}=${value}; c` })).status, 200);
  });
});

describe('a write by session', () => {
  /** Requests that other sites and foreign scripts can send. */
  const FORGED: Record<string, Record<string, string | undefined>> = {
    'without any proof': { origin: undefined, 'sec-fetch-site': undefined },
    'from another site': { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
    'from another site that tells no origin': { origin: undefined, 'sec-fetch-site': 'cross-site' },
    'from a sandboxed frame': { origin: 'null', 'sec-fetch-site': 'cross-site' },
    'from a neighbour below the same domain': {
      origin: 'https://other.example',
      'sec-fetch-site': 'same-site',
    },
    'from another origin, by a browser without Sec-Fetch-Site': {
      origin: 'https://evil.example',
      'sec-fetch-site': undefined,
    },
    'from our name in clear': { origin: 'http://panel.example', 'sec-fetch-site': undefined },
    'from the host that was called, in clear': {
      origin: 'http://other.example',
      host: 'other.example',
      'sec-fetch-site': undefined,
    },
    'from our name on another port': {
      origin: 'https://panel.example:444',
      'sec-fetch-site': undefined,
    },
    'typed in by hand': { origin: undefined, 'sec-fetch-site': 'none' },
    'with an origin that belies the site': {
      origin: 'https://evil.example',
      'sec-fetch-site': 'same-origin',
    },
    'with a site that belies the origin': {
      origin: 'https://panel.example',
      'sec-fetch-site': 'cross-site',
    },
  };
  for (const [what, headers] of Object.entries(FORGED)) {
    it(`${what} is refused, and changes nothing`, async () => {
      const before = (await browser.get(LIST)).text;
      assertError(await browser.post(LIST, containerNew(), headers), 403, 'permission_denied');
      assert.equal((await browser.get(LIST)).text, before);
    });
  }

  it('is accepted with either proof, and from the host that was called', async () => {
    const { host } = new URL(harness.origin);
    for (const headers of [
      { origin: undefined, 'sec-fetch-site': 'same-origin' },
      { origin: 'https://panel.example', 'sec-fetch-site': undefined },
      { origin: `https://${host}`, 'sec-fetch-site': undefined },
    ]) {
      assertContainer(await browser.post(LIST, containerNew(), headers), 201);
    }
  });

  it('needs no proof to read', async () => {
    const headers = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
    assert.equal((await browser.get(LIST, headers)).status, 200);
  });
});

describe('a session is refused on the very next request, on every process,', () => {
  async function assertOver(end: (user: TestCaller) => Promise<unknown>): Promise<void> {
    const user = await harness.callerAdd();
    const other = await harness.appAdd();
    const panel = await harness.sessionAdd(user.userId);
    const elsewhere = other.browser();
    for (const [name, value] of panel.cookies) elsewhere.cookies.set(name, value);
    assert.equal((await elsewhere.get(LIST)).status, 200);
    await end(user);
    for (const each of [panel, elsewhere]) {
      for (const send of [
        () => each.get(LIST),
        () => each.post(LIST, containerNew()),
        () => each.get('/api/account/'),
      ]) {
        assertError(await send(), 401, 'authentication_failed');
      }
    }
  }

  it('when it was ended', () =>
    assertOver(({ userId }) => sessionsEnd(harness.db, userId, harness.clock.now())));

  it('when its user is disabled', () =>
    assertOver(({ userId }) => userRowDisable(harness.db, userId, harness.clock.now())));

  it('after a week without use', () => assertOver(async () => harness.clock.advance(7 * DAY_MS)));

  it('after a month, however it is used', async () => {
    const user = await harness.callerAdd();
    const panel = await harness.sessionAdd(user.userId);
    for (let day = 0; day < 29; day += 1) {
      harness.clock.advance(DAY_MS);
      assert.equal((await panel.get(LIST)).status, 200);
      await harness.deps.usage.flush();
    }
    harness.clock.advance(DAY_MS);
    assertError(await panel.get(LIST), 401, 'authentication_failed');
  });
});

describe('the limit of requests', () => {
  it('is each session’s own', async () => {
    const limited = await harnessOpen({ RATE_LIMIT_PER_MINUTE: '5' });
    try {
      const user = await limited.callerAdd();
      const [one, two] = [
        await limited.sessionAdd(user.userId),
        await limited.sessionAdd(user.userId),
      ];
      const send = (of: Browser): Promise<Reply> => of.get(LIST);
      for (let count = 0; count < 5; count += 1) assert.equal((await send(one)).status, 200);
      assertError(await send(one), 429, 'rate_limited');
      assertError(await one.get('/api/account/'), 429, 'rate_limited');
      assert.equal((await send(two)).status, 200);
      assert.equal((await user.api.get('/containers/')).status, 200);
    } finally {
      await limited.close();
    }
  });
});
