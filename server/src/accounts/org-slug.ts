import { sql } from 'kysely';
import type { Db } from '../db/database.ts';

const MAX_LENGTH = 40;
/** The class of the advisory lock under which the slugs of new orgs are chosen. */
const LOCK = 0x44_42_53;

/** A slug for an org of this name: a DNS label of at most 30 characters that starts with a letter. */
export function slugOf(name: string): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^[-0-9]+|-+$/g, '')
    .slice(0, 30)
    .replace(/-+$/, '');
  return plain === '' ? 'org' : plain;
}

/** A free slug, numbered if necessary. No other transaction chooses one before this one ends. */
export async function slugChoose(trx: Db, name: string): Promise<string> {
  await sql`select pg_advisory_xact_lock(${LOCK}::bigint)`.execute(trx);
  const base = slugOf(name);
  const rows = await trx
    .selectFrom('org_slugs')
    .select('slug')
    .where(sql<boolean>`(slug = ${base} or starts_with(slug, ${`${base}-`}))`)
    .execute();
  const taken = new Set(rows.map(({ slug }) => slug));
  for (let number = 1; ; number += 1) {
    const slug = number === 1 ? base : `${base}-${number}`;
    if (!taken.has(slug)) return slug.slice(0, MAX_LENGTH);
  }
}
