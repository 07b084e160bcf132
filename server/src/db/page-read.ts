import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { type Page, type PageRequest, pageMake } from '../http/pagination.ts';
import type { Db } from './database.ts';

export interface PageQuery {
  table: string;
  columns: readonly string[];
  orgIds: readonly number[];
  /** Conditions on the table, which is named `t` in them. */
  where: readonly RawBuilder<SqlBool>[];
  request: PageRequest;
}

/**
 * One page of a table with `id` and `org_id`, newest first, in one statement. Each org's rows come
 * from its own index range, at most `limit + 1` of them, so the cost does not grow with the table.
 * One row from beyond the cursor comes along, to tell whether there is a page on that side.
 */
export async function pageRead<Row extends { id: number }>(
  db: Db,
  query: PageQuery,
): Promise<Page<Row>> {
  const { cursor, limit } = query.request;
  const backwards = cursor?.backwards ?? false;
  const ahead = rangeRead(query, backwards, cursor && (backwards ? sql`>` : sql`<`), limit + 1);
  if (cursor === null) {
    const { rows } = await ahead.execute(db);
    return pageMake(query.request, rows as Row[], false);
  }
  const behind = rangeRead(query, !backwards, backwards ? sql`<=` : sql`>=`, 1);
  const { rows } = await sql<Row>`(${ahead}) union all (${behind})`.execute(db);
  const isAhead = (row: Row): boolean =>
    backwards ? row.id > cursor.position : row.id < cursor.position;
  const fetched = rows.filter(isAhead).toSorted((a, b) => (backwards ? a.id - b.id : b.id - a.id));
  return pageMake(query.request, fetched, fetched.length < rows.length);
}

function rangeRead(
  query: PageQuery,
  ascending: boolean,
  comparison: RawBuilder<unknown> | null,
  limit: number,
): RawBuilder<unknown> {
  const columns = sql.join(query.columns.map((column) => sql.ref(`t.${column}`)));
  const conditions = [sql`t.org_id = o.org_id`, ...query.where];
  const position = query.request.cursor?.position;
  if (comparison !== null) conditions.push(sql`t.id ${comparison} ${position}`);
  const direction = ascending ? sql`asc` : sql`desc`;
  return sql`
    select ${columns} from unnest(${[...query.orgIds]}::bigint[]) as o(org_id)
    cross join lateral (
      select * from ${sql.table(query.table)} as t
      where ${sql.join(conditions, sql` and `)}
      order by t.id ${direction} limit ${limit}
    ) as t
    order by t.id ${direction} limit ${limit}`;
}
