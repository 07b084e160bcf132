import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type SoftAuthenticator, softAuthenticatorCreate } from '../support/authenticator.ts';
import type { Browser } from '../support/browser.ts';
import { type Harness, harnessOpen } from '../support/harness.ts';
import { type Reply, assertError, assertFaults } from '../support/http-client.ts';
import {
  ACCOUNT,
  type Person,
  bodyOf,
  isIn,
  mailsTo,
  personAdd,
  twoFactorTurnOn,
} from '../support/people.ts';

const HERE = { origin: 'https://panel.example', rpId: 'panel.example' };

let harness: Harness;
before(async () => {
  harness = await harnessOpen();
});
after(() => harness.close());

async function optionsOf(browser: Browser, path: string): Promise<{ challenge: string }> {
  return bodyOf(await browser.post(`${ACCOUNT}${path}`));
}

/** A person with a passkey. */
async function holderAdd(): Promise<{ person: Person; key: SoftAuthenticator; id: number }> {
  const person = await personAdd(harness);
  const key = softAuthenticatorCreate(HERE);
  const credential = key.create(await optionsOf(person.browser, '/passkeys/options/'));
  const body = { name: 'Laptop', credential };
  const made = bodyOf<{ id: number }>(await person.browser.post(`${ACCOUNT}/passkeys/`, body), 201);
  return { person, key, id: made.id };
}

async function signInWith(key: SoftAuthenticator, browser = harness.browser()): Promise<Reply> {
  const credential = key.get(await optionsOf(browser, '/sign-in/passkey-options/'));
  return browser.post(`${ACCOUNT}/sign-in/passkey/`, { credential });
}

describe('a passkey', () => {
  it('is added, listed, signs in without a password, and is removed', async () => {
    const { person, key, id } = await holderAdd();
    const [listed] = bodyOf<{ results: Record<string, unknown>[] }>(
      await person.browser.get(`${ACCOUNT}/passkeys/`),
    ).results;
    const at = harness.clock.now().toISOString();
    assert.deepEqual(listed, { id, name: 'Laptop', created_at: at, last_used_at: null });

    const browser = harness.browser();
    bodyOf(await signInWith(key, browser));
    assert.equal(bodyOf(await browser.get(`${ACCOUNT}/`))['email'], person.email);
    const { results } = bodyOf<{ results: { last_used_at: string }[] }>(
      await browser.get(`${ACCOUNT}/passkeys/`),
    );
    assert.equal(results[0]?.last_used_at, at);

    bodyOf(await browser.delete(`${ACCOUNT}/passkeys/${id}/`), 204);
    assertError(await signInWith(key), 401, 'authentication_failed');
    const subjects = (await mailsTo(harness, person.email)).map(({ subject }) => subject);
    assert.deepEqual(subjects, [
      'DollarBox: A passkey was added',
      'DollarBox: A passkey was removed',
    ]);
  });

  it('counts as both factors', async () => {
    const { person, key } = await holderAdd();
    await twoFactorTurnOn(harness, person.browser);
    const browser = harness.browser();
    bodyOf(await signInWith(key, browser));
    assert.equal(await isIn(browser), true);
    bodyOf(await browser.post(`${ACCOUNT}/tokens/`, { name: 'a', scope: 'read' }), 201);
  });

  it('proves the user’s identity again', async () => {
    const { person, key } = await holderAdd();
    const { browser } = person;
    harness.clock.advance(300_000);
    assertError(await browser.delete(`${ACCOUNT}/two-factor/`), 403, 'reauthentication_required');
    const credential = key.get(await optionsOf(browser, '/reauthentication/passkey-options/'));
    bodyOf(await browser.post(`${ACCOUNT}/reauthentication/`, { credential }));
    bodyOf(await browser.delete(`${ACCOUNT}/two-factor/`), 204);
    const again = await browser.post(`${ACCOUNT}/reauthentication/`, { credential });
    assertFaults(again, ['credential']);
  });

  it('of a disabled account does not sign in', async () => {
    const { person, key } = await holderAdd();
    await harness.db
      .updateTable('users')
      .set({ disabled_at: harness.clock.now() })
      .where('id', '=', person.userId)
      .execute();
    assertError(await signInWith(key), 401, 'authentication_failed');
  });
});

describe('an answer to a challenge', () => {
  it('counts once', async () => {
    const { key } = await holderAdd();
    const browser = harness.browser();
    const credential = key.get(await optionsOf(browser, '/sign-in/passkey-options/'));
    bodyOf(await browser.post(`${ACCOUNT}/sign-in/passkey/`, { credential }));
    const again = await harness.browser().post(`${ACCOUNT}/sign-in/passkey/`, { credential });
    assertError(again, 401, 'authentication_failed');
  });

  it('counts for five minutes', async () => {
    const { key } = await holderAdd();
    const browser = harness.browser();
    const credential = key.get(await optionsOf(browser, '/sign-in/passkey-options/'));
    harness.clock.advance(300_000);
    const late = await browser.post(`${ACCOUNT}/sign-in/passkey/`, { credential });
    assertError(late, 401, 'authentication_failed');
  });

  it('must be to one of our challenges, for its purpose, in the session that asked', async () => {
    const { person, key } = await holderAdd();
    const { browser, userId } = person;
    const send = (path: string, challenge: string) =>
      browser.post(`${ACCOUNT}${path}`, { credential: key.get({ challenge }) });
    const refused = async (reply: Reply) =>
      assert.ok([400, 401].includes(reply.status), reply.text);

    await refused(await send('/sign-in/passkey/', 'AAAAAAAAAAAAAAAAAAAAAA'));
    const proof = await optionsOf(browser, '/reauthentication/passkey-options/');
    await refused(await send('/sign-in/passkey/', proof.challenge));
    const signIn = await optionsOf(harness.browser(), '/sign-in/passkey-options/');
    await refused(await send('/reauthentication/', signIn.challenge));
    const elsewhere = await harness.sessionAdd(userId);
    const theirs = await optionsOf(elsewhere, '/reauthentication/passkey-options/');
    await refused(await send('/reauthentication/', theirs.challenge));
    const creation = await optionsOf(browser, '/passkeys/options/');
    const credential = softAuthenticatorCreate(HERE).create(creation);
    const body = { name: 'x', credential };
    assertFaults(await elsewhere.post(`${ACCOUNT}/passkeys/`, body), ['credential']);
  });

  it('must come from our origin, for our name, from an authenticator that has asked its user', async () => {
    const { person } = await holderAdd();
    for (const wrong of [
      { ...HERE, origin: 'https://evil.example' },
      { ...HERE, origin: 'https://panel.example:444' },
      { ...HERE, rpId: 'evil.example' },
      { ...HERE, isVerifying: false },
    ]) {
      const options = await optionsOf(person.browser, '/passkeys/options/');
      const credential = softAuthenticatorCreate(wrong).create(options);
      const reply = await person.browser.post(`${ACCOUNT}/passkeys/`, { name: 'x', credential });
      assertFaults(reply, ['credential']);
    }
  });

  it('must be signed with the passkey’s own key', async () => {
    const { key } = await holderAdd();
    const browser = harness.browser();
    const options = await optionsOf(browser, '/sign-in/passkey-options/');
    const [right, forged] = [key.get(options), softAuthenticatorCreate(HERE).get(options)];
    const credential = { ...forged, id: right.id, rawId: right.rawId };
    const reply = await browser.post(`${ACCOUNT}/sign-in/passkey/`, { credential });
    assertError(reply, 401, 'authentication_failed');
  });

  it('reveals a copied authenticator by its counter', async () => {
    const { key } = await holderAdd();
    bodyOf(await signInWith(key));
    bodyOf(await signInWith(key));
    key.rewind(2);
    assertError(await signInWith(key), 401, 'authentication_failed');
  });

  it('by another person’s passkey proves nothing', async () => {
    const [one, two] = [await holderAdd(), await holderAdd()];
    const options = await optionsOf(one.person.browser, '/reauthentication/passkey-options/');
    const reply = await one.person.browser.post(`${ACCOUNT}/reauthentication/`, {
      credential: two.key.get(options),
    });
    assertFaults(reply, ['credential']);
  });

  it('of any other form is refused', async () => {
    const { person } = await holderAdd();
    for (const clientDataJSON of [
      '',
      'e30',
      '!!!',
      Buffer.from('{"challenge":5}').toString('base64url'),
    ]) {
      const credential = {
        id: '',
        rawId: '',
        type: 'public-key',
        response: { clientDataJSON },
        clientExtensionResults: {},
      };
      const reply = await harness.browser().post(`${ACCOUNT}/sign-in/passkey/`, { credential });
      assertError(reply, 401, 'authentication_failed');
      const body = { name: 'x', credential };
      assertFaults(await person.browser.post(`${ACCOUNT}/passkeys/`, body), ['credential']);
    }
  });
});

describe('passkeys', () => {
  it('are added once each, and not by an authenticator that holds one already', async () => {
    const { person, key } = await holderAdd();
    const options = await optionsOf(person.browser, '/passkeys/options/');
    const { excludeCredentials } = options as { excludeCredentials?: { id: string }[] };
    assert.equal(excludeCredentials?.length, 1);
    const body = { name: 'again', credential: key.create(options) };
    assertError(await person.browser.post(`${ACCOUNT}/passkeys/`, body), 409, 'conflict');
  });

  it('require a host name, not an IP address, in the panel’s URL', async () => {
    for (const url of ['https://192.0.2.1', 'http://[2001:db8::1]:8080']) {
      const numbered = await harnessOpen({ PUBLIC_URL: url });
      try {
        const browser = numbered.browser();
        assert.equal(bodyOf(await browser.get(`${ACCOUNT}/setup/`))['passkeys'], false);
        const reply = await browser.post(`${ACCOUNT}/sign-in/passkey-options/`);
        assertError(reply, 409, 'conflict');
      } finally {
        await numbered.close();
      }
    }
  });

  it('can’t be guessed at for long from one address', async () => {
    const guessed = await harnessOpen();
    try {
      const ask = () => guessed.browser().post(`${ACCOUNT}/sign-in/passkey-options/`);
      for (let count = 0; count < 50; count += 1) bodyOf(await ask());
      assertError(await ask(), 429, 'rate_limited');
    } finally {
      await guessed.close();
    }
  });
});
