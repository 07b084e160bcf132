import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { clientSchemaCreate } from '@dollarbox/client/schema-make';
import { databaseCreate } from '@dollarbox/testbed/postgres';
import { accountOpenapiCreate } from '../server/src/accounts/openapi.ts';
import { ACCOUNT_ROUTES } from '../server/src/accounts/routes/routes.ts';
import { API_ROUTES } from '../server/src/app.ts';
import { databaseOpen } from '../server/src/db/database.ts';
import { databaseMigrate } from '../server/src/db/migrate.ts';
import { schemaSqlCreate } from '../server/src/db/schema-sql.ts';
import type { JsonObject } from '../server/src/http/openapi-schemas.ts';
import { openapiCreate } from '../server/src/http/openapi.ts';
import { TENANT_RIGHTS } from '@dollarbox/engines/kubernetes/tenant-rights';
import { permissionsDocumentCreate } from '../server/src/http/permissions-document.ts';

export const projectFolder = dirname(dirname(fileURLToPath(import.meta.url)));

/** A file that is generated but committed anyway, so that a diff shows the effect of a change. */
export interface GeneratedFile {
  /** The path, relative to the project's folder. */
  path: string;
  text: string;
}

/** Generates all files in memory. */
export async function generatedFiles(): Promise<GeneratedFile[]> {
  const api = await documentFiles(openapiCreate(API_ROUTES), 'openapi.json', 'schema.ts');
  const account = accountOpenapiCreate(ACCOUNT_ROUTES);
  return [
    ...api,
    ...(await documentFiles(account, 'openapi-account.json', 'account-schema.ts')),
    {
      path: join('docs', 'permissions.md'),
      text: permissionsDocumentCreate(API_ROUTES, TENANT_RIGHTS),
    },
    { path: join('server', 'src', 'db', 'schema.sql'), text: await migratedSchemaSql() },
  ];
}

/** An OpenAPI document, and the client's types generated from it. */
async function documentFiles(
  document: JsonObject,
  path: string,
  types: string,
): Promise<GeneratedFile[]> {
  return [
    { path, text: `${JSON.stringify(document, null, 2)}\n` },
    { path: join('client', 'src', types), text: await clientSchemaCreate(document, path) },
  ];
}

/** The files that are missing below a folder or differ there. */
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
    return await schemaSqlCreate(db);
  } finally {
    await db.destroy();
    await database.drop();
  }
}
