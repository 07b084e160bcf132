import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import type { Role } from '../../src/db/types.ts';
import { type Harness, type TestApp, harnessOpen } from '../support/harness.ts';
import { asyncProperty } from '../support/properties.ts';
import { type Action, act, aim, isPossible, modelCreate } from './model.ts';
import { type SceneState, sceneOpen, stateOf } from './scene.ts';

let harness: Harness;
let other: TestApp;
before(async () => {
  harness = await harnessOpen();
  other = await harness.appAdd();
});
after(() => harness.close());

const PEOPLE = 5;
/** Each org's members at first: most people are in both. */
const ORGS: readonly Record<number, Role>[] = [
  { 0: 'owner', 1: 'admin', 2: 'member' },
  { 0: 'member', 1: 'owner', 2: 'admin' },
];
/** The same with everybody an owner of both. */
const OWNERS = ORGS.map(() =>
  Object.fromEntries(Array.from({ length: PEOPLE }, (_, each) => [each, 'owner' as const])),
);
const HOUR_MS = 3_600_000;

const person = fc.nat(PEOPLE - 1);
const org = fc.nat(ORGS.length - 1);
const invitation = fc.nat(30);
const where = { by: person, org };

const action: fc.Arbitrary<Action> = fc.oneof(
  weighted(24, {
    ...{ kind: fc.constant('role' as const), ...where, target: person },
    role: fc.constantFrom('owner' as const, 'admin' as const, 'member' as const),
  }),
  weighted(12, { kind: fc.constant('remove' as const), ...where, target: person }),
  weighted(20, {
    ...{ kind: fc.constant('invite' as const), ...where, target: person },
    role: fc.constantFrom('admin' as const, 'member' as const),
  }),
  weighted(3, {
    kind: fc.constantFrom('resend' as const, 'revoke' as const),
    ...where,
    invitation,
  }),
  weighted(28, {
    ...{ kind: fc.constant('accept' as const), by: person, invitation },
    link: fc.constantFrom('present' as const, 'present' as const, 'first' as const),
  }),
  weighted(1, { kind: fc.constant('disable' as const), by: person }),
  weighted(1, { kind: fc.constant('leaveService' as const), by: person }),
  weighted(1, {
    kind: fc.constant('wait' as const),
    ms: fc.constantFrom(HOUR_MS, 24 * HOUR_MS, 7 * 24 * HOUR_MS),
  }),
);

function weighted<T>(weight: number, fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) {
  return { weight, arbitrary: fc.record(fields) };
}

/** Each with whether it is aimed: see `aim`. */
const actions = fc.array(fc.tuple(action, fc.boolean()), {
  minLength: 20,
  maxLength: 40,
  size: 'max',
});

async function opened(orgs: readonly Record<number, Role>[]) {
  const model = modelCreate(PEOPLE, orgs);
  const scene = await sceneOpen(harness, other, PEOPLE, orgs);
  return { model, scene };
}

function assertOwned({ roles }: SceneState, told: string): void {
  for (const each of roles) {
    if (each !== null) assert.ok(Object.values(each).includes('owner'), `no owner: ${told}`);
  }
}

describe('roles, invitations and the last owner', () => {
  it('are what a model says after any sequence of actions, and a refusal changes nothing', async () => {
    const seen = new Map<string, number>();
    await asyncProperty(
      actions,
      async (sequence) => {
        const { model, scene } = await opened(ORGS);
        const done: Action[] = [];
        for (const [random, isOwn] of sequence) {
          const each = aim(model, random, isOwn);
          if (!isPossible(model, each)) continue;
          done.push(each);
          const told = JSON.stringify(done);
          await scene.limitsForget();
          const changes = await scene.changes();
          const expected = act(model, each);
          const reply = await scene.do(each);
          if (reply !== null) assert.equal(reply.status, expected, `${told}: ${reply.text}`);
          const state = await scene.state();
          assert.deepEqual(state, stateOf(model), told);
          assertOwned(state, told);
          if (expected >= 400) assert.equal(await scene.changes(), changes, told);
          const key = `${each.kind} ${expected}`;
          seen.set(key, (seen.get(key) ?? 0) + 1);
        }
      },
      40,
    );
    // The cases reach every outcome.
    for (const key of [
      ...['role 200', 'role 401', 'role 403', 'role 404', 'role 409'],
      ...['remove 204', 'remove 401', 'remove 403', 'remove 404', 'remove 409'],
      ...['invite 201', 'invite 403', 'invite 404', 'invite 409'],
      ...['resend 200', 'resend 404', 'resend 409', 'revoke 204', 'revoke 404'],
      ...['accept 200', 'accept 404', 'accept 409', 'leaveService 204', 'leaveService 409'],
    ]) {
      assert.ok(seen.has(key), `${key} never came: ${JSON.stringify([...seen])}`);
    }
  });

  it('never leave an org without an owner, nor answer 5xx, when actions are done at once', async () => {
    await asyncProperty(
      actions,
      async (sequence) => {
        const { model, scene } = await opened(OWNERS);
        // An open invitation of each org, whose person has just been removed.
        for (const each of invitationsOpen()) {
          act(model, each);
          await scene.do(each);
        }
        const possible = sequence
          .map(([each, isOwn]) => aim(model, each, isOwn))
          .filter(({ kind }) => kind !== 'wait' && kind !== 'disable')
          .filter((each) => isPossible(model, each));
        const told = JSON.stringify(possible);
        await scene.limitsForget();
        const before = await scene.changes();
        const replies = await Promise.all(possible.map((each) => scene.do(each)));
        for (const reply of replies)
          assert.ok((reply?.status ?? 0) < 500, `${told}: ${reply?.text}`);
        const accepted = replies.filter((reply) => (reply?.status ?? 0) < 400).length;
        // An accepted invitation has two rows: of the invitation and of the member.
        assert.ok((await scene.changes()) - before <= 2 * accepted, told);
        assertOwned(await scene.state(), told);
      },
      25,
    );
  });
});

function invitationsOpen(): Action[] {
  return ORGS.flatMap((_, index) => {
    const where = { by: index, org: index, target: PEOPLE - 1 };
    return [
      { kind: 'remove', ...where },
      { kind: 'invite', ...where, role: 'admin' },
    ] as const;
  });
}
