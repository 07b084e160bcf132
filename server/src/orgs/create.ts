import { sql } from 'kysely';
import { uniqueViolation } from '../db/database.ts';
import type { Role } from '../db/types.ts';
import { OperatorError } from '../errors.ts';
import type { Trx } from '../http/write.ts';
import { installationRead } from '../installation/store.ts';
import { ipv6SubnetsFrom } from './ipv6-subnet.ts';

/** A DNS label of at most 40 characters that starts with a letter. */
export const SLUG = /^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/;

export interface OrgCreateInput {
  slug: string;
  name: string;
  ownerId: number;
  now: Date;
  /** Whether a second org may be made though orgs are not known to be kept apart. */
  allowWeakIsolation: boolean;
}

/**
 * Makes an org with its owner and its IPv6 network.
 * @throws OperatorError when the slug is taken or none, or when the engine can't keep orgs apart.
 */
export async function orgCreate(trx: Trx, input: OrgCreateInput): Promise<number> {
  if (!SLUG.test(input.slug)) {
    throw new OperatorError(
      `"${input.slug}" can't be a slug: use 1 to 40 lower-case letters, digits or dashes, starting with a letter.`,
    );
  }
  const installation = await installationRead(trx);
  if (installation.isolation !== 'isolated' && !input.allowWeakIsolation) {
    const other = await trx.selectFrom('orgs').select('id').limit(1).executeTakeFirst();
    if (other !== undefined) {
      throw new OperatorError(
        'The engine is not known to keep orgs apart, so there can be only one: see the log of the last start for what to change, or set ISOLATION=weak to take the risk.',
      );
    }
  }
  try {
    const prefix = installation.ipv6_routed_prefix ?? installation.ipv6_prefix;
    const orgId = await orgInsert(trx, input, prefix);
    await memberAdd(trx, orgId, input.ownerId, 'owner', input.now);
    return orgId;
  } catch (error) {
    if (uniqueViolation(error) !== 'orgs_slug_key') throw error;
    throw new OperatorError(`There is an org with the slug "${input.slug}" already.`);
  }
}

/** Inserts it with the first IPv6 network of the prefix that no other org has. */
async function orgInsert(trx: Trx, input: OrgCreateInput, prefix: string): Promise<number> {
  const { slug, name, now } = input;
  for (const ipv6Subnet of ipv6SubnetsFrom(prefix, await subnetNumberNext(trx))) {
    const org = await trx
      .insertInto('orgs')
      .values({ slug, name, ipv6_subnet: ipv6Subnet, ipv4_subnet: null, created_at: now })
      .onConflict((conflict) => conflict.column('ipv6_subnet').doNothing())
      .returning('id')
      .executeTakeFirst();
    if (org !== undefined) return org.id;
  }
  throw new Error('unreachable: the networks end with an error');
}

/** @throws OperatorError when the user is a member already. */
export async function memberAdd(
  trx: Trx,
  orgId: number,
  userId: number,
  role: Role,
  now: Date,
): Promise<void> {
  try {
    await trx
      .insertInto('memberships')
      .values({ org_id: orgId, user_id: userId, role, joined_at: now })
      .execute();
  } catch (error) {
    if (uniqueViolation(error) === null) throw error;
    throw new OperatorError('This user is a member of this org already.');
  }
}

async function subnetNumberNext(trx: Trx): Promise<number> {
  const { rows } = await sql<{
    number: number;
  }>`select nextval('org_subnet_number')::int as number`.execute(trx);
  return rows[0]?.number ?? 0;
}
