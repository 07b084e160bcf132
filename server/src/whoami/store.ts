import type { Db } from '../db/database.ts';

/** A token with the person whom it belongs to, and the org that it is restricted to. */
export async function whoamiRead(db: Db, tokenId: number) {
  const row = await db
    .selectFrom('tokens as t')
    .innerJoin('users as u', 'u.id', 't.user_id')
    .leftJoin('orgs as o', 'o.id', 't.org_id')
    .select([
      't.id',
      't.public_id',
      't.name as token_name',
      't.user_id',
      't.org_id',
      'u.email',
      'u.name',
      'o.slug as org',
      't.scope',
      't.expires_at',
    ])
    .where('t.id', '=', tokenId)
    .executeTakeFirst();
  return row ?? null;
}

export type WhoamiRow = NonNullable<Awaited<ReturnType<typeof whoamiRead>>>;
