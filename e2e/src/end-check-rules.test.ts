import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Container } from '@dollarbox/client';
import {
  type EngineObject,
  type TableRow,
  containerFaults,
  tableFaults,
} from './end-check-rules.ts';
import { type LedgerEntry, ledgerFaults } from './ledger.ts';

const ROW: TableRow = {
  id: 1,
  name: 'web',
  image: 'x:1',
  status: 'running',
  status_reason: null,
  generation: 2,
  observed_generation: 2,
  ipv6_address: 'fd00::1',
  applied_ref: 'ref',
  is_deleted: false,
  has_work: true,
  is_leased: false,
  is_due: false,
};
const OBJECT: EngineObject = {
  ref: 'ref',
  id: 1,
  imageId: 'sha256:x',
  env: ['A=1'],
  isRunning: true,
  addresses: ['fd00::1'],
  mounts: [],
};
const SHOWN = {
  ...{ id: 1, name: 'web', image: 'x:1', status: 'running', status_reason: null },
  ...{ generation: 2, observed_generation: 2, env: { A: '1' }, command: [] as string[] },
} as unknown as Container;

function faults(
  row: Partial<TableRow>,
  shown: Partial<Container> | null,
  objects: readonly Partial<EngineObject>[],
): string[] {
  return containerFaults(
    [{ ...ROW, ...row }],
    new Map(shown === null ? [] : [[1, { ...SHOWN, ...shown }]]),
    objects.map((object) => ({ ...OBJECT, ...object })),
    new Map([['x:1', 'sha256:x']]),
    () => false,
  );
}

describe('the check after a fault', () => {
  it('finds nothing if everything agrees', () => {
    assert.deepEqual(faults({}, {}, [{}]), []);
    assert.deepEqual(tableFaults([ROW]), []);
    const failed = { status: 'failed', status_reason: 'exited' } as const;
    assert.deepEqual(faults(failed, failed, [{ isRunning: false }]), []);
  });

  for (const [what, row, shown, objects] of [
    ['an API that does not show it', {}, null, [{}]],
    ['an API that shows another status', {}, { status: 'failed' }, [{}]],
    ['an API that shows an older generation', {}, { generation: 1 }, [{}]],
    ['no engine object', {}, {}, []],
    ['two engine objects', {}, {}, [{}, { ref: 'other' }]],
    ['an object of nobody', {}, {}, [{}, { id: 2, ref: 'other' }]],
    ['an object other than the recorded one', {}, {}, [{ ref: 'other' }]],
    ['a process that does not run', {}, {}, [{ isRunning: false }]],
    ['another address', {}, {}, [{ addresses: ['fd00::2'] }]],
    ['another image', {}, {}, [{ imageId: 'sha256:y' }]],
    ['another env', {}, {}, [{ env: ['A=2'] }]],
    ['a process that runs though it failed', { status: 'failed' }, { status: 'failed' }, [{}]],
    ['a deleted one that the API shows', { is_deleted: true }, {}, []],
  ] as const) {
    it(`finds ${what}`, () => assert.notDeepEqual(faults(row, shown, objects), []));
  }

  for (const [what, row] of [
    ['a deleted row', { is_deleted: true }],
    ['a row without work', { has_work: false }],
    ['a held row', { is_leased: true }],
    ['a row that waits', { is_due: true }],
    ['a pending one', { status: 'pending' }],
    ['a change outstanding', { observed_generation: 1 }],
  ] as const) {
    it(`finds ${what}`, () => assert.equal(tableFaults([{ ...ROW, ...row }]).length, 1));
  }
});

describe('the ledger', () => {
  const entry: LedgerEntry = {
    id: 1,
    name: 'web',
    acknowledged: { image: 'x:1', env: { A: '1' } },
    unanswered: [],
    deleted: 'no',
  };
  const held = (change: Partial<LedgerEntry>, shown: Partial<Container> | null): number =>
    ledgerFaults(
      [{ ...entry, ...change }],
      new Map(shown === null ? [] : [[1, { ...SHOWN, ...shown }]]),
    ).length;

  it('accepts what was promised', () => {
    assert.equal(held({}, {}), 0);
    assert.equal(held({ deleted: 'yes' }, null), 0);
    assert.equal(held({ deleted: 'maybe' }, null), 0);
    assert.equal(held({ deleted: 'maybe' }, {}), 0);
    assert.equal(held({ unanswered: [{ image: 'y:1' }] }, { image: 'y:1' }), 0);
    assert.equal(held({ id: null, acknowledged: null, unanswered: [{ image: 'x:1' }] }, {}), 0);
    assert.equal(held({ id: null, acknowledged: null, unanswered: [{ image: 'x:1' }] }, null), 0);
  });

  it('reports acknowledged writes that are missing, and changes that nobody requested', () => {
    assert.equal(held({}, null), 1, 'lost');
    assert.equal(held({}, { image: 'y:1' }), 1, 'another image');
    assert.equal(held({}, { env: {} }), 1, 'an update lost');
    assert.equal(held({ deleted: 'yes' }, {}), 1, 'back from the dead');
    assert.equal(held({ id: 2, name: 'other', deleted: 'yes' }, {}), 1, 'doubled');
  });
});
