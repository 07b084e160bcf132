import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { dollarboxClientCreate, unwrap } from '@dollarbox/client';
import { canaryOf } from '@dollarbox/testbed/canary';
import { databaseCreate } from '@dollarbox/testbed/postgres';
import { type ServerProcess, serverStart } from './server-process.ts';

/** How many requests are sent after each reply to a revocation; over all kinds more than 10,000. */
const SENT_AFTER = 1700;
/** Requests that race at once, half of them to each process. */
const SENDERS = 16;
const PASSWORD = canaryOf('a pass phrase for this test');

let one: ServerProcess;
let two: ServerProcess;
let owner: ReturnType<typeof dollarboxClientCreate>;
const counts: string[] = [];
let serial = 0;

before(async () => {
  const { url } = await databaseCreate();
  const environment = {
    DATABASE_URL: url,
    SECRET_KEY: canaryOf('the same on every copy, 32 characters or more'),
    ENGINE: 'fake',
    ISOLATION: 'weak',
    LOG_LEVEL: 'warn',
  };
  one = await serverStart(environment);
  two = await serverStart({ ...environment, ROLE: 'api' });
  owner = dollarboxClientCreate({ baseUrl: one.url, token: one.token, retries: 0 });
  await one.admin('org-limits', '--org', 'main', '--containers', '1000000');
});
after(async () => {
  await two?.stop();
  await one?.remove();
});

interface Person {
  email: string;
  member: number;
  token: string;
}

async function personAdd(role: 'admin' | 'member'): Promise<Person> {
  const email = `person${(serial += 1)}@example.invalid`;
  await one.admin('user-create', '--email', email, '--password', PASSWORD);
  await one.admin('member-add', '--org', 'main', '--user', email, '--role', role);
  const flags = ['--user', email, '--name', 'racing', '--scope', 'write'];
  const { token } = await one.admin('token-create', ...flags);
  const { results } = await unwrap(owner.GET('/members/', { params: { query: { limit: 100 } } }));
  const member = results.find((each) => each.email === email)?.id ?? 0;
  return { email, member, token: String(token) };
}

/** A request that is allowed before the revocation and refused afterwards. */
type Send = (base: string, token: string, serial: number) => Promise<Response>;

const headers = (token: string) => ({
  authorization: `Bearer ${token}`,
  'content-type': 'application/json',
});

const containerPost: Send = (base, token, serial) => {
  const body = JSON.stringify({
    name: `r-${token.slice(4, 10).toLowerCase()}-${serial}`,
    image: 'x',
  });
  return fetch(`${base}/api/v1/containers/?org=main`, {
    method: 'POST',
    headers: headers(token),
    body,
  });
};

const containersGet: Send = (base, token) =>
  fetch(`${base}/api/v1/containers/?org=main&limit=1`, { headers: headers(token) });

const invitationsGet: Send = (base, token) =>
  fetch(`${base}/api/v1/invitations/?limit=1`, { headers: headers(token) });

const orgPatch: Send = (base, token, serial) => {
  const body = JSON.stringify({ name: `Main ${serial}` });
  return fetch(`${base}/api/v1/orgs/main/`, { method: 'PATCH', headers: headers(token), body });
};

/**
 * Sends requests to both processes without a pause, revokes the right to them, and goes on. None that was sent after the
 * reply to the revocation may be accepted.
 */
async function race(
  what: string,
  token: string,
  sends: readonly [Send, Send],
  revoke: () => Promise<unknown>,
  ...refusals: readonly number[]
): Promise<void> {
  let isRevoked = false;
  let sentAfter = 0;
  let acceptedBefore = 0;
  const acceptedAfter: number[] = [];
  const statusesAfter = new Set<number>();
  const sender = async (index: number): Promise<void> => {
    const base = index % 2 === 0 ? one.url : two.url;
    const send = sends[Math.floor(index / 2) % 2 === 0 ? 0 : 1];
    for (let count = 0; sentAfter < SENT_AFTER; count += 1) {
      const isAfter = isRevoked;
      if (isAfter) sentAfter += 1;
      const reply = await send(base, token, index + SENDERS * count);
      await reply.text();
      if (isAfter) statusesAfter.add(reply.status);
      if (reply.status >= 400) continue;
      if (isAfter) acceptedAfter.push(reply.status);
      else acceptedBefore += 1;
    }
  };
  const senders = Array.from({ length: SENDERS }, (_, index) => sender(index));
  const ended = Promise.all(senders);
  ended.catch(() => undefined);
  while (acceptedBefore < 4 * SENDERS) await new Promise(setImmediate);
  await revoke();
  isRevoked = true;
  await ended;
  counts.push(`${what}: ${acceptedAfter.length} of ${sentAfter} accepted afterwards`);
  assert.deepEqual(acceptedAfter, [], what);
  for (const status of statusesAfter) assert.ok(refusals.includes(status), `${what}: ${status}`);
}

describe('no request on either of two processes is accepted after the reply to', () => {
  const writes = [containerPost, containersGet] as const;

  it('the revocation of a token', async () => {
    const { token } = await personAdd('member');
    const revoke = () => one.admin('token-revoke', '--token', token.slice(4, 16));
    await race('token revoked', token, writes, revoke, 401);
  });

  it('a change to a lower role', async () => {
    const { token, member } = await personAdd('admin');
    const revoke = () =>
      unwrap(
        owner.PATCH('/members/{id}/', {
          params: { path: { id: member } },
          body: { role: 'member' },
        }),
      );
    await race('role lowered', token, [orgPatch, invitationsGet], revoke, 403);
  });

  it('the removal of a member', async () => {
    const { token, member } = await personAdd('member');
    const revoke = () =>
      unwrap(owner.DELETE('/members/{id}/', { params: { path: { id: member } } }));
    await race('member removed', token, writes, revoke, 404);
  });

  it('the disabling of an account', async () => {
    const { token, email } = await personAdd('member');
    await race(
      'user disabled',
      token,
      writes,
      () => one.admin('user-disable', '--user', email),
      401,
    );
  });

  it('the suspension of an org', async (t) => {
    const { token } = await personAdd('member');
    t.after(() => one.admin('org-resume', '--org', 'main'));
    const suspend = () => one.admin('org-suspend', '--org', 'main');
    await race('org suspended', token, [containerPost, containerPost], suspend, 403);
  });

  it("the end of an org's API", async () => {
    const { token } = await personAdd('member');
    const off = () =>
      unwrap(
        owner.PATCH('/orgs/{slug}/', {
          params: { path: { slug: 'main' } },
          body: { api_enabled: false },
        }),
      );
    await race('API switched off', token, writes, off, 403);
  });

  after(() => {
    for (const line of counts) process.stdout.write(`counted: ${line}\n`);
  });
});
