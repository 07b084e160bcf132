import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { seedPlay } from './play.ts';

const SEEDS = 200;
const STEPS = 60;

describe('the reconcile code among faults, on virtual time', () => {
  it(`holds in ${SEEDS} seeds of ${STEPS} operations`, async () => {
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const { failure } = await seedPlay(seed, STEPS);
      const again = `npm run simulate -- --seed ${seed} --steps ${STEPS}`;
      assert.equal(failure, null, `${failure?.invariant}: ${failure?.message} (again: ${again})`);
    }
  });

  it('goes the same way each time', async () => {
    const accounts = [[], []] as [string[], string[]];
    for (const lines of accounts) await seedPlay(7, STEPS, { lines });
    assert.ok(accounts[0].length > 100);
    assert.deepEqual(accounts[0], accounts[1]);
  });
});
