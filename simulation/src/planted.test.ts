import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { courseDraw } from './world/operations.ts';
import { plantPlay, plantedSeedsRead } from './planted.ts';
import { seedPlay } from './play.ts';
import { PLANTS } from './plants/plants.ts';
import { courseShrink } from './shrink.ts';

/**
 * Played if a recorded seed no longer notices its bug, as after a change of the code. Most bugs need fewer than ten.
 */
const SEARCHED_SEEDS = 400;
const STEPS = 200;
/** Operations in a seed whose failure is shortened. */
const SHORT_STEPS = 60;
const RECORD = 'npm run simulate -- --planted --record';

const seeds = plantedSeedsRead();

describe('deliberate bugs', () => {
  for (const plant of PLANTS) {
    it(`${plant.name} is noticed`, async () => {
      const seed = seeds.get(plant.name);
      if (seed !== undefined && (await plantPlay(plant, seed, 1, STEPS)).caught !== null) return;
      console.log(`No recorded seed notices ${plant.name}; to record one: ${RECORD}`);
      const { caught } = await plantPlay(plant, 1, SEARCHED_SEEDS, STEPS);
      assert.ok(caught, plant.fault);
    });
  }

  it('are shown by a few operations that fail in the same way', async () => {
    const plant = PLANTS.find(({ name }) => name === 'forgotten-before-confirmed');
    assert.ok(plant);
    const { caught } = await plantPlay(plant, 1, SEARCHED_SEEDS, SHORT_STEPS);
    assert.ok(caught);
    const { seed, failure } = caught;
    const course = await courseShrink(seed, courseDraw(seed, SHORT_STEPS), failure, plant);
    assert.ok(course.operations.length <= 8, `${course.operations.length} operations`);
    const shorter = await seedPlay(seed, 0, { course, plant });
    assert.equal(shorter.failure?.invariant, failure.invariant);
    assert.equal((await seedPlay(seed, 0, { course })).failure, null);
  });
});
