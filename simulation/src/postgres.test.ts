import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { postgresWholeStoreOpen } from './stores/postgres-whole-store.ts';
import type { WholeStore } from './stores/desire-store.ts';
import { courseDraw } from './world/operations.ts';
import { runPlay } from './run.ts';
import { storeInTurn } from './stores/store-in-turn.ts';

const FIRST = Number(process.env['SIMULATION_FIRST_SEED'] ?? 1);
const SEEDS = Number(process.env['SIMULATION_POSTGRES_SEEDS'] ?? 20);
const STEPS = 60;

describe('the reconcile code on PostgreSQL among faults, on virtual time', () => {
  let postgres: WholeStore | undefined;
  before(async () => {
    postgres = await postgresWholeStoreOpen();
  });
  after(() => postgres?.close());

  for (let seed = FIRST; seed < FIRST + SEEDS; seed += 1) {
    it(`holds in seed ${seed} of ${STEPS} operations`, async () => {
      assert.ok(postgres);
      await postgres.clear();
      const { whole, settled } = storeInTurn(postgres);
      const course = courseDraw(seed, STEPS);
      const { failure } = await runPlay({ seed, course, whole, tables: null, settled });
      await settled();
      assert.equal(failure, null, `${failure?.invariant}: ${failure?.message}`);
    });
  }
});
