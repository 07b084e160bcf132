import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { tokenGenerate } from '../../src/tokens/format.ts';
import { tokenRowRevoke } from '../../src/tokens/store.ts';
import { systemRandom } from '../../src/base/system.ts';
import { userRowDisable } from '../../src/users/store.ts';
import { type Harness, type TestCaller, harnessOpen } from '../support/harness.ts';
import { type Reply, assertError, httpSend } from '../support/http-client.ts';
import { rawRequest, rawSend } from '../support/raw-http.ts';

let harness: Harness;
let caller: TestCaller;
before(async () => {
  harness = await harnessOpen();
  caller = await harness.callerAdd();
});
after(() => harness.close());

const LIST = '/api/v1/containers/';

function getWith(headers: Record<string, string>): Promise<Reply> {
  return httpSend(harness.agent, harness.origin, 'GET', LIST, headers);
}

function assertUnauthenticated(reply: Reply): void {
  assert.deepEqual(assertError(reply, 401, 'authentication_failed'), {});
  assert.equal(reply.headers['www-authenticate'], 'Bearer');
}

describe('a credential', () => {
  it('is taken from the Authorization header, the scheme in any case', async () => {
    for (const scheme of ['Bearer', 'bearer', 'BEARER']) {
      assert.equal(
        (await getWith({ authorization: `${scheme} ${caller.token}` })).status,
        200,
        scheme,
      );
    }
  });

  it('is required', async () => {
    assertUnauthenticated(await getWith({}));
  });

  it('is a bearer token and nothing else', async () => {
    const basic = Buffer.from(`x:${caller.token}`).toString('base64');
    const wrong = [
      '',
      'Bearer',
      'Bearer ',
      `Basic ${basic}`,
      caller.token,
      `Bearer ${caller.token} x`,
    ];
    for (const authorization of [...wrong, `Token ${caller.token}`, `Bearer "${caller.token}"`]) {
      assertUnauthenticated(await getWith({ authorization }));
    }
  });

  it('is not read from anywhere else', async () => {
    assertUnauthenticated(await getWith({ cookie: `token=${caller.token}` }));
    assertUnauthenticated(await getWith({ 'x-api-key': caller.token }));
    const path = `${LIST}?access_token=${caller.token}&token=${caller.token}`;
    assertUnauthenticated(await httpSend(harness.agent, harness.origin, 'GET', path));
  });

  it('is one: two Authorization headers are refused, even if both are valid', async () => {
    const header = `Authorization: Bearer ${caller.token}`;
    const reply = await rawSend(
      harness.origin,
      rawRequest(`GET ${LIST} HTTP/1.1`, [header, header]),
    );
    assert.equal(reply.status, 401);
    assert.match(reply.text, /"authentication_failed"/);
    const one = await rawSend(harness.origin, rawRequest(`GET ${LIST} HTTP/1.1`, [header]));
    assert.equal(one.status, 200);
  });
});

describe('a token', () => {
  it('with one letter changed is refused without asking the database', async () => {
    const { token } = caller;
    const statements = async (): Promise<number> =>
      (await harness.deps.metrics.databaseStatements.get()).values[0]?.value ?? 0;
    const before = await statements();
    for (let index = 0; index < token.length; index += 1) {
      const letter = token[index] === 'A' ? 'B' : 'A';
      const changed = token.slice(0, index) + letter + token.slice(index + 1);
      assertUnauthenticated(await getWith({ authorization: `Bearer ${changed}` }));
    }
    assert.equal(await statements(), before);
  });

  it('that was never issued is refused, even if its checksum is right', async () => {
    const { token } = tokenGenerate(systemRandom);
    assertUnauthenticated(await getWith({ authorization: `Bearer ${token}` }));
  });

  it('with the public id of another and a right checksum is refused', async () => {
    const publicId = caller.token.slice(4, 16);
    const random = {
      ...systemRandom,
      base62: (n: number) => (n === 12 ? publicId : systemRandom.base62(n)),
    };
    const { token } = tokenGenerate(random);
    assert.equal(token.slice(4, 16), publicId);
    assertUnauthenticated(await getWith({ authorization: `Bearer ${token}` }));
  });

  it('is refused from the request after its revocation on, on every process', async () => {
    const { token, api } = await harness.callerAdd();
    const other = await harness.appAdd();
    assert.equal((await api.get('/containers/')).status, 200);
    assert.equal(await tokenRowRevoke(harness.db, token.slice(4, 16), harness.clock.now()), true);
    assertUnauthenticated(await api.get('/containers/'));
    assertUnauthenticated(await other.client(token).get('/containers/'));
    assertUnauthenticated(await api.post('/containers/', { name: 'a', image: 'b' }));
  });

  it('is refused from the moment of its expiry on', async () => {
    const expiresAt = new Date(harness.clock.now().getTime() + 1000);
    const api = harness.client(await harness.tokenAdd(caller.userId, { expiresAt }));
    harness.clock.advance(999);
    assert.equal((await api.get('/containers/')).status, 200);
    harness.clock.advance(1);
    assertUnauthenticated(await api.get('/containers/'));
  });

  it('is refused once its user is disabled', async () => {
    const { userId, api } = await harness.callerAdd();
    assert.equal((await api.get('/containers/')).status, 200);
    await userRowDisable(harness.db, userId, harness.clock.now());
    assertUnauthenticated(await api.get('/containers/'));
    assertUnauthenticated(await api.get('/orgs/'));
  });

  it('of 10 MB is refused with a readable reply, and the server keeps running', async () => {
    const header = `Authorization: Bearer dbx_${'a'.repeat(10_000_000)}`;
    const reply = await rawSend(harness.origin, rawRequest(`GET ${LIST} HTTP/1.1`, [header]));
    assert.equal(reply.status, 413);
    assert.match(reply.text, /"payload_too_large"/);
    assert.ok(reply.headers.get('x-request-id'));
    assert.equal((await caller.api.get('/containers/')).status, 200);
  });

  it('as long as headers may be is refused as any other', async () => {
    assertUnauthenticated(await getWith({ authorization: `Bearer dbx_${'a'.repeat(15_000)}` }));
  });
});

describe('a refusal', () => {
  it('comes before any other check', async () => {
    const anonymous = harness.client(null);
    assertUnauthenticated(await anonymous.get('/containers/abc/?nonsense=1'));
    assertUnauthenticated(
      await anonymous.post('/containers/', '{broken', { 'x-dollarbox-org': 'none' }),
    );
    assertUnauthenticated(
      await anonymous.post('/containers/', 'x', { 'content-type': 'text/plain' }),
    );
    assertUnauthenticated(await anonymous.get('/orgs/nobody/'));
  });

  it('does not reveal whether the id or the secret was wrong', async () => {
    const unknown = tokenGenerate(systemRandom).token;
    const publicId = caller.token.slice(4, 16);
    const random = {
      ...systemRandom,
      base62: (n: number) => (n === 12 ? publicId : systemRandom.base62(n)),
    };
    const wrongSecret = tokenGenerate(random).token;
    const [a, b] = await Promise.all(
      [unknown, wrongSecret].map((token) => getWith({ authorization: `Bearer ${token}` })),
    );
    assert.equal(a?.text, b?.text);
  });
});
