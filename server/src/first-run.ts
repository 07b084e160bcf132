import { sql } from 'kysely';
import type { ApiDeps } from './http/deps.ts';
import { failpoint } from './base/failpoints.ts';
import { OPERATOR } from './changes/actor.ts';
import { orgCreate } from './orgs/operations.ts';
import { tokenCreate } from './tokens/operations.ts';
import { passwordHash } from './users/password.ts';
import { userCreate } from './users/operations.ts';

const OWNER_EMAIL = 'owner@localhost';
const ORG_SLUG = 'main';

/** What the first start created. It is shown once and never stored. */
export interface FirstRun {
  email: string;
  password: string;
  org: string;
  token: string;
}

/**
 * Creates an owner account, an org and a write token if there is no account at all. Copies of the server that start
 * together take turns; one of them creates these.
 * @returns null if accounts already exist.
 */
export async function firstRun(
  deps: Pick<ApiDeps, 'db' | 'clock' | 'random'>,
): Promise<FirstRun | null> {
  return deps.db.transaction().execute(async (trx) => {
    await sql`lock table users in share row exclusive mode`.execute(trx);
    const someone = await trx.selectFrom('users').select('id').limit(1).executeTakeFirst();
    if (someone !== undefined) return null;
    const password = deps.random.base62(20);
    const owner = { email: OWNER_EMAIL, name: 'Owner', passwordHash: await passwordHash(password) };
    const ownerId = await userCreate(trx, OPERATOR, owner, deps);
    const org = { slug: ORG_SLUG, name: 'Main', ownerId, allowWeakIsolation: true };
    await orgCreate(trx, OPERATOR, org, deps);
    const given = { userId: ownerId, name: 'first token', scope: 'write' } as const;
    const { token } = await tokenCreate(
      trx,
      OPERATOR,
      { ...given, orgId: null, expiresAt: null },
      deps,
    );
    failpoint('first-run.before');
    return { email: OWNER_EMAIL, password, org: ORG_SLUG, token };
  });
}

/** The lines to copy and paste. */
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
    -H "Prefer: wait=60" \\
    -d '{"name": "web", "image": "nginx:1.27"}'

The reply comes when it runs. Open its IPv6 address:

  curl "http://[<ipv6_address>]/"
`;
}
