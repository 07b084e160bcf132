import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { browserSecretCreate, cookieSet } from '../../src/sessions/session-cookie.ts';
import { sessionsEnd } from '../../src/sessions/session-store.ts';
import { systemRandom } from '../../src/base/system.ts';
import { tokenGenerate } from '../../src/tokens/format.ts';
import { tokenRowRevoke } from '../../src/tokens/store.ts';
import type { Browser } from '../support/browser.ts';
import { type Harness, harnessOpen } from '../support/harness.ts';
import { type Client, type Reply, assertError } from '../support/http-client.ts';

const LIMIT = 20;
/** Failed authentication from one address. */
const FAILURES = 2;
const MINUTE_MS = 60_000;

let harness: Harness;
before(async () => {
  harness = await harnessOpen({
    RATE_LIMIT_PER_MINUTE: String(LIMIT),
    TRUSTED_PROXIES: '127.0.0.1',
  });
});
after(() => harness.close());

/** What a reply reports: the policy, what is left, and the seconds until more is available. */
function told(reply: Reply): { policy: string; remaining: number; resetSeconds: number } {
  const policy = String(reply.headers['ratelimit-policy']);
  const match = /^"(\w+)";r=(\d+);t=(\d+)$/.exec(String(reply.headers['ratelimit']));
  assert.ok(match, `RateLimit: ${reply.headers['ratelimit']}`);
  assert.ok(policy.startsWith(`"${match[1]}";`), policy);
  return { policy, remaining: Number(match[2]), resetSeconds: Number(match[3]) };
}

function refusedFor(reply: Reply): number {
  const detail = assertError(reply, 429, 'rate_limited');
  const seconds = Number(reply.headers['retry-after']);
  assert.match(String(reply.headers['retry-after']), /^[1-9]\d*$/);
  assert.deepEqual(detail, { retry_after: seconds });
  return seconds;
}

async function statements(): Promise<number> {
  return (await harness.deps.metrics.databaseStatements.get()).values[0]?.value ?? 0;
}

async function use(api: Client, count: number): Promise<Reply> {
  let reply = await api.get('/containers/');
  for (let index = 1; index < count; index += 1) reply = await api.get('/containers/');
  return reply;
}

describe('the rate limit of a user', () => {
  it('is ten times that of a token, over all of their tokens', async () => {
    const { userId } = await harness.callerAdd();
    for (let count = 0; count < 10; count += 1) {
      const reply = await use(harness.client(await harness.tokenAdd(userId)), LIMIT);
      assert.equal(reply.status, 200);
    }
    const oneMore = harness.client(await harness.tokenAdd(userId));
    const refused = await oneMore.get('/containers/');
    refusedFor(refused);
    assert.equal(told(refused).policy, `"user";q=${LIMIT * 10};w=60`);
    const { api: other } = await harness.callerAdd();
    assert.equal((await other.get('/containers/')).status, 200);
    harness.clock.advance(MINUTE_MS);
    assert.equal((await oneMore.get('/containers/')).status, 200);
  });
});

describe('the rate limit of a token', () => {
  it('is reported on every reply, successful or not', async () => {
    const { api } = await harness.callerAdd();
    const replies = [
      await api.get('/containers/'),
      await api.post('/containers/', { name: 'a', image: 'x' }),
      await api.get('/containers/999/'),
      await api.post('/containers/', '{broken'),
      await api.get('/containers/?org=none'),
      await api.get('/orgs/'),
      await api.send('HEAD', '/containers/'),
    ];
    for (const [index, reply] of replies.entries()) {
      const expected = {
        policy: `"default";q=${LIMIT};w=60`,
        remaining: LIMIT - 1 - index,
        resetSeconds: 60,
      };
      assert.deepEqual(told(reply), expected);
    }
  });

  it('is reached exactly, and ends exactly when it said', async () => {
    const { api } = await harness.callerAdd();
    const last = await use(api, LIMIT);
    assert.deepEqual([last.status, told(last).remaining], [200, 0]);
    harness.clock.advance(12_345);
    const refused = await api.get('/containers/');
    const seconds = refusedFor(refused);
    assert.deepEqual(told(refused), { ...told(last), resetSeconds: seconds });
    // Never too early, and at most a second too late.
    harness.clock.advance(seconds * 1000 - 1000);
    refusedFor(await api.get('/containers/'));
    harness.clock.advance(1000);
    const again = await api.get('/containers/');
    assert.deepEqual([again.status, told(again).remaining], [200, LIMIT - 1]);
  });

  it('keeps its promise at every millisecond', async () => {
    const { api } = await harness.callerAdd();
    for (const elapsed of [0, 1, 499, 500, 999, 1000, 1001, 59_000, 59_001, 59_999]) {
      await use(api, LIMIT);
      harness.clock.advance(elapsed);
      const seconds = refusedFor(await api.get('/containers/'));
      harness.clock.advance(seconds * 1000);
      assert.equal((await api.get('/containers/')).status, 200, `after ${elapsed} ms`);
      harness.clock.advance(MINUTE_MS);
    }
  });

  it('refuses writes too, and refused writes did nothing', async () => {
    const { api } = await harness.callerAdd();
    await use(api, LIMIT);
    refusedFor(await api.post('/containers/', { name: 'a', image: 'x' }));
    harness.clock.advance(MINUTE_MS);
    assert.deepEqual((await api.get('/containers/')).body.results, []);
  });

  it('costs the database one statement for each request once it is reached', async () => {
    const { api, token } = await harness.callerAdd();
    await use(api, LIMIT + 1);
    const before = await statements();
    for (let index = 0; index < LIMIT; index += 1) refusedFor(await api.get('/containers/'));
    assert.equal((await statements()) - before, LIMIT);
    // That statement finds out whether the token is still valid: 401 comes before 429.
    await tokenRowRevoke(harness.db, token.slice(4, 16), harness.clock.now());
    assertError(await api.get('/containers/'), 401, 'authentication_failed');
  });

  it("is each token's own", async () => {
    const { api, userId } = await harness.callerAdd();
    const other = harness.client(await harness.tokenAdd(userId));
    await use(api, LIMIT + 1);
    assert.deepEqual(told(await other.get('/containers/')).remaining, LIMIT - 1);
    refusedFor(await api.get('/containers/'));
  });
});

describe('the rate limit of an address', () => {
  const from = (address: string) => ({ 'x-forwarded-for': address });

  it('limits failed authentication, and valid tokens of the same address keep working', async () => {
    const wrong = harness.client('dbx_nonsense');
    const { api } = await harness.callerAdd();
    for (let count = 0; count < FAILURES; count += 1) {
      const reply = await wrong.get('/containers/', from('192.0.2.1'));
      assertError(reply, 401, 'authentication_failed');
      assert.equal(told(reply).policy, `"authentication";q=${FAILURES};w=60`);
    }
    const seconds = refusedFor(await wrong.get('/containers/', from('192.0.2.1')));
    refusedFor(await harness.client(null).post('/containers/', {}, from('192.0.2.1')));
    assertError(await wrong.get('/containers/', from('192.0.2.2')), 401, 'authentication_failed');
    assert.equal((await api.get('/containers/', from('192.0.2.1'))).status, 200);
    harness.clock.advance(seconds * 1000);
    assertError(await wrong.get('/containers/', from('192.0.2.1')), 401, 'authentication_failed');
  });

  it('is that of its /64 if it is IPv6', async () => {
    const wrong = harness.client('dbx_nonsense');
    for (const address of ['2001:db8::1', '2001:db8::2:3:4']) {
      assertError(await wrong.get('/containers/', from(address)), 401, 'authentication_failed');
    }
    refusedFor(await wrong.get('/containers/', from('2001:db8:0:0:ffff::1')));
    const elsewhere = await wrong.get('/containers/', from('2001:db8:0:1::1'));
    assertError(elsewhere, 401, 'authentication_failed');
  });

  it('limits routes that need no caller', async () => {
    const anonymous = harness.client(null);
    for (let count = 0; count < LIMIT; count += 1) {
      const reply = await anonymous.get('/nowhere/', from('192.0.2.3'));
      assertError(reply, 404, 'not_found');
      assert.deepEqual(told(reply), {
        policy: `"anonymous";q=${LIMIT};w=60`,
        remaining: LIMIT - 1 - count,
        resetSeconds: 60,
      });
    }
    refusedFor(await anonymous.get('/nowhere/', from('192.0.2.3')));
    refusedFor(await anonymous.send('PUT', '/containers/', undefined, from('192.0.2.3')));
    assertError(await anonymous.get('/nowhere/', from('192.0.2.4')), 404, 'not_found');
  });

  it('limits the documents and URLs that can not be read', async () => {
    const anonymous = harness.client(null);
    for (const [path, status] of [
      ['/schema/', 401],
      ['/containers/%zz/', 400],
    ] as const) {
      const address = from(`192.0.2.${status % 100}`);
      for (let count = 0; count < LIMIT; count += 1) {
        const reply = await anonymous.get(path, address);
        assert.equal(reply.status, status);
        const { policy, remaining } = told(reply);
        assert.deepEqual([policy, remaining], [`"anonymous";q=${LIMIT};w=60`, LIMIT - 1 - count]);
      }
      refusedFor(await anonymous.get(path, address));
    }
  });

  it('keeps a flood of invented tokens from the database, and valid tokens keep working', async () => {
    const address = from('192.0.2.50');
    const madeUp = () => harness.client(tokenGenerate(systemRandom).token);
    const known = await harness.callerAdd();
    assert.equal((await known.api.get('/containers/', address)).status, 200);
    const fresh = harness.client(await harness.tokenAdd(known.userId));

    for (let count = 0; count < FAILURES * 10; count += 1) {
      assert.ok((await madeUp().get('/containers/', address)).status >= 400);
    }
    const before = await statements();
    const refused = await madeUp().get('/containers/', address);
    const seconds = refusedFor(refused);
    assert.deepEqual(told(refused), {
      policy: `"authentication";q=${FAILURES};w=60`,
      remaining: 0,
      resetSeconds: seconds,
    });
    // The public id of a known token alone is not enough.
    const publicId = known.token.slice(4, 16);
    const random = {
      ...systemRandom,
      base62: (n: number) => (n === 12 ? publicId : systemRandom.base62(n)),
    };
    const forged = harness.client(tokenGenerate(random).token);
    refusedFor(await forged.get('/containers/', address));
    assert.equal(await statements(), before);

    assert.equal((await known.api.get('/containers/', address)).status, 200);
    // Only the database can distinguish a token that this process has not seen yet from an invented one.
    refusedFor(await fresh.get('/containers/', address));
    assert.equal((await fresh.get('/containers/', from('192.0.2.51'))).status, 200);
    assert.equal((await fresh.get('/containers/', address)).status, 200);

    await tokenRowRevoke(harness.db, publicId, harness.clock.now());
    refusedFor(await known.api.get('/containers/', address));
    harness.clock.advance(seconds * 1000);
    assertError(await madeUp().get('/containers/', address), 401, 'authentication_failed');
  });

  it('keeps a flood of invented cookies from the database, and valid sessions keep working', async () => {
    const address = from('192.0.2.60');
    const { userId } = await harness.callerAdd();
    const [known, fresh] = [await harness.sessionAdd(userId), await harness.sessionAdd(userId)];
    const madeUp = (): Browser => {
      const browser = harness.browser();
      const { value } = browserSecretCreate(systemRandom);
      browser.keep(cookieSet(harness.deps.config, 'session', value, 60));
      return browser;
    };
    const paths = ['/api/account/', '/api/v1/schema/', '/api/v1/docs/', '/api/v1/containers/'];
    assert.equal((await known.get('/api/v1/containers/', address)).status, 200);

    for (let count = 0; count < FAILURES * 10; count += 1) {
      const reply = await madeUp().get(paths[count % paths.length] ?? '', address);
      assert.ok([302, 401, 429].includes(reply.status), reply.text);
    }
    const before = await statements();
    for (const path of paths) {
      const refused = await madeUp().get(path, address);
      const seconds = refusedFor(refused);
      assert.deepEqual(told(refused), {
        policy: `"authentication";q=${FAILURES};w=60`,
        remaining: 0,
        resetSeconds: seconds,
      });
    }
    assert.equal(await statements(), before);

    // The whole process knows a session, wherever it was seen.
    for (const path of paths) assert.equal((await known.get(path, address)).status, 200, path);
    refusedFor(await fresh.get('/api/account/', address));
    assert.equal((await fresh.get('/api/account/', from('192.0.2.61'))).status, 200);
    assert.equal((await fresh.get('/api/account/', address)).status, 200);
    await sessionsEnd(harness.db, userId, harness.clock.now());
    assertError(await known.get('/api/account/', address), 429, 'rate_limited');
    const ended = await statements();
    refusedFor(await known.get('/api/v1/schema/', address));
    assert.equal(await statements(), ended, 'what has ended is known no more');
  });

  it('is believed from a trusted proxy only', async () => {
    const direct = await harnessOpen({ RATE_LIMIT_PER_MINUTE: String(LIMIT) });
    try {
      const wrong = direct.client('dbx_nonsense');
      for (let count = 0; count < FAILURES; count += 1) {
        assertError(
          await wrong.get('/containers/', from(`192.0.2.${count}`)),
          401,
          'authentication_failed',
        );
      }
      refusedFor(await wrong.get('/containers/', from('192.0.2.99')));
    } finally {
      await direct.close();
    }
  });
});
