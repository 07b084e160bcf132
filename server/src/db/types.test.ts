import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { databaseCreate } from '@dollarbox/testbed/postgres';
import { type Db, databaseOpen } from './database.ts';
import { databaseMigrate } from './migrate.ts';

/** How types.ts describes a column, or should. */
interface Column {
  /** The TypeScript type of a value that is read, without `null`. Enumerations are `string`. */
  type: string;
  isNullable: boolean;
  /** Whether an insert may or must omit it. */
  made: 'no' | 'Generated' | 'GeneratedAlways';
}

type Tables = Record<string, Record<string, Column>>;

/** How database.ts reads each PostgreSQL type. */
const TYPES: Readonly<Record<string, string>> = {
  bigint: 'number',
  integer: 'number',
  boolean: 'boolean',
  text: 'string',
  cidr: 'string',
  inet: 'string',
  bytea: 'Buffer',
  jsonb: 'json',
  'timestamp with time zone': 'Date',
  'text[]': 'string[]',
  'bytea[]': 'Buffer[]',
  'integer[]': 'number[]',
  // Too large for a number.
  xid8: 'string',
  'timestamp with time zone[]': 'Date[]',
};

let db: Db;
before(async () => {
  const database = await databaseCreate();
  db = databaseOpen({ connectionString: database.url });
  await databaseMigrate(db);
});
after(() => db.destroy());

test('types.ts describes every column as the catalogue does', async () => {
  assert.deepEqual(typesRead(), await catalogueRead());
});

test('the reader of types.ts reads every form that is used there', () => {
  const source = `export interface Database {
    a: ATable;
  }
  export type Word = 'x' | 'y';
  export interface ATable {
    id: GeneratedAlways<number>;
    word: Generated<Word>;
    other: 'p' | 'q' | null;
    list: Generated<Date[]>;
    detail: ColumnType<Record<string, unknown>, string, string>;
  }`;
  assert.deepEqual(typesRead(source), {
    a: {
      id: { type: 'number', isNullable: false, made: 'GeneratedAlways' },
      word: { type: 'string', isNullable: false, made: 'Generated' },
      other: { type: 'string', isNullable: true, made: 'no' },
      list: { type: 'Date[]', isNullable: false, made: 'Generated' },
      detail: { type: 'json', isNullable: false, made: 'no' },
    },
  });
});

function sourceRead(): string {
  return ['types.ts', 'types-account.ts']
    .map((name) => readFileSync(new URL(name, import.meta.url), 'utf8'))
    .join('\n');
}

async function catalogueRead(): Promise<Tables> {
  const { rows } = await sql<{
    table: string;
    column: string;
    type: string;
    isNullable: boolean;
    identity: string;
    hasDefault: boolean;
  }>`
    select c.relname as "table", a.attname as "column", format_type(a.atttypid, a.atttypmod) as "type",
           not a.attnotnull as "isNullable", a.attidentity as "identity", a.atthasdef as "hasDefault"
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname not like 'kysely_%'
    order by c.relname, a.attnum`.execute(db);
  const tables: Tables = {};
  for (const { table, column, type, isNullable, identity, hasDefault } of rows) {
    const isMade = hasDefault || identity === 'd';
    (tables[table] ??= {})[column] = {
      type: TYPES[type] ?? `no reader is known for ${type}`,
      isNullable,
      made: identity === 'a' ? 'GeneratedAlways' : isMade && type !== 'jsonb' ? 'Generated' : 'no',
    };
  }
  return tables;
}

function typesRead(source = sourceRead()): Tables {
  const interfaces = new Map(
    [...source.matchAll(/interface (\w+) \{([^}]*)\}/g)].map(([, name = '', body = '']) => [
      name,
      Object.fromEntries(
        [...body.matchAll(/^\s*(\w+): (.*);$/gm)].map(([, field = '', type = '']) => [field, type]),
      ),
    ]),
  );
  // What types.ts imports from the engines' contract are words too.
  const declared = source.matchAll(/type (\w+) =[\s|]*'[^;]*;/g);
  const [, imported = ''] =
    /import type \{ ([\w, ]+) \} from '@dollarbox\/engines\/contract';/.exec(source) ?? [];
  const names = [...declared].map(([, name = '']) => name);
  const words = new Set([...names, ...imported.split(', ')]);
  const tables: Tables = {};
  for (const [table, interfaceName] of Object.entries(interfaces.get('Database') ?? {})) {
    const columns: Record<string, Column> = {};
    for (const [column, type] of Object.entries(interfaces.get(interfaceName) ?? {})) {
      columns[column] = columnRead(type, words);
    }
    tables[table] = columns;
  }
  return tables;
}

function columnRead(text: string, words: ReadonlySet<string>): Column {
  if (text.startsWith('ColumnType<')) {
    return { type: 'json', isNullable: / \| null[,>]/.test(text), made: 'no' };
  }
  const [, made, inner = text] = /^(Generated|GeneratedAlways)<(.*)>$/.exec(text) ?? [];
  const parts = inner.split(' | ');
  const types = parts
    .filter((part) => part !== 'null')
    .map((part) => (part.startsWith("'") || words.has(part) ? 'string' : part));
  return {
    type: [...new Set(types)].join(' | '),
    isNullable: parts.includes('null'),
    made: (made as 'Generated' | 'GeneratedAlways' | undefined) ?? 'no',
  };
}
