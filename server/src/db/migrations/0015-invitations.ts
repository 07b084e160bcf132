import { type Kysely, sql } from 'kysely';

/**
 * Invitations to orgs. Each has two links, of which only hashes are stored: one for whoever invites, and one that is
 * mailed and so proves the mailbox. An account that accepts by the first, where no mail is sent, has an address that
 * nobody has proved.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table invitations (
      id bigint generated always as identity primary key,
      org_id bigint not null references orgs,
      email text not null,
      role text not null check (role in ('admin', 'member')),
      invited_by bigint references users on delete set null,
      link_hash bytea not null unique check (length(link_hash) = 32),
      mail_hash bytea not null unique check (length(mail_hash) = 32),
      generation bigint not null default 1,
      created_at timestamptz not null,
      expires_at timestamptz not null,
      accepted_at timestamptz,
      revoked_at timestamptz,
      event_position xid8 not null default pg_current_xact_id()
    );
    create index invitations_page on invitations (org_id, id) where revoked_at is null;
    create index invitations_email on invitations (org_id, lower(email));
    create index invitations_inviter on invitations (invited_by);
    create index mails_email on mails (lower(email), created_at);

    alter table users add column email_verified boolean not null default true;
    alter table memberships add column event_position xid8 not null default pg_current_xact_id();
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
        when 'member' then array['id', 'user_id', 'role', 'joined_at']
      end
    $$;

    -- Who may see a member and an invitation is decided at delivery. A link is in neither.
    create trigger event_record before insert or delete or update of role on memberships
      for each row execute function event_record('member', 'org_id');

    create function event_record_invitation() returns trigger language plpgsql as $$
    declare
      verb text;
      position xid8 := pg_current_xact_id();
    begin
      if tg_op = 'INSERT' then
        verb := 'created';
      elsif old.revoked_at is null and new.revoked_at is not null then
        verb := 'deleted';
      elsif old.accepted_at is null and new.accepted_at is not null then
        verb := 'accepted';
      else
        return new;
      end if;
      if tg_op = 'UPDATE' then
        position := greatest(position, least(old.event_position, pg_snapshot_xmax(pg_current_snapshot())));
        new.event_position := position;
      end if;
      insert into events (position, at, org_id, type, object_kind, object_id, object, previous_attributes, actor)
      values (
        position, clock_timestamp(), new.org_id, 'invitation.' || verb, 'invitation', new.id,
        jsonb_build_object(
          'id', new.id, 'email', new.email, 'role', new.role, 'accepted', new.accepted_at is not null,
          'expires_at', new.expires_at, 'created_at', new.created_at
        ),
        '{}', nullif(current_setting('dollarbox.actor', true), '')::jsonb
      );
      return new;
    end
    $$;
    create trigger event_record before insert or update of accepted_at, revoked_at on invitations
      for each row execute function event_record_invitation();
  `.execute(db);
}
