import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { dollarboxClientCreate, unwrap } from '@dollarbox/client';
import { CANARY, canaryFind } from '@dollarbox/testbed/canary';
import { Client, type ClientConfig } from 'pg';
import {
  databaseLook,
  embeddedLocation,
  outputLook,
  pagesLook,
  secretsFound,
  secretsNone,
} from './secret-watch.ts';
import { type ServerProcess, serverRun, serverStart } from './server-process.ts';

let server: ServerProcess;
let location: ClientConfig;
before(async () => {
  server = await serverStart({ ENGINE: 'fake', LOG_LEVEL: 'trace' });
  location = embeddedLocation(server.dataDir);
});
after(() => server?.remove());

async function query(text: string, values: unknown[] = []): Promise<void> {
  const client = new Client(location);
  await client.connect();
  await client.query(text, values);
  await client.end();
}

describe('secrets that servers under test generate', () => {
  it('contain the canary: tokens, passwords, cookies, links, kubeconfigs and secrets of two-factor', async () => {
    assert.match(server.token, new RegExp(`^dbx_\\w{12}_${CANARY}`));
    const password = /^ {2}password {2}(\S+)$/m.exec(server.output())?.[1] ?? '';
    assert.ok(password.startsWith(CANARY));
    const reply = await fetch(`${server.url}/api/account/sign-in/`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: server.url },
      body: JSON.stringify({ email: 'owner@localhost', password }),
    });
    assert.equal(reply.status, 200, await reply.text());
    const cookie = reply.headers.getSetCookie().map((each) => each.split(';')[0] ?? '');
    assert.notEqual(canaryFind(cookie.join()), null);
    const twoFactor = await fetch(`${server.url}/api/account/two-factor/`, {
      method: 'POST',
      headers: {
        ...{ cookie: cookie.join('; '), origin: server.url },
        'content-type': 'application/json',
      },
      body: JSON.stringify({ password }),
    });
    const started = await twoFactor.text();
    assert.ok(twoFactor.ok, started);
    assert.notEqual(canaryFind(started), null);
    const api = dollarboxClientCreate({ baseUrl: server.url, token: server.token, retries: 0 });
    const made = await unwrap(
      api.POST('/invitations/', { body: { email: 'x@example.com', role: 'member' } }),
    );
    assert.notEqual(canaryFind(made.accept_url), null);
    await server.admin('org-update', '--org', 'main', '--kubectl', 'on');
    const credential = await unwrap(api.POST('/kubectl-credentials/', {}));
    assert.notEqual(canaryFind(credential.kubeconfig), null);
    const admin = await server.admin('user-invite', '--email', 'y@example.com');
    assert.notEqual(canaryFind(String(admin['link'])), null);
    // None of it has been seen where it must not be.
    await databaseLook(location);
    outputLook('the log', server.output());
    secretsNone();
  });
});

/** What the watch reports of what was done on purpose. */
function assertFound(...where: string[]): void {
  const places = secretsFound().map((each) => each.slice(0, each.indexOf(': …')));
  assert.deepEqual([...new Set(places)].toSorted(), where.toSorted());
}

describe('the watch notices a secret', () => {
  it('in a table, and in the events and the audit log of a change', async () => {
    const api = dollarboxClientCreate({ baseUrl: server.url, token: server.token, retries: 0 });
    const path = { params: { path: { slug: 'main' } } };
    await unwrap(api.PATCH('/orgs/{slug}/', { ...path, body: { name: `Leak ${CANARY}` } }));
    await databaseLook(location);
    assertFound('the table orgs', 'the table events', 'the table audit_log');
    await query(`update orgs set name = 'Main'`);
    await query('delete from audit_log');
    await query('delete from events');
    await databaseLook(location);
    assertFound();
  });

  it('as bytes in a table', async () => {
    const hash = Buffer.concat([Buffer.from(CANARY), Buffer.alloc(18)]);
    await query(`update tokens set secret_hash = $1`, [hash]);
    await databaseLook(location);
    assertFound('the table tokens');
    await query(`update tokens set secret_hash = sha256($1)`, [server.token]);
  });

  it('in an error', async () => {
    const headers = { authorization: `Bearer ${server.token}` };
    const url = `${server.url}/api/v1/containers/?${CANARY}=1`;
    const reply = await fetch(url, { headers });
    assert.equal(reply.status, 400);
    await reply.text();
    assertFound('the reply to GET /api/v1/containers/');
  });

  it('in a page', async () => {
    const page = `data:text/html,<p>${CANARY}</p>`;
    await pagesLook(server.url, page);
    assertFound(page);
  });

  it('in what a server prints, except where the first start shows them', async () => {
    const { code } = await serverRun({ ENGINE: CANARY });
    assert.equal(code, 1);
    assertFound('messages of a program');
    outputLook('the log', `${server.output()}\n  password  ${CANARY}\n`);
    assertFound();
    outputLook('the log', `${server.output()}\n{"msg":"request","token":"${server.token}"}\n`);
    assertFound('the log');
  });
});
