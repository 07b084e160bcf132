import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sessionsEnd } from '../../src/sessions/session-store.ts';
import { tokenRowRevoke } from '../../src/tokens/store.ts';
import { userRowDisable } from '../../src/users/store.ts';
import type { Browser } from '../support/browser.ts';
import { type Harness, type TestApp, type TestCaller, harnessOpen } from '../support/harness.ts';
import type { Client } from '../support/http-client.ts';

/** Writers that run at once, through two apps, while the right to write is revoked. */
const WRITERS = 24;

let harness: Harness;
let other: TestApp;
before(async () => {
  harness = await harnessOpen();
  other = await harness.appAdd();
});
after(() => harness.close());

interface Written {
  accepted: number;
  refused: number;
}

/** Writes without a pause until a write is refused. */
async function writeOn(api: Writer, name: string): Promise<Written> {
  let accepted = 0;
  for (let index = 0; ; index += 1) {
    const reply = await api.post('/containers/', { name: `${name}-${index}`, image: 'x' });
    if (reply.status !== 201) return { accepted, refused: reply.status };
    accepted += 1;
  }
}

/** The number of audit rows of writes in the org. */
async function writesOf(caller: TestCaller): Promise<number> {
  const row = await harness.db
    .selectFrom('audit_log')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('org_id', '=', caller.org.id)
    .where('object_kind', '=', 'container')
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** The kinds of writers: each posts below `/api/v1`. */
type Writer = Pick<Client, 'post'>;

const byToken = async ({ token }: TestCaller): Promise<readonly [Writer, Writer]> => [
  harness.client(token),
  other.client(token),
];

async function bySession({ userId }: TestCaller): Promise<readonly [Writer, Writer]> {
  const one = await harness.sessionAdd(userId);
  const two = other.browser();
  for (const [name, value] of one.cookies) two.cookies.set(name, value);
  const writer = (browser: Browser): Writer => ({
    post: (path, body) => browser.post(`/api/v1${path}`, body),
  });
  return [writer(one), writer(two)];
}

async function revokedWhileWriting(
  clientsOf: (caller: TestCaller) => Promise<readonly [Writer, Writer]>,
  revoke: (caller: TestCaller) => Promise<unknown>,
  ...refusals: readonly number[]
): Promise<void> {
  const caller = await harness.callerAdd({ role: 'member', containerLimit: 1_000_000 });
  const clients = await clientsOf(caller);
  const writers = Array.from({ length: WRITERS }, (_, index) =>
    writeOn(clients[index % 2 === 0 ? 0 : 1], `w${index}`),
  );
  // Not before all of them are writing.
  while ((await writesOf(caller)) < WRITERS) await new Promise(setImmediate);
  await revoke(caller);
  const afterRevocation = await writesOf(caller);
  const results = await Promise.all(writers);
  assert.equal(
    await writesOf(caller),
    afterRevocation,
    'a write was committed after the revocation',
  );
  assert.equal(
    results.reduce((sum, { accepted }) => sum + accepted, 0),
    afterRevocation,
  );
  for (const { refused } of results) assert.ok(refusals.includes(refused), `${refused}`);
}

describe('no write is committed after the answer to', () => {
  const ROUNDS = 3;

  it('the revocation of its token', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      await revokedWhileWriting(
        byToken,
        ({ token }) => tokenRowRevoke(harness.db, token.slice(4, 16), harness.clock.now()),
        401,
      );
    }
  });

  it('the end of its session', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      await revokedWhileWriting(
        bySession,
        ({ userId }) => sessionsEnd(harness.db, userId, harness.clock.now()),
        401,
      );
    }
  });

  it('the disabling of its user', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      await revokedWhileWriting(
        byToken,
        ({ userId }) => userRowDisable(harness.db, userId, harness.clock.now()),
        401,
      );
    }
  });

  it('the removal of its user from the org', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      await revokedWhileWriting(
        byToken,
        async (caller) => {
          const { owner, member } = await ownerOf(caller);
          assert.equal((await owner.delete(`/members/${member}/`)).status, 204);
        },
        // The next writes of a user without an org are refused with a request to name one.
        404,
        400,
      );
    }
  });

  it("the end of its org's API", async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      await revokedWhileWriting(
        byToken,
        async (caller) => {
          const { owner } = await ownerOf(caller);
          const off = await owner.patch(`/orgs/${caller.org.slug}/`, { api_enabled: false });
          assert.equal(off.status, 200, off.text);
        },
        403,
      );
    }
  });
});

/** The owner of a caller's org, and the id of the caller's membership. */
async function ownerOf({ org, userId }: TestCaller): Promise<{ owner: Client; member: number }> {
  const { id } = await harness.db
    .selectFrom('memberships')
    .select('id')
    .where('user_id', '=', userId)
    .executeTakeFirstOrThrow();
  return { owner: harness.client(await harness.tokenAdd(org.ownerId)), member: id };
}
