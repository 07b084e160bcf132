import { type RawBuilder, sql } from 'kysely';
import { type DatabaseLocation, type Db, databaseOpen } from './database.ts';
import { EMBEDDED_SERVING_ROLE } from './embedded/config.ts';

/** Serialises processes that start together: PostgreSQL refuses to change a role twice at once. */
const ROLE_LOCK = 0x44_42_52;

/** SQLSTATEs: the owner may not create roles, or may not grant; the server does not let the role in. */
const REFUSED = /^(42501|28|0LP01)/;

/** How a process that serves connects. */
export interface ServingAccess {
  location: DatabaseLocation;
  /** Why it has to be the owner's own access; null: it has a role of its own. */
  fault: string | null;
}

/**
 * Prepares the role that serving processes connect with. It may read and write all rows, and change neither tables nor
 * what is in the audit log. Called after the migrations, by the tables' owner, at each start.
 * @param password for a database that is reached by a URL; the same in all processes of an installation.
 */
export async function servingAccessPrepare(
  db: Db,
  location: DatabaseLocation,
  password: string,
): Promise<ServingAccess> {
  const isEmbedded = !('connectionString' in location);
  try {
    const role = isEmbedded ? EMBEDDED_SERVING_ROLE : await roleName(db);
    await roleGrant(db, role, isEmbedded ? null : password);
    const serving = servingLocation(location, role, password);
    await accessTry(serving);
    return { location: serving, fault: null };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && REFUSED.test(String(error.code)))) {
      throw error;
    }
    return { location, fault: error.message };
  }
}

/** Roles belong to the whole cluster, where several databases may be ours. */
async function roleName(db: Db): Promise<string> {
  const { rows } = await sql<{ name: string }>`
    select ${`${EMBEDDED_SERVING_ROLE}_`} || oid as name from pg_database where datname = current_database()`.execute(
    db,
  );
  return rows[0]?.name ?? EMBEDDED_SERVING_ROLE;
}

async function roleGrant(db: Db, role: string, password: string | null): Promise<void> {
  const name = sql.id(role);
  const secret: RawBuilder<unknown> =
    password === null ? sql`` : sql`password ${sql.lit(password)}`;
  await db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(${ROLE_LOCK}::bigint)`.execute(trx);
    const { rows } = await sql`select from pg_roles where rolname = ${role}`.execute(trx);
    if (rows.length === 0) await sql`create role ${name}`.execute(trx);
    const { rows: schemas } = await sql<{ schema: string }>`
      select current_schema() as schema`.execute(trx);
    const schema = sql.id(schemas[0]?.schema ?? 'public');
    for (const statement of [
      sql`alter role ${name} login noinherit ${secret}`,
      sql`grant usage on schema ${schema} to ${name}`,
      sql`grant select, insert, update, delete on all tables in schema ${schema} to ${name}`,
      sql`grant usage, select, update on all sequences in schema ${schema} to ${name}`,
      sql`revoke update, delete on audit_log from ${name}`,
    ]) {
      await statement.execute(trx);
    }
  });
}

function servingLocation(
  location: DatabaseLocation,
  role: string,
  password: string,
): DatabaseLocation {
  if (!('connectionString' in location)) return { ...location, user: role };
  const url = new URL(location.connectionString);
  for (const name of ['user', 'password']) url.searchParams.delete(name);
  url.username = role;
  url.password = password;
  return { connectionString: url.href };
}

async function accessTry(location: DatabaseLocation): Promise<void> {
  const db = databaseOpen(location, { poolSize: 1 });
  try {
    await sql`select from audit_log limit 1`.execute(db);
  } finally {
    await db.destroy();
  }
}
