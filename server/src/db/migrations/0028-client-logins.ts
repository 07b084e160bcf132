import { type Kysely, sql } from 'kysely';

/**
 * Sign-ins of the command line that wait for a person, or to be collected. `secret_hash` is of what collects one: of the
 * code in a redirect, which needs the verifier of `challenge` too, or of a device code, whose user code is hashed in
 * `code_hash` and begins with `code_group`. A token is generated when it is collected, so there is none here.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table client_logins (
      id bigint generated always as identity primary key,
      secret_hash bytea not null unique check (length(secret_hash) = 32),
      challenge text,
      code_group text unique,
      code_hash bytea check (length(code_hash) = 32),
      wrong_entries integer not null default 0,
      polled_at timestamptz,
      client text not null,
      ip_address text not null,
      scope text not null check (scope in ('read', 'write')),
      org_slug text,
      token_expires_at timestamptz,
      decision text check (decision in ('approved', 'refused')),
      user_id bigint references users (id) on delete cascade,
      session_id bigint references sessions (id) on delete cascade,
      created_at timestamptz not null,
      expires_at timestamptz not null,
      check ((challenge is null) = (code_group is not null)),
      check ((code_group is null) = (code_hash is null)),
      check (decision is distinct from 'approved' or (user_id is not null and session_id is not null))
    );
    create index client_logins_expiry on client_logins (expires_at);
    create index client_logins_user on client_logins (user_id);
    create index client_logins_session on client_logins (session_id);
  `.execute(db);
}
