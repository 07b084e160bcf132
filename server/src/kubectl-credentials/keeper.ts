import { EngineError } from '@dollarbox/engines/contract';
import type { CredentialKey, EngineCredentials } from '@dollarbox/engines/credentials';
import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import type { ReconcileDeps } from '../reconciler/deps.ts';
import { pause, systemTimers } from '../base/timers.ts';

/**
 * How long a credential may be issued at most, in milliseconds: longer than the engine and two transactions need. What is
 * older was left by a crash.
 */
const ISSUING_MS = 60_000;
/** How many are removed from the engine at a time, apart from the queue: a busy org delays no revocation. */
const BATCH = 20;
/**
 * How soon something revoked without a signal is found. An API server remembers for ten seconds that a token was good,
 * and eleven are promised.
 */
const LOOK_EVERY_MS = 500;
/** The least time between two looks, however much is signalled. */
const PAUSE_LEAST_MS = 100;
/** The engine refused: how long it is left alone. */
const PAUSE_MS = 2000;

export interface KeeperDeps extends Pick<
  ReconcileDeps,
  'engine' | 'clock' | 'log' | 'metrics' | 'signal' | 'eventSignal'
> {
  db: Db;
}

/** Ends what has reached its term, and what a crash left half issued. @returns whether there was anything. */
export async function credentialsExpire({ db, clock }: KeeperDeps): Promise<boolean> {
  const now = clock.now();
  const abandoned = new Date(now.getTime() - ISSUING_MS);
  const { rows } = await sql`
    with held as materialized (
      select id from kubectl_credentials
      where deleted_at is null
        and (expires_at <= ${now} or (issued_at is null and created_at <= ${abandoned}))
      order by id for update
    )
    update kubectl_credentials set deleted_at = ${now} from held where kubectl_credentials.id = held.id
    returning held.id`.execute(db);
  return rows.length > 0;
}

/**
 * Removes revoked credentials from the engine, the longest revoked ones first.
 * @returns how many were left because the engine refused.
 */
export async function credentialsRemove(deps: KeeperDeps): Promise<number> {
  const { db, engine, log } = deps;
  const rows = await db
    .selectFrom('kubectl_credentials')
    .select(['id', 'org_id', 'sa_name'])
    .where('deleted_at', 'is not', null)
    .orderBy('id')
    .limit(BATCH)
    .execute();
  const results = await Promise.all(
    rows.map(async ({ id, org_id: tenantId, sa_name: account }) => {
      try {
        await engine.credentials?.revoke({ account, tenantId });
      } catch (error) {
        if (!(error instanceof EngineError)) throw error;
        log.warn({ err: error, org: tenantId, account }, 'a credential could not be revoked yet');
        return 1;
      }
      await db.deleteFrom('kubectl_credentials').where('id', '=', id).execute();
      return 0;
    }),
  );
  const left = results.filter((result) => result === 1).length;
  return rows.length === BATCH && left < BATCH ? left + (await credentialsRemove(deps)) : left;
}

/** Removes what is due, whenever something is signalled, until the signal aborts. */
export function credentialKeeper(deps: KeeperDeps, signal: AbortSignal): () => Promise<void> {
  return async () => {
    let isSignalled = false;
    let wake = () => {};
    const unsubscribe = deps.signal.subscribe(() => {
      isSignalled = true;
      wake();
    });
    try {
      while (!signal.aborted) {
        isSignalled = false;
        if (await credentialsExpire(deps)) deps.eventSignal.notify();
        const left = await credentialsRemove(deps);
        await pause(systemTimers, left > 0 ? PAUSE_MS : PAUSE_LEAST_MS, signal);
        if (isSignalled) continue;
        const waited = new AbortController();
        wake = () => waited.abort();
        await pause(systemTimers, LOOK_EVERY_MS, AbortSignal.any([signal, waited.signal]));
      }
    } finally {
      unsubscribe();
    }
  };
}

const keyText = ({ account }: Pick<CredentialKey, 'account'>) => account;

/**
 * Compares the engine with the table both ways. An account without a row is removed; a credential whose account somebody
 * removed is revoked, since its kubeconfig can not work again.
 */
export async function credentialsSweep(deps: KeeperDeps): Promise<void> {
  const { db, engine, clock, log, metrics } = deps;
  if (engine.credentials === undefined) return;
  const before = await db
    .selectFrom('kubectl_credentials')
    .select(['id', 'sa_name'])
    .where('issued_at', 'is not', null)
    .where('deleted_at', 'is', null)
    .execute();
  const found = await engine.credentials.list();
  const accounts = new Set(found.map(keyText));
  const lost = before.filter((row) => !accounts.has(row.sa_name)).map(({ id }) => id);
  if (lost.length > 0) {
    metrics.driftFound.inc({ kind: 'kubectl_credential', drift: 'missing' }, lost.length);
    log.warn({ count: lost.length }, 'somebody removed kubectl credentials from the engine');
    await db
      .updateTable('kubectl_credentials')
      .set({ deleted_at: clock.now() })
      .where('id', 'in', lost)
      .where('deleted_at', 'is', null)
      .execute();
    deps.eventSignal.notify();
  }
  await orphansRemove(deps, engine.credentials, found);
}

/** A row is there before the engine is asked, so that an account without one is nobody's. */
async function orphansRemove(
  { db, log, metrics }: KeeperDeps,
  credentials: EngineCredentials,
  found: readonly CredentialKey[],
): Promise<void> {
  if (found.length === 0) return;
  const known = await db
    .selectFrom('kubectl_credentials')
    .select('sa_name')
    .where('sa_name', 'in', found.map(keyText))
    .execute();
  const names = new Set(known.map((row) => row.sa_name));
  for (const key of found) {
    if (names.has(key.account)) continue;
    metrics.driftFound.inc({ kind: 'kubectl_credential', drift: 'orphan' });
    try {
      await credentials.revoke(key);
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      log.warn({ err: error, ...key }, 'a credential without a row could not be removed');
    }
  }
}
