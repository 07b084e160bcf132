/** Tables and sequences as the catalogue has them, and their rows as JSON: whatever a later migration adds is in. */
import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import type { Trx } from '../http/write.ts';

const ROWS_AT_A_TIME = 500;

/** Every table of ours, each after those that it refers to. Kysely's own are not among them. */
export async function tablesInOrder(db: Db): Promise<string[]> {
  const { rows: tables } = await sql<{ name: string }>`
    select relname as name from pg_class
    where relnamespace = current_schema()::regnamespace and relkind = 'r' and relname not like 'kysely%'
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

/** Rows as JSON, one a line. @param counted is told of each portion. */
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
    yield `${rows.map(({ row }) => row).join('\n')}\n`;
  }
  await sql`close backup_rows`.execute(trx);
}

/** Puts rows into a table that has none. @returns how many. */
export async function tableFill(
  trx: Trx,
  table: string,
  lines: AsyncIterable<string>,
): Promise<number> {
  let count = 0;
  let portion: string[] = [];
  async function put(): Promise<void> {
    if (portion.length === 0) return;
    await sql`
      insert into ${sql.table(table)} overriding system value
      select * from jsonb_populate_recordset(null::${sql.table(table)}, ${`[${portion.join(',')}]`}::jsonb)`.execute(
      trx,
    );
    count += portion.length;
    portion = [];
  }
  for await (const line of lines) {
    if (line === '') continue;
    portion.push(line);
    if (portion.length >= ROWS_AT_A_TIME) await put();
  }
  await put();
  return count;
}

/** The last value of each sequence, null where it gave none yet. */
export async function sequencesRead(db: Db): Promise<Record<string, number | null>> {
  const { rows } = await sql<{ name: string; value: number | null }>`
    select sequencename as name, last_value as value from pg_sequences
    where schemaname = current_schema() order by sequencename`.execute(db);
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
}

/**
 * Sequences go on where they were. Those of ids go on further: what was made after the backup has ids that clients
 * may still hold, and that must never lead to another object.
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
