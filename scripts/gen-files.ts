import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { clientSchemaMake } from '@dollarbox/client/schema-make';
import { databaseCreate } from '@dollarbox/testbed/postgres';
import { accountOpenapiMake } from '../server/src/accounts/openapi.ts';
import { ACCOUNT_ROUTES } from '../server/src/accounts/routes.ts';
import { API_ROUTES } from '../server/src/app.ts';
import { databaseOpen } from '../server/src/db/database.ts';
import { databaseMigrate } from '../server/src/db/migrate.ts';
import { schemaSqlMake } from '../server/src/db/schema-sql.ts';
import type { JsonObject } from '../server/src/http/openapi-schemas.ts';
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
  const api = await documentFiles(openapiMake(API_ROUTES), 'openapi.json', 'schema.ts');
  const account = accountOpenapiMake(ACCOUNT_ROUTES);
  return [
    ...api,
    ...(await documentFiles(account, 'openapi-account.json', 'account-schema.ts')),
    { path: join('server', 'src', 'db', 'schema.sql'), text: await migratedSchemaSql() },
  ];
}

/** An OpenAPI document, and the client's types of it. */
async function documentFiles(
  document: JsonObject,
  path: string,
  types: string,
): Promise<GeneratedFile[]> {
  return [
    { path, text: `${JSON.stringify(document, null, 2)}\n` },
    { path: join('client', 'src', types), text: await clientSchemaMake(document, path) },
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
