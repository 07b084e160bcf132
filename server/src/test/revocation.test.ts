import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from 'kysely';
import { sessionsEnd } from '../accounts/session-store.ts';
import { tokenRevoke } from '../tokens/store.ts';
import { userDisable } from '../users/store.ts';
import { userWritesEnd } from '../users/write-lock.ts';
import type { Browser } from './browser.ts';
import { type Harness, type TestApp, type TestCaller, harnessOpen } from './harness.ts';
import type { Client } from './http-client.ts';

/** Writers that go on at once, through two processes' worth of app, while the right to write is taken away. */
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

/** Writes without a pause until it is refused. */
async function writeOn(api: Writer, name: string): Promise<Written> {
  let accepted = 0;
  for (let index = 0; ; index += 1) {
    const reply = await api.post('/containers/', { name: `${name}-${index}`, image: 'x' });
    if (reply.status !== 201) return { accepted, refused: reply.status };
    accepted += 1;
  }
}

/** How many audit rows of writes the org has. */
async function writesOf(caller: TestCaller): Promise<number> {
  const row = await harness.db
    .selectFrom('audit_log')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('org_id', '=', caller.org.id)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** What writes: posts below `/api/v1`. */
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
  // Not before all of them are at it.
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
        ({ token }) => tokenRevoke(harness.db, token.slice(4, 16), harness.clock.now()),
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
        ({ userId }) => userDisable(harness.db, userId, harness.clock.now()),
        401,
      );
    }
  });

  it("the end of its user's membership", async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      await revokedWhileWriting(
        byToken,
        ({ userId }) =>
          harness.db.transaction().execute(async (trx) => {
            await trx.selectNoFrom(userWritesEnd(sql.val(userId)).as('held')).execute();
            await trx.deleteFrom('memberships').where('user_id', '=', userId).execute();
          }),
        // Of a user in no org the next writes are told to name one.
        404,
        400,
      );
    }
  });
});
