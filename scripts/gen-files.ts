import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { clientSchemaMake } from '@dollarbox/client/schema-make';
import { databaseCreate } from '@dollarbox/testbed/postgres';
import { API_ROUTES } from '../server/src/app.ts';
import { databaseOpen } from '../server/src/db/database.ts';
import { databaseMigrate } from '../server/src/db/migrate.ts';
import { schemaSqlMake } from '../server/src/db/schema-sql.ts';
import { openapiMake } from '../server/src/http/openapi.ts';

export const projectFolder = dirname(dirname(fileURLToPath(import.meta.url)));

/** A file that is made from others and committed all the same, so that a diff shows what a change means. */
export interface GeneratedFile {
  /** From the project's folder. */
  path: string;
  text: string;
}

/** Makes them all, in memory. */
export async function generatedFiles(): Promise<GeneratedFile[]> {
  const openapi = openapiMake(API_ROUTES);
  return [
    { path: 'openapi.json', text: `${JSON.stringify(openapi, null, 2)}\n` },
    { path: join('client', 'src', 'schema.ts'), text: await clientSchemaMake(openapi) },
    { path: join('server', 'src', 'db', 'schema.sql'), text: await migratedSchemaSql() },
  ];
}

/** Those whose text below a folder is another one, or that are not there. */
export function generatedStale(files: readonly GeneratedFile[], folder: string): GeneratedFile[] {
  return files.filter(({ path, text }) => textNow(join(folder, path)) !== text);
}

function textNow(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

async function migratedSchemaSql(): Promise<string> {
  const database = await databaseCreate();
  const db = databaseOpen({ connectionString: database.url });
  try {
    await databaseMigrate(db);
    return await schemaSqlMake(db);
  } finally {
    await db.destroy();
    await database.drop();
  }
}
