import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from 'kysely';
import { softAuthenticatorCreate } from '../support/authenticator.ts';
import { type Harness, harnessOpen } from '../support/harness.ts';
import { assertError } from '../support/http-client.ts';
import {
  ACCOUNT,
  PASSWORD,
  bodyOf,
  isIn,
  linkTo,
  personAdd,
  signIn,
  twoFactorTurnOn,
} from '../support/people.ts';
import { base32Encode } from '../../src/accounts/totp.ts';

let harness: Harness;
/** Every secret that would open something, by its kind. */
const canaries = new Map<string, string>();
let cookieName: string;

before(async () => {
  harness = await harnessOpen({ SIGNUP: 'open' });
  const person = await personAdd(harness);
  const { browser, email } = person;
  const app = await twoFactorTurnOn(harness, browser);
  canaries.set('second factor', base32Encode(app.secret));
  canaries.set('second factor, base64', app.secret.toString('base64'));
  canaries.set('second factor, hex', app.secret.toString('hex'));
  for (const [index, code] of app.backupCodes.entries()) {
    canaries.set(`backup code ${index}`, code);
    canaries.set(`backup code ${index}, plain`, code.replace('-', ''));
  }
  const options = bodyOf<{ challenge: string }>(await browser.post(`${ACCOUNT}/passkeys/options/`));
  const here = { origin: 'https://panel.example', rpId: 'panel.example' };
  const credential = softAuthenticatorCreate(here).create(options);
  bodyOf(await browser.post(`${ACCOUNT}/passkeys/`, { name: 'key', credential }), 201);
  const waiting = bodyOf<{ challenge: string }>(
    await browser.post(`${ACCOUNT}/reauthentication/passkey-options/`),
  );
  canaries.set('challenge', waiting.challenge);
  const made = bodyOf<{ token: string }>(
    await browser.post(`${ACCOUNT}/tokens/`, { name: 'a', scope: 'write' }),
    201,
  );
  canaries.set('API token', made.token);
  canaries.set('its secret', made.token.slice(17));

  const half = harness.browser();
  await signIn(half, email);
  await harness.browser().post(`${ACCOUNT}/password-reset/`, { email });
  canaries.set('reset link', await linkTo(harness, email, '/reset-password'));
  await browser.post(`${ACCOUNT}/email/`, { email: `new-${email}`, password: PASSWORD });
  canaries.set('address link', await linkTo(harness, `new-${email}`, '/confirm-email'));
  const newcomer = harness.browser();
  const signUp = { email: 'new@example.invalid', name: 'N', org_name: 'N' };
  await newcomer.post(`${ACCOUNT}/sign-up/`, { ...signUp, password: 'a sentence to be kept' });
  canaries.set('sign-up link', await linkTo(harness, 'new@example.invalid', '/verify-email'));
  canaries.set('password', PASSWORD);
  canaries.set('password of a sign-up', 'a sentence to be kept');
  for (const each of [browser, half, newcomer]) {
    for (const [name, value] of each.cookies) {
      canaries.set(`cookie ${name}`, value);
      if (name.endsWith('session')) cookieName = name;
    }
  }
});
after(() => harness.close());

/** Every row of every table as text, with bytes in each encoding. */
async function dumpText(): Promise<string> {
  const { rows: tables } = await sql<{ name: string }>`
    select relname as name from pg_class
    where relnamespace = 'public'::regnamespace and relkind = 'r'`.execute(harness.db);
  let text = '';
  for (const { name } of tables) {
    const { rows } = await sql<{ row: string }>`
      select to_jsonb(t)::text as row from ${sql.table(name)} as t`.execute(harness.db);
    for (const { row } of rows) {
      text += `${row}\n`;
      for (const [, hex = ''] of row.matchAll(/\\\\x([0-9a-f]+)/g)) {
        const bytes = Buffer.from(hex, 'hex');
        text += `${bytes.toString('latin1')}\n${bytes.toString('base64')}\n`;
      }
    }
  }
  return text;
}

describe('a dump of the database', () => {
  it('contains nothing in clear that opens an account', async () => {
    assert.ok(canaries.size > 30, String(canaries.size));
    const dump = await dumpText();
    for (const [what, secret] of canaries) assert.ok(!dump.includes(secret), what);
    assert.ok(dump.includes('two_factor'), 'the dump is one');
  });

  it('contains no value that signs in as a cookie', async () => {
    const { rows } = await sql<{ hash: Buffer }>`
      select token_hash as hash from sessions union all select token_hash from one_time_tokens
      union all select secret_hash from tokens`.execute(harness.db);
    assert.ok(rows.length > 5);
    for (const { hash } of rows) {
      for (const value of [
        hash.toString('hex'),
        hash.toString('base64url'),
        hash.toString('hex').slice(0, 43),
        hash.toString('base64url').replaceAll(/[-_]/g, 'A'),
      ]) {
        const thief = harness.browser();
        thief.cookies.set(cookieName, value);
        assert.equal(await isIn(thief), false);
      }
      const link = { token: hash.toString('base64url'), password: 'yet another sentence' };
      const reply = await harness.browser().post(`${ACCOUNT}/password-reset/confirm/`, link);
      assertError(reply, 400, 'validation_error');
      await harness.db.deleteFrom('attempts').execute();
    }
  });

  it('opens no second factor for another account: secrets are sealed to their owner', async () => {
    const [one, two] = [await personAdd(harness), await personAdd(harness)];
    await twoFactorTurnOn(harness, one.browser);
    const app = await twoFactorTurnOn(harness, two.browser);
    harness.clock.advance(30_000);
    await sql`
      update two_factors set secret_sealed = other.secret_sealed, backup_code_hashes = other.backup_code_hashes
      from two_factors as other
      where two_factors.user_id = ${one.userId} and other.user_id = ${two.userId}`.execute(
      harness.db,
    );
    const browser = harness.browser();
    await signIn(browser, one.email);
    for (const code of [app.code(), app.backupCodes[0]]) {
      const reply = await browser.post(`${ACCOUNT}/sign-in/two-factor/`, { code });
      assert.notEqual(reply.status, 200);
      assert.equal(await isIn(browser), false);
    }
  });
});

describe('the log', () => {
  it('contains none of it either, at any level', () => {
    const log = harness.logText();
    assert.ok(log.length > 1000);
    for (const [what, secret] of canaries) assert.ok(!log.includes(secret), what);
  });
});
