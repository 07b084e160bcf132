import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { EngineError } from '@dollarbox/engines/contract';
import { OPERATOR } from '../changes/actor.ts';
import { type ReconcileBench, reconcileBenchOpen } from '../../test/support/reconcile-harness.ts';
import {
  credentialKeeper,
  credentialsExpire,
  credentialsRemove,
  credentialsSweep,
} from './keeper.ts';
import * as operations from './operations.ts';

let bench: ReconcileBench;
let ownerId: number;
before(async () => {
  bench = await reconcileBenchOpen();
  const owner = bench.db.selectFrom('memberships').select('user_id');
  ownerId = (await owner.executeTakeFirstOrThrow()).user_id;
  await bench.db.updateTable('orgs').set({ kubectl_enabled: true }).execute();
});
after(() => bench.close());
beforeEach(async () => {
  bench.world.faults.clear();
  bench.world.credentials.clear();
  await bench.db.deleteFrom('kubectl_credentials').execute();
});

const actor = () => ({
  ...{ ...OPERATOR, userId: ownerId, org: { id: bench.orgId, slug: 'org-1' } },
  role: null,
});

async function begin(lifetimeSeconds?: number): Promise<operations.BegunCredential> {
  const input = {
    requestKey: null,
    ...(lifetimeSeconds === undefined ? {} : { expires_in: lifetimeSeconds }),
  };
  return bench.db
    .transaction()
    .execute((trx) => operations.kubectlCredentialBegin(trx, actor(), input, bench.deps));
}

async function issue(lifetimeSeconds?: number): Promise<operations.BegunCredential> {
  const begun = await begin(lifetimeSeconds);
  const { credentials } = bench.engine;
  assert.ok(credentials !== undefined);
  const issued = await operations.kubectlCredentialIssue(credentials, begun);
  await bench.db
    .transaction()
    .execute((trx) => operations.kubectlCredentialCreate(trx, actor(), begun, issued, bench.deps));
  return begun;
}

const revoke = (id: number) =>
  bench.db
    .transaction()
    .execute((trx) => operations.kubectlCredentialDelete(trx, actor(), { id }, bench.deps));

/** Accounts on the engine, and rows. */
async function counts(): Promise<[number, number]> {
  const rows = await bench.db.selectFrom('kubectl_credentials').select('id').execute();
  return [bench.world.credentials.size, rows.length];
}

async function keep(): Promise<void> {
  await credentialsExpire(bench.deps);
  await credentialsRemove(bench.deps);
}

describe('the keeper of credentials', () => {
  it('removes what was revoked, and then its row', async () => {
    const { id } = await issue();
    const kept = await issue();
    await revoke(id);
    assert.deepEqual(await counts(), [2, 2]);
    await keep();
    assert.deepEqual(await counts(), [1, 1]);
    assert.deepEqual([...bench.world.credentials.keys()], [kept.account]);
  });

  it('removes at its term what nobody revoked', async () => {
    await issue(60);
    await bench.clock.advance(59_000);
    await keep();
    assert.deepEqual(await counts(), [1, 1]);
    await bench.clock.advance(1000);
    await keep();
    assert.deepEqual(await counts(), [0, 0]);
  });

  it('tries again what the engine refused, and keeps the row until then', async () => {
    const { id } = await issue();
    await revoke(id);
    const error = new EngineError('retryable', 'engine_unreachable', 'It is away.');
    bench.world.faults.add({ verb: 'credentials.revoke', error });
    assert.equal(await credentialsRemove(bench.deps), 1);
    assert.deepEqual(await counts(), [1, 1]);
    assert.equal(await credentialsRemove(bench.deps), 0);
    assert.deepEqual(await counts(), [0, 0]);
  });

  it('removes what a crash left half issued, with and without an account', async () => {
    const begun = await begin();
    await begin();
    const { credentials } = bench.engine;
    assert.ok(credentials !== undefined);
    await operations.kubectlCredentialIssue(credentials, begun);
    await bench.clock.advance(59_000);
    await keep();
    assert.deepEqual(await counts(), [1, 2]);
    await bench.clock.advance(1000);
    await keep();
    assert.deepEqual(await counts(), [0, 0]);
    const events = await bench.db
      .selectFrom('events')
      .select('type')
      .where('object_kind', '=', 'kubectl_credential')
      .where('object_id', '=', begun.id)
      .execute();
    assert.deepEqual(events, [], 'nobody has seen it');
  });

  it('does so by itself when something is signalled', async () => {
    const listeners = new Set<() => void>();
    const signal = {
      ...bench.deps.signal,
      subscribe(listener: () => void) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    };
    const stop = new AbortController();
    const running = credentialKeeper({ ...bench.deps, signal }, stop.signal)();
    const { id } = await issue();
    await revoke(id);
    for (const listener of listeners) listener();
    while ((await counts()).some((count) => count > 0));
    stop.abort();
    await running;
    assert.equal(listeners.size, 0);
  });
});

describe('the sweep of credentials', () => {
  it('removes accounts without a row, such as those of a database that was restored', async () => {
    await issue();
    await bench.db.deleteFrom('kubectl_credentials').execute();
    const kept = await issue();
    await credentialsSweep(bench.deps);
    assert.deepEqual([...bench.world.credentials.keys()], [kept.account]);
  });

  it('leaves alone what is being issued', async () => {
    const begun = await begin();
    const { credentials } = bench.engine;
    assert.ok(credentials !== undefined);
    await operations.kubectlCredentialIssue(credentials, begun);
    await credentialsSweep(bench.deps);
    assert.deepEqual(await counts(), [1, 1]);
  });

  it('revokes what somebody removed from the engine', async () => {
    const { id, account } = await issue();
    bench.world.credentials.delete(account);
    await credentialsSweep(bench.deps);
    await keep();
    assert.deepEqual(await counts(), [0, 0]);
    const event = await bench.db
      .selectFrom('events')
      .select('type')
      .where('object_kind', '=', 'kubectl_credential')
      .where('object_id', '=', id)
      .orderBy('id', 'desc')
      .executeTakeFirstOrThrow();
    assert.equal(event.type, 'kubectl_credential.deleted');
  });
});
