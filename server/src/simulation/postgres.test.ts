import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { postgresWholeStoreOpen } from '../test/postgres-whole-store.ts';
import type { WholeStore } from './desire-store.ts';
import { courseDraw } from './operations.ts';
import { runPlay } from './run.ts';
import { storeInTurn } from './store-in-turn.ts';

const FIRST = Number(process.env['SIMULATION_FIRST_SEED'] ?? 1);
const SEEDS = Number(process.env['SIMULATION_POSTGRES_SEEDS'] ?? 20);
const STEPS = 60;

describe('the reconcile code on PostgreSQL among faults, on virtual time', () => {
  let postgres: WholeStore | undefined;
  before(async () => {
    postgres = await postgresWholeStoreOpen();
  });
  after(() => postgres?.close());

  it(`holds in ${SEEDS} seeds of ${STEPS} operations`, async () => {
    assert.ok(postgres);
    for (let seed = FIRST; seed < FIRST + SEEDS; seed += 1) {
      await postgres.clear();
      const { whole, settled } = storeInTurn(postgres);
      const course = courseDraw(seed, STEPS);
      const { failure } = await runPlay({ seed, course, whole, tables: null, settled });
      await settled();
      assert.equal(failure, null, `seed ${seed}: ${failure?.invariant}: ${failure?.message}`);
    }
  });
});
