import { sql } from 'kysely';
import type { Db } from './database.ts';
import { sharedRead } from './shared-read.ts';

/** The tables whose objects belong to an org. */
type ObjectTable = 'containers' | 'volumes';

/**
 * Creates a read of one live object in some orgs, which shares its statement with others like `sharedRead`. The
 * statement itself only looks in those orgs, so a foreign object, however large, takes no longer than a missing one.
 */
export function objectReadCreate<Row extends { id: number }>(
  table: ObjectTable,
  columns: readonly string[],
): (db: Db, orgIds: readonly number[], id: number) => Promise<Row | null> {
  const shown = sql.join(columns.map((column) => sql.ref(`t.${column}`)));
  const read = sharedRead(
    (db, keys: string[]) => ({
      compile: () =>
        sql<Row & { asked_key: string }>`
          select asked.key as asked_key, ${shown}
          from unnest(${keys}::text[]) as asked (key) join ${sql.table(table)} as t
            on t.id = split_part(asked.key, ':', 1)::bigint
            and t.org_id = any (string_to_array(split_part(asked.key, ':', 2), ',')::bigint[])
          where t.deleted_at is null`.compile(db),
    }),
    (rows) => new Map(rows.map(({ asked_key: key, ...row }) => [key, row as unknown as Row])),
  );
  return (db, orgIds, id) => read(db, `${id}:${orgIds.join(',')}`);
}
