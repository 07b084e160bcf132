import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HANGS_ASIDE } from './next-try.ts';
import { ANY_ORG, type DueWork, orgTurnsChoose } from './org-turns.ts';

let lastId = 0;

function dueOf(orgId: number, ...seconds: number[]): DueWork[] {
  return seconds.map((second) => ({
    kind: 'container',
    id: (lastId += 1),
    orgId,
    dueAt: new Date(second * 1000),
    hangs: 0,
  }));
}

/** The orgs whose objects were chosen, in order. */
function chosen(
  due: DueWork[],
  limit: number,
  perOrg: number,
  held: [number, number][] = [],
  recent: number[] = [],
) {
  const places = {
    ...ANY_ORG,
    ...{ perOrg, held: new Map(held), recent: new Set(recent), aside: 1 },
  };
  return orgTurnsChoose(due, limit, places).map(({ orgId }) => orgId);
}

describe('places of a worker', () => {
  it('go to the longest due first within one org', () => {
    const due = dueOf(1, 3, 1, 2);
    assert.deepEqual(
      orgTurnsChoose(due, 2, ANY_ORG).map(({ dueAt }) => dueAt.getTime()),
      [1000, 2000],
    );
  });

  it('go to an org without a place before one that has some, however long that waits', () => {
    assert.deepEqual(chosen([...dueOf(1, 1, 2, 3), ...dueOf(2, 50)], 2, 8), [1, 2]);
    assert.deepEqual(chosen([...dueOf(1, 1, 2, 3), ...dueOf(2, 50)], 1, 8, [[1, 1]]), [2]);
  });

  it('stay free for others while one org alone has much to do', () => {
    const due = dueOf(1, 1, 2, 3, 4, 5, 6, 7, 8);
    assert.deepEqual(chosen(due, 8, 4), [1, 1, 1, 1]);
    assert.deepEqual(chosen(due, 4, 4, [[1, 4]]), []);
  });

  it('are divided as soon as a second org has as much to do', () => {
    const due = [...dueOf(1, 1, 2, 3, 4), ...dueOf(2, 9, 10, 11)];
    assert.deepEqual(chosen(due, 8, 4), [1, 2, 1, 2]);
    assert.deepEqual(chosen(due, 4, 4, [[1, 4]]), [2, 2]);
    // Turns that are under way count, even though nothing else of that org is due.
    assert.deepEqual(chosen(dueOf(1, 1, 2, 3, 4), 6, 4, [[2, 3]]), [1, 1]);
  });

  it('are one beside an org that has little to do', () => {
    assert.deepEqual(chosen([...dueOf(1, 1, 2, 3, 4), ...dueOf(2, 9)], 8, 4), [1, 2]);
    assert.deepEqual(chosen([...dueOf(1, 1, 2, 3, 4), ...dueOf(2, 9, 10)], 8, 4), [1, 2, 2]);
    assert.deepEqual(chosen(dueOf(1, 1, 2, 3, 4), 7, 4, [[2, 1]]), [1]);
    // Both have little.
    assert.deepEqual(chosen([...dueOf(1, 1), ...dueOf(2, 9, 10)], 8, 4), [1, 2, 2]);
  });

  it('are half as many beside an org that has just done something', () => {
    assert.deepEqual(chosen(dueOf(1, 1, 2, 3, 4), 8, 4, [], [1, 2]), [1, 1]);
    // An org that was given its own places a moment ago is not another one.
    assert.deepEqual(chosen(dueOf(1, 1, 2, 3, 4), 8, 4, [], [1]), [1, 1, 1, 1]);
  });

  it('are given to an org with much to do when a turn of one with little has ended that it has met', () => {
    const due = dueOf(1, 1, 2, 3, 4);
    /** @param begun when the turn of the other org began. @param ended when the last turn ended. */
    const chosenBeside = (begun: number, ended: number) =>
      orgTurnsChoose(due, 8, {
        ...{ ...ANY_ORG, perOrg: 4, held: new Map([[2, 1]]) },
        begunAt: new Map([[2, new Date(begun * 1000)]]),
        endedAt: new Map([[1, new Date(ended * 1000)]]),
      }).length;
    assert.equal(chosenBeside(9, 10), 0);
    // However many follow, none of them makes it wait again.
    assert.equal(chosenBeside(11, 10), 1);
    // It had nothing to do until the other's turn was under way.
    assert.equal(chosenBeside(0, -9), 0);
  });

  it('go to one object that is put aside, and only after the others of its org', () => {
    const aside = dueOf(1, 1, 2, 3);
    for (const work of aside) work.hangs = HANGS_ASIDE;
    const [waiting] = dueOf(1, 90);
    assert.ok(waiting);
    assert.deepEqual(orgTurnsChoose([...aside, waiting], 8, { ...ANY_ORG, perOrg: 4, aside: 1 }), [
      waiting,
      aside[0],
    ]);
    assert.deepEqual(chosen([...aside, ...dueOf(2, 90)], 8, 4), [1, 2]);
    assert.deepEqual(orgTurnsChoose(aside, 8, { ...ANY_ORG, perOrg: 4, aside: 0 }), []);
  });

  it('are one for each org when there are more orgs than shares', () => {
    const due = [1, 2, 3, 4, 5, 6].flatMap((orgId) => dueOf(orgId, 1, 2));
    assert.deepEqual(chosen(due, 8, 4), [1, 2, 3, 4, 5, 6]);
  });
});
