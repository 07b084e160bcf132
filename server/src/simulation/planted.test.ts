import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { courseDraw } from './operations.ts';
import { plantPlay } from './planted.ts';
import { seedPlay } from './play.ts';
import { PLANTS } from './plants.ts';
import { courseShrink } from './shrink.ts';

/** Most are noticed within ten; only one that is not noticed takes as many. */
const SEEDS = 400;
const STEPS = 200;

describe('deliberate bugs', () => {
  for (const plant of PLANTS) {
    it(`${plant.name} is noticed`, async () => {
      const { caught } = await plantPlay(plant, 1, SEEDS, STEPS);
      assert.ok(caught, plant.fault);
    });
  }

  it('are shown by a few operations that fail in the same way', async () => {
    const plant = PLANTS.find(({ name }) => name === 'forgotten-before-confirmed') ?? null;
    const { failure } = await seedPlay(1, STEPS, { plant });
    assert.ok(failure);
    const course = await courseShrink(1, courseDraw(1, STEPS), failure, plant);
    assert.ok(course.operations.length <= 8, `${course.operations.length} operations`);
    const shorter = await seedPlay(1, 0, { course, plant });
    assert.equal(shorter.failure?.invariant, failure.invariant);
    assert.equal((await seedPlay(1, 0, { course })).failure, null);
  });
});
