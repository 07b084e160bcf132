import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { type Page, type PageRequest, pageCreate } from './page.ts';
import type { Db } from './database.ts';

/** Without this limit, a page of the largest objects would take 50 MB. */
const MAX_PAGE_BYTES = 4_194_304;

export interface PageQuery {
  /** The name of a table, or a subquery. */
  table: string | RawBuilder<unknown>;
  columns: readonly string[];
  orgIds: readonly number[];
  /** Conditions on the table, which they refer to as `t`. */
  where: readonly RawBuilder<SqlBool>[];
  request: PageRequest;
}

/**
 * One page of a table with `id` and `org_id`, newest first, in one statement. Each org's rows come from their own index
 * range, at most `limit + 1` of them, so the cost does not grow with the table. One row from beyond the cursor is
 * included, to determine whether there is a page on that side.
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
    return pageFit(query.request, rows as Row[], false);
  }
  const behind = rangeRead(query, !backwards, backwards ? sql`<=` : sql`>=`, 1);
  const { rows } = await sql<Row>`(${ahead}) union all (${behind})`.execute(db);
  const isAhead = (row: Row): boolean =>
    backwards ? row.id > cursor.position : row.id < cursor.position;
  const fetched = rows.filter(isAhead).toSorted((a, b) => (backwards ? a.id - b.id : b.id - a.id));
  return pageFit(query.request, fetched, fetched.length < rows.length);
}

/** As many of the requested rows as fit. The others are on the next page. */
function pageFit<Row extends { id: number }>(
  request: PageRequest,
  fetched: readonly Row[],
  isBeyond: boolean,
): Page<Row> {
  const limit = Math.min(request.limit, rowsThatFit(fetched, MAX_PAGE_BYTES));
  return pageCreate({ ...request, limit }, fetched, isBeyond);
}

/** How many rows, from the first on, take about this many bytes of JSON together. Always at least one. */
function rowsThatFit(rows: readonly object[], maxBytes: number): number {
  let bytes = 0;
  for (const [index, row] of rows.entries()) {
    for (const value of Object.values(row)) bytes += valueBytes(value);
    if (bytes > maxBytes) return Math.max(index, 1);
  }
  return Math.max(rows.length, 1);
}

function valueBytes(value: unknown): number {
  if (typeof value === 'string' || Buffer.isBuffer(value)) return value.length;
  const isComposed = typeof value === 'object' && value !== null && !(value instanceof Date);
  return isComposed ? JSON.stringify(value).length : 0;
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
      select * from ${typeof query.table === 'string' ? sql.table(query.table) : query.table} as t
      where ${sql.join(conditions, sql` and `)}
      order by t.id ${direction} limit ${limit}
    ) as t
    order by t.id ${direction} limit ${limit}`;
}
