import type { Db } from '../db/database.ts';

/**
 * What all containers and volumes of each org together may use, and whether it has kubectl; orgs that are gone are left
 * out.
 */
export function orgLimitSource(db: Db) {
  return async (ids: readonly number[]) => {
    if (ids.length === 0) return new Map();
    const rows = await db
      .selectFrom('orgs')
      .select(['id', 'container_limit', 'volume_gb_limit', 'kubectl_enabled'])
      .where('id', 'in', ids)
      .execute();
    return new Map(
      rows.map((row) => [
        row.id,
        {
          containers: row.container_limit,
          volumeGb: row.volume_gb_limit,
          hasKubectl: row.kubectl_enabled,
        },
      ]),
    );
  };
}
