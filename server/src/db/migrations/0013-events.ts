import { type Kysely, sql } from 'kysely';

/**
 * Events of containers, volumes and orgs. Triggers write them, so that no statement can change an object without its
 * event, whichever process runs it.
 *
 * Ids are given out before a transaction commits, so that a reader in the order of ids would skip what commits late.
 * `position` is a transaction id that is at least that of the writer, and at least that of the object's event before:
 * once every transaction up to a position has ended, nothing can appear at or below it any more.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table events (
      position xid8 not null,
      id bigint generated always as identity,
      at timestamptz not null,
      org_id bigint not null,
      type text not null,
      object_kind text not null,
      object_id bigint not null,
      object jsonb not null,
      previous_attributes jsonb not null,
      actor jsonb,
      primary key (org_id, position, id)
    );
    create index events_feed on events (position, id);
    create index events_at on events (at);

    create table event_horizons (
      org_id bigint primary key,
      position xid8 not null,
      id bigint not null
    );

    alter table installation add column event_feed integer not null default 1;
    alter table containers add column event_position xid8 not null default pg_current_xact_id(),
      add column env_changed text[] not null default '{}';
    alter table volumes add column event_position xid8 not null default pg_current_xact_id();
    alter table orgs add column event_position xid8 not null default pg_current_xact_id();
  `.execute(db);
  await sql`
    create function event_columns(kind text) returns text[] language sql immutable as $$
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
      end
    $$;

    create function event_object(kind text, state jsonb) returns jsonb language sql immutable as $$
      select case
        when octet_length(shown::text) <= 16384 then shown
        else (shown - array['command', 'volumes']) || '{"truncated": true}'
      end
      from (
        select jsonb_object_agg(key, value) as shown from jsonb_each(state) where key = any (event_columns(kind))
      ) as filtered
    $$;

    create function event_record() returns trigger language plpgsql as $$
    declare
      kind constant text := tg_argv[0];
      old_object jsonb;
      new_object jsonb;
      previous jsonb := '{}';
      verb text;
      position xid8 := pg_current_xact_id();
      actor constant text := current_setting('dollarbox.actor', true);
      state jsonb := to_jsonb(case when tg_op = 'DELETE' then old else new end);
    begin
      if tg_op <> 'INSERT' then
        old_object := event_object(kind, to_jsonb(old));
        -- A database that was moved to another cluster has positions that lie in the future there.
        position := greatest(position, least(old.event_position, pg_snapshot_xmax(pg_current_snapshot())));
      end if;
      if tg_op = 'DELETE' then
        new_object := old_object;
        verb := 'deleted';
      else
        new_object := event_object(kind, state);
        verb := 'created';
      end if;
      if tg_op = 'UPDATE' then
        if to_jsonb(old) ->> 'deleted_at' is not null then return new; end if;
        select coalesce(jsonb_object_agg(key, value), '{}') into previous
        from jsonb_each(old_object) where new_object -> key is distinct from value;
        if state ->> 'deleted_at' is not null then
          verb := 'deleted';
        elsif previous = '{}' then
          return new;
        elsif kind <> 'org' and previous - array[
          'status', 'status_reason', 'status_message', 'restart_count', 'observed_generation', 'storage_class',
          'size_enforced', 'ipv6_address'
        ] = '{}' then
          verb := 'status_changed';
        else
          verb := 'updated';
          if kind = 'container' and previous ? 'generation' then
            previous := previous ||
              jsonb_strip_nulls(jsonb_build_object('env', nullif(state -> 'env_changed', '[]')));
          end if;
        end if;
        new.event_position := position;
      end if;
      insert into events (position, at, org_id, type, object_kind, object_id, object, previous_attributes, actor)
      values (
        position, clock_timestamp(), (state ->> tg_argv[1])::bigint, kind || '.' || verb, kind,
        (state ->> 'id')::bigint, new_object, previous, nullif(actor, '')::jsonb
      );
      if tg_op = 'DELETE' then return old; end if;
      return new;
    end
    $$;

    create trigger event_record before update on containers
      for each row execute function event_record('container', 'org_id');
    create trigger event_record before update on volumes
      for each row execute function event_record('volume', 'org_id');
    create trigger event_record before insert or delete or
      update of slug, name, billing_email, status, billing_mode, kubectl_enabled, api_enabled on orgs
      for each row execute function event_record('org', 'id');
  `.execute(db);
}
