import { sql } from 'kysely';
import type { ApiDeps } from './deps.ts';
import { failpoint } from './failpoints.ts';
import { orgCreate } from './orgs/create.ts';
import { tokenCreate } from './tokens/store.ts';
import { passwordHash } from './users/password.ts';
import { userCreate } from './users/store.ts';

const OWNER_EMAIL = 'owner@localhost';
const ORG_SLUG = 'main';

/** What the first start made: shown once, kept nowhere. */
export interface FirstRun {
  email: string;
  password: string;
  org: string;
  token: string;
}

/**
 * Makes an owner account, an org and a write token when there is no account at all.
 * Copies that start together take turns; one of them makes it.
 * @returns null when there were accounts already.
 */
export async function firstRun(
  deps: Pick<ApiDeps, 'db' | 'clock' | 'random'>,
): Promise<FirstRun | null> {
  return deps.db.transaction().execute(async (trx) => {
    await sql`lock table users in share row exclusive mode`.execute(trx);
    const someone = await trx.selectFrom('users').select('id').limit(1).executeTakeFirst();
    if (someone !== undefined) return null;
    const now = deps.clock.now();
    const password = deps.random.base62(20);
    const ownerId = await userCreate(trx, {
      email: OWNER_EMAIL,
      name: 'Owner',
      passwordHash: await passwordHash(password),
      now,
    });
    await orgCreate(trx, { slug: ORG_SLUG, name: 'Main', ownerId, now, allowWeakIsolation: true });
    const { token } = await tokenCreate(trx, deps, {
      userId: ownerId,
      name: 'first token',
      scope: 'write',
      orgId: null,
      expiresAt: null,
    });
    failpoint('first-run.before');
    return { email: OWNER_EMAIL, password, org: ORG_SLUG, token };
  });
}

/** The lines to paste. */
export function firstRunText(made: FirstRun, publicUrl: string): string {
  return `
Made for you, and shown only this once:

  account   ${made.email}
  password  ${made.password}
  org       ${made.org}
  token     ${made.token}

Create a container:

  export DOLLARBOX_TOKEN=${made.token}
  curl -X POST ${publicUrl}/api/v1/containers/ \\
    -H "Authorization: Bearer $DOLLARBOX_TOKEN" \\
    -H "Content-Type: application/json" \\
    -d '{"name": "web", "image": "nginx:1.27"}'

Look until its status is running, then open its IPv6 address:

  curl ${publicUrl}/api/v1/containers/ -H "Authorization: Bearer $DOLLARBOX_TOKEN"
  curl "http://[<ipv6_address>]/"
`;
}
