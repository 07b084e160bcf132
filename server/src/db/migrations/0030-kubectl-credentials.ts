import { type Kysely, sql } from 'kysely';

/**
 * Accounts on the engine that kubeconfigs are for. A row is there before the engine is asked, and until the engine has
 * removed the account: it refers to no org and no user, which may be gone by then.
 *
 * Triggers revoke what a person has lost the right to, so that no statement that takes the right away can forget it.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table kubectl_credentials (
      id bigint generated always as identity primary key,
      org_id bigint not null,
      user_id bigint not null,
      name text,
      sa_name text not null unique,
      is_short boolean not null,
      request_key bytea,
      created_at timestamptz not null,
      expires_at timestamptz,
      issued_at timestamptz,
      deleted_at timestamptz,
      event_position xid8 not null default pg_current_xact_id()
    );
    create index kubectl_credentials_page on kubectl_credentials (org_id, id);
    create index kubectl_credentials_user on kubectl_credentials (user_id);
    create index kubectl_credentials_expiry on kubectl_credentials (expires_at) where expires_at is not null;
    create index kubectl_credentials_passing on kubectl_credentials (id)
      where deleted_at is not null or issued_at is null;

    do $do$ begin
      execute replace(
        pg_get_functiondef('event_columns'::regproc), 'when ''registry''',
        'when ''kubectl_credential'' then array[''id'', ''user_id'', ''name'', ''sa_name'', ''created_at'', ''expires_at'']
        when ''registry'''
      );
    end $do$;

    create function event_record_kubectl_credential() returns trigger language plpgsql as $$
    declare
      verb text;
      position xid8 := pg_current_xact_id();
    begin
      if old.issued_at is null and new.issued_at is not null then
        verb := 'created';
      elsif old.deleted_at is null and new.deleted_at is not null and new.issued_at is not null then
        verb := 'deleted';
      else
        return new;
      end if;
      position := greatest(position, least(old.event_position, pg_snapshot_xmax(pg_current_snapshot())));
      new.event_position := position;
      insert into events (position, at, org_id, type, object_kind, object_id, object, previous_attributes, actor)
      values (
        position, clock_timestamp(), new.org_id, 'kubectl_credential.' || verb, 'kubectl_credential', new.id,
        event_object('kubectl_credential', to_jsonb(new)), '{}',
        nullif(current_setting('dollarbox.actor', true), '')::jsonb
      );
      return new;
    end
    $$;
    create trigger event_record before update of issued_at, deleted_at on kubectl_credentials
      for each row execute function event_record_kubectl_credential();

    create function kubectl_credentials_revoke(org bigint, member bigint) returns void language sql as $$
      with held as materialized (
        select id from kubectl_credentials
        where (org is null or org_id = org) and (member is null or user_id = member) and deleted_at is null
        order by id for update
      )
      update kubectl_credentials set deleted_at = clock_timestamp()
      from held where kubectl_credentials.id = held.id
    $$;

    create function kubectl_credentials_of_member() returns trigger language plpgsql as $$
    begin
      perform kubectl_credentials_revoke(old.org_id, old.user_id);
      return null;
    end
    $$;
    create trigger kubectl_credentials_revoke after delete on memberships
      for each row execute function kubectl_credentials_of_member();

    create function kubectl_credentials_of_user() returns trigger language plpgsql as $$
    begin
      perform kubectl_credentials_revoke(null, new.id);
      return null;
    end
    $$;
    create trigger kubectl_credentials_revoke after update of disabled_at on users
      for each row when (old.disabled_at is null and new.disabled_at is not null)
      execute function kubectl_credentials_of_user();

    create function kubectl_credentials_of_org() returns trigger language plpgsql as $$
    begin
      perform kubectl_credentials_revoke(new.id, null);
      return null;
    end
    $$;
    create trigger kubectl_credentials_revoke after update of status, kubectl_enabled on orgs
      for each row when (new.status <> 'active' or not new.kubectl_enabled)
      execute function kubectl_credentials_of_org();
  `.execute(db);
}
