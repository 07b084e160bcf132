import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import type { ErrorCode } from '../../src/base/errors.ts';
import type { Browser } from '../support/browser.ts';
import { type Harness, harnessOpen } from '../support/harness.ts';
import type { Reply } from '../support/http-client.ts';
import { ACCOUNT, PASSWORD, type Person, headersOf, personAdd } from '../support/people.ts';
import { ACCOUNT_ROUTES } from '../../src/accounts/routes/routes.ts';

type Outcome = number | ErrorCode;

/** How to send a route's request, and the expected results. */
interface Row {
  /** The body, for routes that take one. */
  body?: (person: Person) => unknown;
  /** The values of the path's parameters. */
  params?: (person: Person) => Promise<Record<string, string>>;
  /**
   * For a public route: the result for every caller. Otherwise the result for a signed-in caller, with a fresh proof if
   * the route takes one.
   */
  expect: Outcome;
  /** The result for a signed-in caller without a fresh proof, if it differs. */
  stale?: Outcome;
}

const CREDENTIAL = {
  id: 'AA',
  rawId: 'AA',
  type: 'public-key',
  response: { clientDataJSON: 'e30' },
  clientExtensionResults: {},
};
const PROOF = 'reauthentication_required';
const CODE = { user_code: 'BCDF-GHJK-LMNP' };
const LINK = { token: 'x'.repeat(43) };

const ROWS: Record<string, Row> = {
  accountRead: { expect: 200 },
  accountUpdate: { body: () => ({ name: 'Grace' }), expect: 200 },
  accountDelete: { expect: 204, stale: PROOF },
  setupRead: { expect: 200 },
  signUp: {
    body: () => ({ email: 'a@b.example', password: PASSWORD, name: 'A', org_name: 'B' }),
    expect: 'permission_denied',
  },
  emailVerify: { body: () => LINK, expect: 'validation_error' },
  verificationEmailSend: { body: ({ email }) => ({ email }), expect: 202 },
  signIn: { body: ({ email }) => ({ email, password: PASSWORD }), expect: 200 },
  signInTwoFactor: { body: () => ({ code: '123456' }), expect: 'authentication_failed' },
  signInPasskeyOptions: { expect: 200 },
  signInPasskey: { body: () => ({ credential: CREDENTIAL }), expect: 'authentication_failed' },
  signOut: { expect: 204 },
  passwordResetSend: { body: ({ email }) => ({ email }), expect: 202 },
  passwordReset: { body: () => ({ ...LINK, password: PASSWORD }), expect: 'validation_error' },
  passwordChange: {
    body: () => ({ current_password: PASSWORD, new_password: 'quite another sentence' }),
    expect: 200,
  },
  emailChangeSend: {
    body: ({ email }) => ({ email: `new-${email}`, password: PASSWORD }),
    expect: 202,
  },
  emailChange: { body: () => LINK, expect: 'validation_error' },
  sessionList: { expect: 200 },
  sessionDelete: {
    async params({ userId }) {
      await harness.sessionAdd(userId);
      const rows = await harness.db
        .selectFrom('sessions')
        .select('id')
        .where('user_id', '=', userId)
        .orderBy('id', 'desc')
        .execute();
      return { id: String(rows[0]?.id) };
    },
    expect: 204,
    stale: PROOF,
  },
  sessionEndOthers: { expect: 204, stale: PROOF },
  twoFactorBegin: { body: () => ({ password: PASSWORD }), expect: 200 },
  twoFactorConfirm: { body: () => ({ code: '123456' }), expect: 'conflict' },
  twoFactorDelete: { expect: 204, stale: PROOF },
  backupCodesCreate: { expect: 'conflict', stale: PROOF },
  passkeyList: { expect: 200 },
  passkeyOptions: { expect: 200, stale: PROOF },
  passkeyCreate: {
    body: () => ({ name: 'Key', credential: CREDENTIAL }),
    expect: 'validation_error',
  },
  passkeyDelete: { params: async () => ({ id: '1' }), expect: 'not_found', stale: PROOF },
  reauthenticate: { body: () => ({ password: PASSWORD }), expect: 200 },
  reauthenticationPasskeyOptions: { expect: 'conflict' },
  invitationShow: { body: () => LINK, expect: 'not_found' },
  invitationAccept: { body: () => LINK, expect: 'not_found' },
  invitationSignUp: {
    body: () => ({ ...LINK, name: 'Grace', password: PASSWORD }),
    expect: 'not_found',
  },
  tokenList: { expect: 200 },
  tokenCreate: { body: () => ({ name: 'deploy', scope: 'read' }), expect: 201 },
  tokenDelete: {
    async params({ userId }) {
      const token = await harness.tokenAdd(userId);
      return { public_id: token.slice(4, 16) };
    },
    expect: 204,
  },
  clientLoginBegin: { body: () => ({ client: 'box', scope: 'read' }), expect: 201 },
  clientLoginFind: { body: () => CODE, expect: 'not_found' },
  clientLoginApprove: { body: () => ({ ...CODE, scope: 'read' }), expect: 'not_found' },
  clientLoginRefuse: { body: () => CODE, expect: 'not_found' },
  clientLoginAuthorize: {
    body: () => ({
      client: 'box',
      redirect_uri: 'http://127.0.0.1:50123/callback',
      state: 'abc',
      code_challenge: 'x'.repeat(43),
      scope: 'read',
    }),
    expect: 200,
  },
  clientLoginCollect: { body: () => ({ device_code: 'x'.repeat(43) }), expect: 'not_found' },
  accountSchemaRead: { expect: 200 },
};

const CALLERS = ['anonymous', 'ended', 'bearer', 'bearerAndSession', 'session', 'stale'] as const;
type Caller = (typeof CALLERS)[number];

let harness: Harness;
before(async () => {
  harness = await harnessOpen();
});
after(() => harness.close());

/** The result for a caller by the rules of the table. */
function expected(row: Row, isOpen: boolean, caller: Caller): Outcome {
  if (caller === 'bearer' || caller === 'bearerAndSession') return 'permission_denied';
  if (isOpen) return row.expect;
  if (caller === 'anonymous' || caller === 'ended') return 'authentication_failed';
  return caller === 'stale' ? (row.stale ?? row.expect) : row.expect;
}

interface Sender {
  browser: Browser;
  headers: Record<string, string>;
}

async function senderCreate(person: Person, caller: Caller): Promise<Sender> {
  const token = { authorization: `Bearer ${await harness.tokenAdd(person.userId)}` };
  const now = harness.clock.now();
  const sessions = harness.db.updateTable('sessions').where('user_id', '=', person.userId);
  switch (caller) {
    case 'anonymous':
      return { browser: harness.browser(), headers: {} };
    case 'bearer':
      return { browser: harness.browser(), headers: token };
    case 'bearerAndSession':
      return { browser: person.browser, headers: token };
    case 'ended':
      await sessions.set({ ended_at: now }).execute();
      return { browser: person.browser, headers: {} };
    case 'stale':
      await sessions.set({ proven_at: new Date(now.getTime() - 300_000) }).execute();
      return { browser: person.browser, headers: {} };
    case 'session':
      return { browser: person.browser, headers: {} };
  }
}

async function send(
  route: (typeof ACCOUNT_ROUTES)[number],
  row: Row,
  person: Person,
  sender: Sender,
  more: Record<string, string | undefined> = {},
): Promise<Reply> {
  const params = (await row.params?.(person)) ?? {};
  const path = route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => params[name] ?? '');
  const headers = { ...sender.headers, ...more };
  return sender.browser.send(route.method, `${ACCOUNT}${path}`, row.body?.(person), headers);
}

const outcomeOf = (reply: Reply): Outcome => reply.body.error?.code ?? reply.status;

/** Everything about a person that a request could have changed. */
async function stateOf(userId: number): Promise<string> {
  const { db } = harness;
  const parts = await Promise.all([
    db.selectFrom('users').selectAll().where('id', '=', userId).execute(),
    db.selectFrom('sessions').selectAll().where('user_id', '=', userId).orderBy('id').execute(),
    db.selectFrom('tokens').selectAll().where('user_id', '=', userId).orderBy('id').execute(),
    db.selectFrom('two_factors').selectAll().where('user_id', '=', userId).execute(),
    db.selectFrom('one_time_tokens').selectAll().where('user_id', '=', userId).execute(),
    db.selectFrom('audit_log').selectAll().where('user_id', '=', userId).execute(),
  ]);
  return JSON.stringify(parts);
}

/** One-time tokens, mails and attempts of a whole file would collide, so each test has its own counts. */
async function attemptsForget(): Promise<void> {
  await harness.db.deleteFrom('attempts').execute();
}

describe('every account route', () => {
  it('has a row in this table, and every row a route', () => {
    assert.deepEqual(
      ACCOUNT_ROUTES.map(({ operationId }) => operationId).toSorted(),
      Object.keys(ROWS).toSorted(),
    );
  });

  it('requires a proof if the table says so', () => {
    for (const route of ACCOUNT_ROUTES) {
      const proof = route.access === 'session' ? (route.proof ?? 'never') : 'never';
      const isAsked = ROWS[route.operationId]?.stale !== undefined;
      assert.equal(proof === 'always', isAsked, route.operationId);
    }
  });

  for (const route of ACCOUNT_ROUTES) {
    const row = ROWS[route.operationId];
    for (const caller of CALLERS) {
      it(`${route.method} ${route.path} as ${caller}`, async () => {
        assert.ok(row !== undefined, 'no row');
        await attemptsForget();
        const person = await personAdd(harness);
        const sender = await senderCreate(person, caller);
        const held = await stateOf(person.userId);
        const reply = await send(
          route,
          row.params === undefined ? row : { ...row },
          person,
          sender,
        );
        const outcome = expected(row, route.access !== 'session', caller);
        assert.equal(outcomeOf(reply), outcome, reply.text);
        assertDocumented(route, reply);
        if (typeof outcome === 'string' && row.params === undefined) {
          assert.equal(await stateOf(person.userId), held, 'a refused request changed something');
        }
      });
    }
  }
});

describe('every account route that changes something', () => {
  const FORGED = [
    { origin: undefined, 'sec-fetch-site': undefined },
    { origin: 'https://evil.example', 'sec-fetch-site': undefined },
    { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
    { origin: undefined, 'sec-fetch-site': 'cross-site' },
    { origin: 'null', 'sec-fetch-site': 'same-site' },
    { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' },
  ];
  for (const route of ACCOUNT_ROUTES) {
    // Those for programs read no cookie, so that another site's page can do no more than its own server can.
    if (route.method === 'GET' || route.access === 'client') continue;
    it(`${route.method} ${route.path} is refused to pages of other sites`, async () => {
      const row = ROWS[route.operationId] ?? assert.fail('no row');
      const person = await personAdd(harness);
      const sender = await senderCreate(person, 'session');
      const params = await row.params?.(person);
      const same = { ...row, ...(params === undefined ? {} : { params: async () => params }) };
      const held = await stateOf(person.userId);
      for (const headers of FORGED) {
        const reply = await send(route, same, person, sender, headers);
        assert.equal(outcomeOf(reply), 'permission_denied', JSON.stringify(headers));
        assert.equal(reply.headers['set-cookie'], undefined);
      }
      assert.equal(await stateOf(person.userId), held);
    });
  }
});

describe('an object of another person', () => {
  it('is answered like a missing one', async () => {
    const [mine, theirs] = [await personAdd(harness), await personAdd(harness)];
    for (const route of ACCOUNT_ROUTES) {
      if (!route.path.includes('{')) continue;
      const row = ROWS[route.operationId] ?? assert.fail('no row');
      const sender = await senderCreate(mine, 'session');
      const foreign = (await row.params?.(theirs)) ?? {};
      const missing = { id: '999999', public_id: 'AAAAAAAAAAAA' };
      const held = await stateOf(theirs.userId);
      const [a, b] = [
        await send(route, { ...row, params: async () => foreign }, mine, sender),
        await send(route, { ...row, params: async () => missing }, mine, sender),
      ];
      assert.equal(outcomeOf(a), 'not_found', route.operationId);
      assert.deepEqual([a.text, headersOf(a)], [b.text, headersOf(b)]);
      assert.equal(await stateOf(theirs.userId), held);
      for (const odd of ['0', '-1', '1e3', 'x', '%00', '../1', '1'.repeat(300)]) {
        const reply = await send(
          route,
          { ...row, params: async () => ({ id: odd, public_id: odd }) },
          mine,
          sender,
        );
        assert.ok([400, 404].includes(reply.status), `${odd} ${reply.text}`);
      }
    }
  });
});

/** The document describes the reply, and the reply has the described shape. */
function assertDocumented(route: (typeof ACCOUNT_ROUTES)[number], reply: Reply): void {
  if (reply.status !== route.success.status) return;
  const { schema } = route.success;
  if (schema === undefined) assert.equal(reply.text, '');
  else assertShape(schema, JSON.parse(reply.text), route.operationId);
}

function assertShape(schema: TSchema, value: unknown, what: string): void {
  const compiled = Compile(schema);
  assert.ok(compiled.Check(value), `${what}: ${JSON.stringify(compiled.Errors(value))}`);
  const known = Object.keys((schema as { properties?: object }).properties ?? {});
  const isOpen = (schema as { additionalProperties?: unknown }).additionalProperties === true;
  if (isOpen || what === 'accountSchemaRead') return;
  assert.deepEqual(
    Object.keys(value as object).filter((key) => !known.includes(key)),
    [],
    `${what} tells more than its schema`,
  );
}
