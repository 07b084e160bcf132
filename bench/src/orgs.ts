import { createHash, randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { type DollarboxClient, dollarboxClientCreate } from '@dollarbox/client';
import type { BenchServer } from './server.ts';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** An org, and a write token that is restricted to it. */
export interface BenchOrg {
  id: number;
  slug: string;
  token: string;
  client: DollarboxClient;
}

/**
 * Creates orgs by SQL, each with its own owner, because running the operator's command takes a second each.
 * @param containerLimit of each.
 * @param retries of their clients.
 */
export async function orgsCreate(
  { db, url }: BenchServer,
  count: number,
  containerLimit: number,
  retries = 0,
): Promise<BenchOrg[]> {
  const { rows } = await db.query<{ id: string; slug: string; owner: string }>(
    `with slugs_taken as (
      insert into org_slugs (slug) select 'bench-' || n from generate_series(1, $1) as n
    ), orgs_made as (
      insert into orgs (slug, name, container_limit, ipv6_subnet, created_at)
      select 'bench-' || n, 'Bench ' || n, $2,
        -- The installation's prefix is a /48 until an operator changes it.
        (split_part(ipv6_prefix::text, '::', 1) || ':' || to_hex(nextval('org_subnet_number')) || '::/64')::cidr, now()
      from installation, generate_series(1, $1) as n
      returning id, slug
    ), users_made as (
      insert into users (email, created_at)
      select slug || '@localhost', now() from orgs_made
      returning id, email
    ), joined as (
      insert into memberships (org_id, user_id, role, joined_at)
      select orgs_made.id, users_made.id, 'owner', now()
      from orgs_made join users_made on email = slug || '@localhost'
      returning org_id, user_id
    )
    select id, slug, user_id as owner from orgs_made join joined on org_id = id order by id`,
    [count, containerLimit],
  );
  const orgs: BenchOrg[] = [];
  for (const { id, slug, owner } of rows) {
    const token = tokenMake();
    await db.query(
      `insert into tokens (public_id, secret_hash, user_id, org_id, name, scope, created_at)
       values ($1, $2, $3, $4, 'bench', 'write', now())`,
      [token.split('_')[1], createHash('sha256').update(token).digest(), owner, id],
    );
    const client = dollarboxClientCreate({ baseUrl: url, token, retries });
    orgs.push({ id: Number(id), slug, token, client });
  }
  return orgs;
}

/** A token as the API's documents describe it: `dbx_`, 12 characters, `_`, 34 more and their checksum. */
function tokenMake(): string {
  const body = `dbx_${base62(12)}_${base62(34)}`;
  let rest = crc32(body);
  let checksum = '';
  for (let index = 0; index < 6; index += 1) {
    checksum = `${BASE62[rest % 62]}${checksum}`;
    rest = Math.floor(rest / 62);
  }
  return body + checksum;
}

function base62(length: number): string {
  return Array.from({ length }, () => BASE62[randomInt(62)]).join('');
}
