/**
 * Tables and sequences as listed in the catalogue, and their rows as JSON. This uses neither `COPY` nor `pg_dump`, for
 * three reasons. Rows keep the names of their columns, so that a later version can read them into the tables of its own
 * migrations. The format is the same for every PostgreSQL version. And `pg_dump` has to be as new as the server, and is
 * not included in the embedded PostgreSQL.
 */
import { sql } from 'kysely';
import type { Db, Trx } from '../db/database.ts';

/** A row may have several megabytes: this many fit into memory at a time, whatever they hold. */
const ROWS_AT_A_TIME = 32;
/** A statement that fills a table carries about this much text, or one row. */
const PORTION_BYTES = 4 * 1024 ** 2;

/** Events are in the order of this cluster's transactions, which means nothing in another cluster. */
const NOT_BACKED_UP = ['events', 'event_horizons'];

/**
 * Every table of ours that is backed up, each after the tables that it refers to. Kysely's own tables are not included.
 */
export async function tablesInOrder(db: Db): Promise<string[]> {
  const { rows: tables } = await sql<{ name: string }>`
    select relname as name from pg_class
    where relnamespace = current_schema()::regnamespace and relkind = 'r' and relname not like 'kysely%'
      and relname <> all (${NOT_BACKED_UP})
    order by relname`.execute(db);
  const { rows: references } = await sql<{ from: string; to: string }>`
    select source.relname as from, target.relname as to
    from pg_constraint
    join pg_class as source on source.oid = conrelid join pg_class as target on target.oid = confrelid
    where contype = 'f' and connamespace = current_schema()::regnamespace and conrelid <> confrelid`.execute(
    db,
  );
  const ordered: string[] = [];
  let waiting = tables.map(({ name }) => name);
  while (waiting.length > 0) {
    const ready = waiting.filter((name) =>
      references.every(({ from, to }) => from !== name || ordered.includes(to)),
    );
    if (ready.length === 0) {
      throw new Error(`the tables ${waiting.join(', ')} refer to each other in a circle`);
    }
    ordered.push(...ready);
    waiting = waiting.filter((name) => !ready.includes(name));
  }
  return ordered;
}

/** Writes rows as JSON, one per line. @param counted is called for each portion. */
export async function* tableRows(
  trx: Trx,
  table: string,
  counted: (rows: number) => void,
): AsyncIterable<string> {
  await sql`declare backup_rows no scroll cursor for select to_jsonb(t)::text as row from ${sql.table(table)} as t`.execute(
    trx,
  );
  for (;;) {
    const { rows } = await sql<{ row: string }>`
      fetch ${sql.lit(ROWS_AT_A_TIME)} from backup_rows`.execute(trx);
    if (rows.length === 0) break;
    counted(rows.length);
    for (const { row } of rows) yield `${row}\n`;
  }
  await sql`close backup_rows`.execute(trx);
}

/** Inserts rows into an empty table. @returns the number of rows. */
export async function tableFill(
  trx: Trx,
  table: string,
  lines: AsyncIterable<string>,
): Promise<number> {
  let count = 0;
  let portion: string[] = [];
  let bytes = 0;
  async function put(): Promise<void> {
    if (portion.length === 0) return;
    await sql`
      insert into ${sql.table(table)} overriding system value
      select * from json_populate_recordset(null::${sql.table(table)}, ${`[${portion.join(',')}]`}::json)`.execute(
      trx,
    );
    count += portion.length;
    portion = [];
    bytes = 0;
  }
  for await (const line of lines) {
    if (line === '') continue;
    if (bytes + line.length > PORTION_BYTES) await put();
    portion.push(line);
    bytes += line.length;
  }
  await put();
  return count;
}

/** The last value of each sequence, or null if it has given none. */
export async function sequencesRead(db: Db): Promise<Record<string, number | null>> {
  const { rows } = await sql<{ name: string; value: number | null }>`
    select sequencename as name, last_value as value from pg_sequences
    where schemaname = current_schema() order by sequencename`.execute(db);
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
}

/**
 * Sequences continue where they were. Sequences of ids skip ahead: clients may still hold ids of objects created after
 * the backup, and those ids must never lead to other objects.
 */
export async function sequencesSet(
  trx: Trx,
  values: Readonly<Record<string, number | null>>,
  idGap: number,
): Promise<void> {
  const { rows } = await sql<{ name: string; is_id: boolean }>`
    select relname as name, exists (
      select from pg_depend where objid = pg_class.oid and classid = 'pg_class'::regclass and deptype = 'i'
    ) as is_id
    from pg_class where relkind = 'S' and relnamespace = current_schema()::regnamespace`.execute(
    trx,
  );
  for (const { name, is_id: isId } of rows) {
    const last = values[name] ?? null;
    if (last === null) continue;
    await sql`select setval(${name}::regclass, ${isId ? last + idGap : last}::bigint)`.execute(trx);
  }
}
