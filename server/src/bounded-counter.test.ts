import assert from 'node:assert/strict';
import { it } from 'node:test';
import { boundedCounterCreate, topOf } from './bounded-counter.ts';

it('the largest values are named, and the others are one sum', () => {
  const values = new Map([1, 2, 3, 4, 5].map((org) => [org, org * 10]));
  const { named, others } = topOf(values, 2);
  assert.deepEqual(
    [...named],
    [
      ...new Map([
        [5, 50],
        [4, 40],
      ]),
    ],
  );
  assert.equal(others, 60);
  assert.deepEqual(topOf(values, 9).others, 0);
});

it('nothing is lost, no series decreases, and never more orgs are named', () => {
  const counter = boundedCounterCreate(3);
  let total = 0;
  let common = 0;
  let before = new Map<number, number>();
  let left = 0;
  for (let round = 0; round < 200; round += 1) {
    // Which orgs use the most changes all the time.
    const grown = new Map(
      Array.from({ length: 20 }, (_, org) => [org, (org * 7 + round * 3) % 20]),
    );
    for (const value of grown.values()) total += value;
    counter.add(grown);
    const { named, others } = counter.read();
    assert.ok(named.size <= 3);
    assert.ok(others >= common);
    for (const [org, value] of before) {
      const now = named.get(org);
      if (now === undefined) left += value;
      else assert.ok(now >= value);
    }
    common = others;
    before = new Map(named);
  }
  const sum = [...before.values()].reduce((a, b) => a + b, 0);
  assert.equal(sum + common + left, total);
});

it('an org that uses no more makes room for one that does', () => {
  const counter = boundedCounterCreate(1);
  counter.add(new Map([[1, 100]]));
  assert.deepEqual([...counter.read().named], [[1, 100]]);
  for (let round = 0; round < 100; round += 1) counter.add(new Map([[2, 1]]));
  assert.deepEqual([...counter.read().named.keys()], [2]);
});
