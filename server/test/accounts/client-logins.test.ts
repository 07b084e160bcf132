import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { type Harness, harnessOpen } from '../support/harness.ts';
import { type Reply, assertError } from '../support/http-client.ts';
import { ACCOUNT, type Person, bodyOf, personAdd } from '../support/people.ts';

let harness: Harness;
before(async () => {
  harness = await harnessOpen();
});
after(() => harness.close());

const LOGINS = `${ACCOUNT}/client-logins/`;
const POLL_MS = 5000;
const LIFE_MS = 600_000;
const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';

interface Begun {
  device_code: string;
  user_code: string;
  verification_uri: string;
  expires_in: number;
  interval: number;
}
interface Result {
  status: string;
  token: { token: string; name: string; scope: string; org: string | null } | null;
}

/** A program, which has no cookies and is no page. */
function programSend(path: string, body: unknown): Promise<Reply> {
  const none = { origin: undefined, 'sec-fetch-site': undefined };
  return harness.browser().post(`${LOGINS}${path}`, body, none);
}

async function begin(more: Record<string, unknown> = {}): Promise<Begun> {
  await harness.db.deleteFrom('attempts').execute();
  const reply = await programSend('', { client: 'box on laptop', scope: 'write', ...more });
  return bodyOf<Begun>(reply, 201);
}

const collect = (begun: Begun) => programSend('token/', { device_code: begun.device_code });

async function resultOf(begun: Begun): Promise<Result> {
  harness.clock.advance(POLL_MS);
  return bodyOf<Result>(await collect(begun));
}

const approve = ({ browser }: Person, begun: Begun, more: Record<string, unknown> = {}) =>
  browser.post(`${LOGINS}approve/`, { user_code: begun.user_code, scope: 'write', ...more });

async function authorize({ browser }: Person, more: Record<string, unknown> = {}): Promise<Reply> {
  return browser.post(`${LOGINS}authorize/`, {
    client: 'box on laptop',
    redirect_uri: 'http://127.0.0.1:50123/callback',
    state: 'abc',
    code_challenge: createHash('sha256').update(VERIFIER).digest('base64url'),
    scope: 'write',
    ...more,
  });
}

async function codeFor(person: Person, more?: Record<string, unknown>): Promise<string> {
  const { redirect_to: target } = bodyOf<{ redirect_to: string }>(await authorize(person, more));
  const url = new URL(target);
  assert.equal(`${url.origin}${url.pathname}`, 'http://127.0.0.1:50123/callback');
  assert.equal(url.searchParams.get('state'), 'abc');
  return url.searchParams.get('code') ?? assert.fail();
}

describe('signing in by a code', () => {
  it('grants what the person says, once', async () => {
    const person = await personAdd(harness);
    const begun = await begin({ org: person.org.slug });
    assert.equal(begun.verification_uri, 'https://panel.example/device');
    assert.deepEqual([begun.expires_in, begun.interval], [600, 5]);
    assert.deepEqual(await resultOf(begun), { status: 'pending', token: null });

    const typed = { user_code: begun.user_code.toLowerCase() };
    const shown = bodyOf(await person.browser.post(`${LOGINS}find/`, typed));
    const { client, ip_address: ip, scope, org } = shown;
    assert.deepEqual(
      [client, ip, scope, org],
      ['box on laptop', '127.0.0.1', 'write', person.org.slug],
    );

    bodyOf(await approve(person, begun, { scope: 'read', org: person.org.slug }));
    // What was decided is found no more.
    assertError(await approve(person, begun), 404, 'not_found');
    // Nothing that works is stored.
    const stored = await harness.db
      .selectFrom('tokens')
      .select('id')
      .where('user_id', '=', person.userId)
      .execute();
    assert.deepEqual(stored, []);
    const { status, token } = await resultOf(begun);
    assert.equal(status, 'granted');
    assert.deepEqual(
      [token?.name, token?.scope, token?.org],
      ['box on laptop', 'read', person.org.slug],
    );
    const api = harness.client(token?.token ?? '');
    assert.equal((await api.get('/whoami/')).status, 200);
    harness.clock.advance(POLL_MS);
    assertError(await collect(begun), 404, 'not_found');
  });

  it('is refused to who says no', async () => {
    const person = await personAdd(harness);
    const begun = await begin();
    bodyOf(await person.browser.post(`${LOGINS}refuse/`, { user_code: begun.user_code }));
    assert.deepEqual(await resultOf(begun), { status: 'refused', token: null });
    harness.clock.advance(POLL_MS);
    assertError(await collect(begun), 404, 'not_found');
  });

  it('is over after ten minutes, before and after it was approved', async () => {
    const person = await personAdd(harness);
    const [idle, approved] = [await begin(), await begin()];
    harness.clock.advance(LIFE_MS - 1000);
    bodyOf(await approve(person, approved));
    harness.clock.advance(1000);
    assertError(await approve(person, idle), 404, 'not_found');
    assertError(await collect(idle), 404, 'not_found');
    assertError(await collect(approved), 404, 'not_found');
  });

  it('ends with the fifth wrong entry of its code', async () => {
    const person = await personAdd(harness);
    const begun = await begin();
    const last = begun.user_code.at(-1) === 'B' ? 'C' : 'B';
    const wrong = { user_code: `${begun.user_code.slice(0, -1)}${last}` };
    for (let entry = 1; entry <= 5; entry += 1) {
      bodyOf(await person.browser.post(`${LOGINS}find/`, { user_code: begun.user_code }));
      assertError(await person.browser.post(`${LOGINS}find/`, wrong), 404, 'not_found');
    }
    assertError(await approve(person, begun), 404, 'not_found');
    harness.clock.advance(POLL_MS);
    assertError(await collect(begun), 404, 'not_found');
  });

  it('lets nobody try codes for long', async () => {
    const person = await personAdd(harness);
    const entry = { user_code: 'ZZZZ-ZZZZ-ZZZZ' };
    for (let count = 0; count < 10; count += 1) {
      assertError(await person.browser.post(`${LOGINS}find/`, entry), 404, 'not_found');
    }
    const reply = await person.browser.post(`${LOGINS}find/`, entry);
    assertError(reply, 429, 'rate_limited');
  });

  it('is asked about every few seconds at most', async () => {
    const begun = await begin();
    assert.equal((await resultOf(begun)).status, 'pending');
    const early = await collect(begun);
    assertError(early, 429, 'rate_limited');
    assert.equal(early.headers['retry-after'], '5');
    assert.equal((await resultOf(begun)).status, 'pending');
  });

  it('is begun some fifty times from an address, then not for a while', async () => {
    await begin();
    for (let count = 1; count < 50; count += 1) {
      bodyOf(await programSend('', { client: 'x', scope: 'read' }), 201);
    }
    assertError(await programSend('', { client: 'x', scope: 'read' }), 429, 'rate_limited');
  });

  it('asks for a proof where two-factor is on, as creating a token does', async () => {
    const person = await personAdd(harness);
    await harness.db
      .insertInto('two_factors')
      .values({
        user_id: person.userId,
        secret_sealed: Buffer.alloc(32),
        created_at: harness.clock.now(),
        confirmed_at: harness.clock.now(),
      })
      .execute();
    const begun = await begin();
    harness.clock.advance(300_000);
    assertError(await approve(person, begun), 403, 'reauthentication_required');
    assertError(await authorize(person), 403, 'reauthentication_required');
  });
});

describe('signing in by a redirect', () => {
  it('grants a token for the code and its verifier, once', async () => {
    const person = await personAdd(harness);
    const expires = new Date(harness.clock.now().getTime() + 3_600_000).toISOString();
    const code = await codeFor(person, { expires_at: expires });
    const body = { code, code_verifier: VERIFIER };
    const { status, token } = bodyOf<Result>(await programSend('token/', body));
    assert.equal(status, 'granted');
    const api = harness.client(token?.token ?? '');
    assert.equal(bodyOf(await api.get('/whoami/'))['expires_at'], expires);
    assertError(await programSend('token/', body), 404, 'not_found');
  });

  it('is ended by a wrong verifier', async () => {
    const person = await personAdd(harness);
    const code = await codeFor(person);
    const wrong = { code, code_verifier: 'x'.repeat(43) };
    assertError(await programSend('token/', wrong), 404, 'not_found');
    const right = { code, code_verifier: VERIFIER };
    assertError(await programSend('token/', right), 404, 'not_found');
    // A code is no device code: without the verifier it is nothing.
    const bare = await codeFor(person);
    assertError(await programSend('token/', { device_code: bare }), 404, 'not_found');
  });

  it('leads to this machine only', async () => {
    const person = await personAdd(harness);
    for (const uri of [
      'https://evil.example/callback',
      'http://127.0.0.1:1@evil.example/callback',
    ]) {
      assertError(await authorize(person, { redirect_uri: uri }), 400, 'validation_error');
    }
    assertError(await authorize(person, { org: 'not-mine' }), 400, 'validation_error');
    assertError(
      await authorize(person, { expires_at: '2001-01-01T00:00:00Z' }),
      400,
      'validation_error',
    );
  });

  it('grants nothing once the session that approved it is over, or its account disabled', async () => {
    for (const end of ['session', 'account'] as const) {
      const person = await personAdd(harness);
      const code = await codeFor(person);
      const now = harness.clock.now();
      if (end === 'session') {
        await harness.db
          .updateTable('sessions')
          .set({ ended_at: now })
          .where('user_id', '=', person.userId)
          .execute();
      } else {
        await harness.db
          .updateTable('users')
          .set({ disabled_at: now })
          .where('id', '=', person.userId)
          .execute();
      }
      const body = { code, code_verifier: VERIFIER };
      assertError(await programSend('token/', body), 404, 'not_found');
    }
  });

  it('is collected by one of several that try together', async () => {
    const person = await personAdd(harness);
    const body = { code: await codeFor(person), code_verifier: VERIFIER };
    const replies = await Promise.all(Array.from({ length: 8 }, () => programSend('token/', body)));
    assert.equal(replies.filter(({ status }) => status === 200).length, 1);
    const tokens = await harness.db
      .selectFrom('tokens')
      .select('id')
      .where('user_id', '=', person.userId)
      .execute();
    assert.equal(tokens.length, 1);
  });

  it('takes a device code, or a code with its verifier', async () => {
    for (const body of [
      {},
      { code: 'x' },
      { device_code: 'x', code: 'y', code_verifier: VERIFIER },
    ]) {
      assertError(await programSend('token/', body), 400, 'validation_error');
    }
  });
});
