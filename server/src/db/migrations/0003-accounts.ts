import { type Kysely, sql } from 'kysely';

/** People: sessions, second factors, passkeys, links that work once, attempts, and mail on its way. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table sessions (
      id bigint generated always as identity primary key,
      token_hash bytea not null unique check (length(token_hash) = 32),
      user_id bigint not null references users,
      created_at timestamptz not null,
      expires_at timestamptz not null,
      proven_at timestamptz not null,
      ended_at timestamptz,
      ip_address text not null,
      user_agent text not null
    );
    create index sessions_user on sessions (user_id) where ended_at is null;
    create index sessions_expiry on sessions (expires_at);

    -- Apart from what they tell of: writers hold those rows, and would wait for whoever notes a use there.
    create table session_uses (
      session_id bigint primary key references sessions on delete cascade,
      last_used_at timestamptz not null
    );
    create table token_uses (
      token_id bigint primary key references tokens on delete cascade,
      last_used_at timestamptz not null
    );

    create table one_time_tokens (
      id bigint generated always as identity primary key,
      purpose text not null check (purpose in (
        'sign_up', 'invite', 'password_reset', 'email_change', 'two_factor', 'passkey_sign_in', 'passkey_proof',
        'passkey_create'
      )),
      token_hash bytea not null unique check (length(token_hash) = 32),
      user_id bigint references users on delete cascade,
      session_id bigint references sessions on delete cascade,
      email text,
      data_sealed bytea,
      attempts integer not null default 0,
      created_at timestamptz not null,
      expires_at timestamptz not null
    );
    create index one_time_tokens_user on one_time_tokens (user_id, purpose);
    create index one_time_tokens_email on one_time_tokens (lower(email), purpose);
    create index one_time_tokens_expiry on one_time_tokens (expires_at);

    create table two_factors (
      user_id bigint primary key references users on delete cascade,
      secret_sealed bytea not null,
      created_at timestamptz not null,
      confirmed_at timestamptz,
      last_step bigint not null default 0,
      backup_code_hashes bytea[] not null default '{}'
    );

    create table passkeys (
      id bigint generated always as identity primary key,
      user_id bigint not null references users on delete cascade,
      name text not null,
      credential_id text not null unique,
      public_key bytea not null,
      counter bigint not null,
      transports text[] not null,
      created_at timestamptz not null,
      last_used_at timestamptz
    );
    create index passkeys_user on passkeys (user_id);

    create table attempts (
      key text primary key,
      count integer not null,
      ends_at timestamptz not null
    );
    create index attempts_end on attempts (ends_at);

    create table mails (
      id bigint generated always as identity primary key,
      kind text not null,
      email text not null,
      request_sealed bytea not null,
      content_sealed bytea,
      created_at timestamptz not null,
      due_at timestamptz,
      tries integer not null default 0,
      error text,
      sent_at timestamptz
    );
    create index mails_due on mails (due_at) where due_at is not null;
  `.execute(db);
}
