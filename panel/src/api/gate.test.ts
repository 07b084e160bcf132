import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { guardedFetchCreate } from './gate.ts';

type Answer = { status: number; code?: string };

/** A server that answers each path by what is next in its list, and keeps what it was sent. */
function serverCreate(answers: Record<string, Answer[]>) {
  const seen: string[] = [];
  const events: string[] = [];
  let isProven = true;
  const send = guardedFetchCreate(
    () => ({
      async proveIdentity() {
        events.push('asked');
        return isProven;
      },
      sessionEnded: () => void events.push('ended'),
    }),
    async (request) => {
      const { pathname } = new URL(request.url);
      seen.push(`${request.method} ${pathname} ${await request.text()}`.trim());
      const { status, code } = answers[pathname]?.shift() ?? { status: 500 };
      return Response.json({ error: { code } }, { status });
    },
  );
  const post = (path: string, body = '{"a":1}') =>
    send(new Request(`https://panel.example${path}`, { method: 'POST', body }));
  return { post, seen, events, refuse: () => (isProven = false) };
}

describe('a request that wants a fresh proof', () => {
  const answers = () => ({
    '/api/account/tokens/': [{ status: 403, code: 'reauthentication_required' }, { status: 201 }],
  });

  it('is sent again, whole, once the person has proven who they are', async () => {
    const { post, seen, events } = serverCreate(answers());
    assert.equal((await post('/api/account/tokens/')).status, 201);
    assert.deepEqual(events, ['asked']);
    const sent = 'POST /api/account/tokens/ {"a":1}';
    assert.deepEqual(seen, [sent, sent]);
  });

  it('stays refused when they do not', async () => {
    const { post, seen, refuse } = serverCreate(answers());
    refuse();
    assert.equal((await post('/api/account/tokens/')).status, 403);
    assert.equal(seen.length, 1);
  });

  it('is not what another refusal is', async () => {
    const { post, events } = serverCreate({
      '/api/v1/orgs/': [{ status: 403, code: 'permission_denied' }],
    });
    assert.equal((await post('/api/v1/orgs/')).status, 403);
    assert.deepEqual(events, []);
  });
});

describe('a request that is answered 401', () => {
  it('is sent again when somebody is signed in: the cookie was renewed meanwhile', async () => {
    const { post, events } = serverCreate({
      '/api/v1/orgs/': [{ status: 401 }, { status: 201 }],
      '/api/account/': [{ status: 200 }],
    });
    assert.equal((await post('/api/v1/orgs/')).status, 201);
    assert.deepEqual(events, []);
  });

  it('ends the session on the page when nobody is', async () => {
    const { post, events } = serverCreate({
      '/api/v1/orgs/': [{ status: 401 }],
      '/api/account/': [{ status: 401 }],
    });
    assert.equal((await post('/api/v1/orgs/')).status, 401);
    assert.deepEqual(events, ['ended']);
  });

  it('does not when the server could not tell', async () => {
    const { post, events } = serverCreate({
      '/api/v1/orgs/': [{ status: 401 }],
      '/api/account/': [{ status: 503 }],
    });
    assert.equal((await post('/api/v1/orgs/')).status, 401);
    assert.deepEqual(events, []);
  });

  it('is only a wrong password at the sign-in', async () => {
    const { post, events, seen } = serverCreate({ '/api/account/sign-in/': [{ status: 401 }] });
    assert.equal((await post('/api/account/sign-in/')).status, 401);
    assert.deepEqual([events, seen.length], [[], 1]);
  });
});
