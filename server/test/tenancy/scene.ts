import assert from 'node:assert/strict';
import { sql } from 'kysely';
import { userDisable } from '../../src/users/operations.ts';
import { OPERATOR } from '../../src/changes/actor.ts';
import type { Role } from '../../src/db/types.ts';
import type { Browser } from '../support/browser.ts';
import type { Harness, TestApp, TestOrg } from '../support/harness.ts';
import type { Client, Reply } from '../support/http-client.ts';
import { ACCOUNT } from '../support/people.ts';
import type { Action, Model } from './model.ts';

interface ScenePerson {
  userId: number;
  email: string;
  /** On the first process and on the second. */
  clients: readonly [Client, Client];
  browsers: readonly [Browser, Browser];
}

interface SceneInvitation {
  id: number;
  firstLink: string;
  link: string;
}

/** Two processes, and people and orgs as in a model, on which actions are done over HTTP. */
export interface Scene {
  /** People have just signed in, and nobody has tried a link that leads to nothing, which counts as a guess. */
  limitsForget(): Promise<void>;
  /** Does an action, on one process or the other. @returns the status of the reply. */
  do(action: Action): Promise<Reply | null>;
  /** The roles and invitations in the database, in the model's terms. */
  state(): Promise<SceneState>;
  /** How many changes the audit log has of these orgs. */
  changes(): Promise<number>;
}

export interface SceneState {
  /** Of each org, by person; null: it is gone. */
  roles: (Record<number, Role> | null)[];
  /** Of each invitation whose org is there. */
  invitations: (string | null)[];
}

export async function sceneOpen(
  harness: Harness,
  other: TestApp,
  people: number,
  members: readonly Readonly<Record<number, Role>>[],
): Promise<Scene> {
  const persons: ScenePerson[] = [];
  for (let index = 0; index < people; index += 1) persons.push(await personAdd(harness, other));
  const orgs: TestOrg[] = [];
  for (const roles of members) {
    const [first, ...others] = Object.entries(roles).toSorted(([, a]) => (a === 'owner' ? -1 : 1));
    const ownerId = at(persons, Number(first?.[0])).userId;
    const org = await harness.orgAdd({ ownerId });
    for (const [person, role] of others) {
      await harness.memberAdd(org, at(persons, Number(person)).userId, role);
    }
    orgs.push(org);
  }
  /** Ids of memberships, by org and person: that of the last one, where somebody came back. */
  const memberIds = new Map<string, number>();
  const invitations: SceneInvitation[] = [];
  let serial = 0;

  async function membersLearn(): Promise<void> {
    const rows = await harness.db
      .selectFrom('memberships')
      .select(['id', 'org_id', 'user_id'])
      .where(
        'org_id',
        'in',
        orgs.map(({ id }) => id),
      )
      .execute();
    for (const row of rows) {
      const org = orgs.findIndex(({ id }) => id === row.org_id);
      const person = persons.findIndex(({ userId }) => userId === row.user_id);
      memberIds.set(`${org} ${person}`, row.id);
    }
  }
  await membersLearn();

  async function run(action: Action): Promise<Reply | null> {
    if (action.kind === 'wait') {
      harness.clock.advance(action.ms);
      return null;
    }
    const person = at(persons, action.by);
    const isSecond = (serial += 1) % 2 === 1;
    const api = person.clients[isSecond ? 1 : 0];
    if (action.kind === 'disable') {
      await harness.db
        .transaction()
        .execute((trx) => userDisable(trx, OPERATOR, person.userId, harness.deps));
      return null;
    }
    if (action.kind === 'leaveService' || action.kind === 'accept') {
      const browser = person.browsers[isSecond ? 1 : 0];
      if (action.kind === 'leaveService') return browser.delete(`${ACCOUNT}/`);
      const { firstLink, link } = at(invitations, action.invitation);
      const token = action.link === 'first' ? firstLink : link;
      return browser.post(`${ACCOUNT}/invitations/accept/`, { token });
    }
    const headers = { 'x-dollarbox-org': at(orgs, action.org).slug };
    if (action.kind === 'role' || action.kind === 'remove') {
      const path = `/members/${memberIds.get(`${action.org} ${action.target}`)}/`;
      if (action.kind === 'remove') return api.delete(path, headers);
      return api.patch(path, { role: action.role }, headers);
    }
    if (action.kind === 'invite') {
      const { email } = at(persons, action.target);
      const made = await api.post('/invitations/', { email, role: action.role }, headers);
      if (made.status === 201) {
        const link = linkOf(made);
        invitations.push({ id: made.body.id ?? assert.fail(), firstLink: link, link });
      }
      return made;
    }
    const invitation = at(invitations, action.invitation);
    const path = `/invitations/${invitation.id}/`;
    if (action.kind === 'revoke') return api.delete(path, headers);
    const resent = await api.post(`${path}resend/`, undefined, headers);
    if (resent.status === 200) invitation.link = linkOf(resent);
    return resent;
  }

  return {
    async limitsForget() {
      await harness.db.deleteFrom('attempts').execute();
      const now = harness.clock.now();
      const expiresAt = new Date(now.getTime() + 3_600_000);
      await harness.db
        .updateTable('sessions')
        .set({ created_at: now, proven_at: now, expires_at: expiresAt })
        .where('ended_at', 'is', null)
        .execute();
      await harness.db.deleteFrom('session_uses').execute();
    },
    async do(action) {
      const reply = await run(action);
      await membersLearn();
      return reply;
    },
    async state() {
      const members = await harness.db
        .selectFrom('orgs as o')
        .leftJoin('memberships as m', 'm.org_id', 'o.id')
        .select(['o.id', 'm.user_id', 'm.role'])
        .where(
          'o.id',
          'in',
          orgs.map(({ id }) => id),
        )
        .execute();
      const rows = await harness.db.selectFrom('invitations').selectAll().execute();
      return {
        roles: orgs.map(({ id }) => {
          const own = members.filter((each) => each.id === id);
          if (own.length === 0) return null;
          return Object.fromEntries(
            own.map(({ user_id: userId, role }) => [
              persons.findIndex((person) => person.userId === userId),
              role ?? assert.fail('an org without a member'),
            ]),
          );
        }),
        invitations: invitations.map(({ id }) => {
          const row = rows.find((each) => each.id === id);
          if (row === undefined) return null;
          if (row.revoked_at !== null) return 'revoked';
          return row.accepted_at === null ? 'open' : 'accepted';
        }),
      };
    },
    async changes() {
      const ids = orgs.map(({ id }) => id);
      const { rows } = await sql<{ count: number }>`
        select count(*)::int as count from audit_log where org_id = any(${ids}::bigint[])`.execute(
        harness.db,
      );
      return rows[0]?.count ?? 0;
    },
  };
}

/** What the database should hold. */
export function stateOf(model: Model): SceneState {
  return {
    roles: model.orgs.map(({ isGone, roles }) => (isGone ? null : Object.fromEntries(roles))),
    invitations: model.invitations.map(({ org, state }) =>
      model.orgs[org]?.isGone === true ? null : state,
    ),
  };
}

async function personAdd(harness: Harness, other: TestApp): Promise<ScenePerson> {
  const userId = await harness.userAdd();
  const token = await harness.tokenAdd(userId);
  const { email } = await harness.db
    .selectFrom('users')
    .select('email')
    .where('id', '=', userId)
    .executeTakeFirstOrThrow();
  return {
    ...{ userId, email },
    clients: [harness.client(token), other.client(token)],
    browsers: [await harness.sessionAdd(userId), await harness.sessionAdd(userId, other)],
  };
}

function linkOf(reply: Reply): string {
  return new URL(reply.body.accept_url ?? assert.fail(reply.text)).searchParams.get('token') ?? '';
}

function at<T>(list: readonly T[], index: number): T {
  return list[index] ?? assert.fail(`nothing at ${index}`);
}
