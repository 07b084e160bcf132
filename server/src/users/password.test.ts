import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DomainError } from '../base/domain-error.ts';
import { hashingTurn } from './hashing-turn.ts';
import { passwordFault } from './password-rules.ts';
import { passwordHash, passwordVerify } from './password.ts';

const PASSWORD = 'a long sentence of mine';

describe('a password', () => {
  it('is verified by its hash, which differs each time', async () => {
    const [one, two] = [await passwordHash(PASSWORD), await passwordHash(PASSWORD)];
    assert.notEqual(one, two);
    assert.match(one, /^[0-9a-f]{32}:[0-9a-f]{128}$/);
    for (const hash of [one, two]) {
      assert.equal(await passwordVerify(PASSWORD, hash), true);
      assert.equal(await passwordVerify(`${PASSWORD}.`, hash), false);
    }
  });

  it('is the same however its letters are composed', async () => {
    const hash = await passwordHash('caf\u00e9 au lait, please');
    assert.equal(await passwordVerify('cafe\u0301 au lait, please', hash), true);
  });

  it('never matches if there is no hash, or an invalid one', async () => {
    for (const hash of [null, '', ':', 'x', 'aa:bb']) {
      assert.equal(await passwordVerify(PASSWORD, hash), false, String(hash));
      assert.equal(await passwordVerify('', hash), false, String(hash));
    }
  });

  it('is hashed without blocking other work', async () => {
    let isDone = false;
    let turns = 0;
    const hashed = passwordHash(PASSWORD).finally(() => (isDone = true));
    while (!isDone) {
      turns += 1;
      await new Promise(setImmediate);
    }
    await hashed;
    assert.ok(turns > 20, `the event loop went round ${turns} times`);
  });

  it('that is easy to guess is refused with the reason', async () => {
    assert.equal(await passwordFault(PASSWORD, []), null);
    assert.equal(await passwordFault('x7Gq2mVb9LkP', []), null);
    for (const password of ['password1234', 'qwertyuiop123', 'letmeinletmein', 'dollarbox1234']) {
      assert.match((await passwordFault(password, [])) ?? '', /easy to guess/, password);
    }
    assert.equal(await passwordFault('lovelace-somerville', []), null);
    const known = ['ada.lovelace@somerville.example'];
    assert.match((await passwordFault('lovelacesomerville', known)) ?? '', /easy to guess/);
  });

  it('of the maximum length is checked quickly', async () => {
    await passwordFault(PASSWORD, []);
    const startedAt = process.cpuUsage().user;
    await passwordFault('passwordqwerty1999'.repeat(14), []);
    assert.ok(process.cpuUsage().user - startedAt < 500_000);
  });
});

describe('costly work', () => {
  it('runs two at a time, in order, and is refused if too much of it waits', async () => {
    let running = 0;
    let most = 0;
    const order: number[] = [];
    let release = () => {};
    const gate = new Promise<void>((resolve) => (release = resolve));
    const work = (number: number) => async () => {
      running += 1;
      most = Math.max(most, running);
      order.push(number);
      await gate;
      running -= 1;
    };
    const all = Array.from({ length: 102 }, (_, number) => hashingTurn(work(number)));
    await assert.rejects(
      hashingTurn(work(102)),
      (error: unknown) => error instanceof DomainError && error.reason === 'contended',
    );
    release();
    await Promise.all(all);
    assert.equal(most, 2);
    assert.deepEqual(
      order,
      Array.from({ length: 102 }, (_, number) => number),
    );
    assert.equal(await hashingTurn(async () => 'on'), 'on');
  });

  it('that fails passes its turn on', async () => {
    const failing = Array.from({ length: 5 }, () =>
      assert.rejects(hashingTurn(() => Promise.reject(new Error('no')))),
    );
    await Promise.all(failing);
    assert.equal(await hashingTurn(async () => 'on'), 'on');
  });
});
