import { type Kysely, sql } from 'kysely';

/**
 * Orgs' credentials for private registries, with their events. What a pull obtained with one may be used as long as it
 * exists.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table registries (
      id bigint generated always as identity primary key,
      org_id bigint not null references orgs on delete cascade,
      host text not null,
      host_key text not null,
      path_prefix text not null,
      username text not null,
      secret_sealed bytea not null,
      secret_fingerprint text not null,
      created_at timestamptz not null,
      event_position xid8 not null default pg_current_xact_id(),
      unique (org_id, host_key, path_prefix)
    );
    create index registries_page on registries (org_id, id);
    alter table image_rights add column registry_id bigint references registries on delete cascade;
    create index image_rights_credential on image_rights (registry_id) where registry_id is not null;
  `.execute(db);
  await sql`
    create or replace function event_columns(kind text) returns text[] language sql immutable as $$
      select case kind
        when 'container' then array[
          'id', 'name', 'image', 'command', 'ports', 'volumes', 'pull_policy', 'stop_grace_seconds', 'init', 'status', 'status_reason',
          'status_message', 'restart_count', 'ipv6_address', 'generation', 'observed_generation', 'created_at',
          'updated_at'
        ]
        when 'volume' then array[
          'id', 'name', 'size_gb', 'status', 'status_reason', 'status_message', 'storage_class', 'size_enforced',
          'container_id', 'mount_path', 'created_at', 'updated_at'
        ]
        when 'org' then array[
          'slug', 'name', 'billing_email', 'status', 'billing_mode', 'kubectl_enabled', 'api_enabled', 'created_at'
        ]
        when 'registry' then array['id', 'host', 'path_prefix', 'username', 'secret_fingerprint', 'created_at']
        when 'member' then array['id', 'user_id', 'role', 'joined_at']
      end
    $$;

    create trigger event_record before insert or delete on registries
      for each row execute function event_record('registry', 'org_id');
  `.execute(db);
}
