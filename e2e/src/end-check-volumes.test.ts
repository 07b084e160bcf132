import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Container, Volume } from '@dollarbox/client';
import type { EngineObject } from './end-check-rules.ts';
import {
  type EngineVolume,
  type VolumeTableRow,
  mountFaults,
  volumeFaults,
} from './end-check-volumes.ts';

const ROW: VolumeTableRow = {
  ...{ id: 5, uid: 'u', name: 'data', status: 'bound', status_reason: null, ref: 'v5' },
  ...{ container_id: 1, mount_path: '/data' },
  ...{ is_deleted: false, has_work: true, is_leased: false, is_due: false },
};
const SHOWN = {
  ...{ id: 5, name: 'data', status: 'bound', status_reason: null },
  ...{ container: 1, mount_path: '/data' },
} as unknown as Volume;
const OBJECT: EngineVolume = { name: 'v5', id: 5, uid: 'u' };

describe('the check of volumes after a fault', () => {
  function faults(
    row: Partial<VolumeTableRow>,
    shown: Partial<Volume> | null = {},
    objects: readonly Partial<EngineVolume>[] = [{}],
  ): string[] {
    return volumeFaults(
      [{ ...ROW, ...row }],
      new Map(shown === null ? [] : [[5, { ...SHOWN, ...shown }]]),
      objects.map((object) => ({ ...OBJECT, ...object })),
    );
  }
  const one = (found: string[], expected: RegExp): void => {
    assert.equal(found.length, 1, found.join('\n'));
    assert.match(found[0] ?? '', expected);
  };

  it('finds nothing if everything agrees', () => {
    assert.deepEqual(faults({}), []);
    const lost = { status: 'failed', status_reason: 'data_lost' } as const;
    assert.deepEqual(faults(lost, lost, []), []);
  });

  it('finds what is left over, and what is missing', () => {
    one(faults({}, {}, []), /has 0 engine objects/);
    one(faults({}, {}, [{}, { uid: 'other' }]), /without a row/);
    one(faults({}, null), /is not shown/);
    one(volumeFaults([], new Map(), [OBJECT]), /without a row/);
    one(volumeFaults([], new Map([[5, SHOWN]]), []), /has no row/);
    one(faults({ is_deleted: true }, null, []), /its row is still there/);
  });

  it('finds what has not settled', () => {
    one(faults({ is_leased: true }), /held by a worker/);
    one(faults({ is_due: true }), /waits for its turn/);
    one(faults({ has_work: false }), /not in the queue/);
    const making = { status: 'provisioning' } as const;
    one(faults(making, making), /still being made/);
  });

  it('finds differences between API and table', () => {
    one(faults({}, { status: 'failed' }), /shown with status failed/);
    one(faults({}, { container: 2 }), /shown in container 2/);
  });
});

describe('the check of mounts after a fault', () => {
  const CONTAINER = {
    ...{ id: 1, name: 'web', status: 'running', generation: 2, observed_generation: 2 },
    volumes: [{ volume: 5, mount_path: '/data' }],
  } as unknown as Container;
  const HOLDER = { id: 1, mounts: [['v5', '/data']] } as unknown as EngineObject;

  function faults(
    row: Partial<VolumeTableRow>,
    container: Partial<Container>,
    objects: readonly EngineObject[],
  ): string[] {
    const shown = new Map([[1, { ...CONTAINER, ...container }]]);
    return mountFaults([{ ...ROW, ...row }], shown, objects, [OBJECT]);
  }

  it('finds nothing if both sides and the engine agree', () => {
    assert.deepEqual(faults({}, {}, [HOLDER]), []);
    assert.deepEqual(faults({}, { status: 'failed' }, []), []);
    assert.deepEqual(faults({}, { observed_generation: 1 }, []), []);
  });

  it('finds a mount that only one side reports', () => {
    assert.match(faults({ container_id: null }, {}, [HOLDER])[0] ?? '', /its volumes say ""/);
    assert.match(faults({ mount_path: '/x' }, {}, [HOLDER])[0] ?? '', /its volumes say "5 at \/x"/);
    assert.match(faults({}, { volumes: [] }, [])[0] ?? '', /mounts ""/);
  });

  it('finds a process that runs without its volume, and a volume that two containers have', () => {
    assert.match(faults({}, {}, [])[0] ?? '', /runs with ""/);
    const other = { ...HOLDER, id: 2 };
    assert.match(faults({}, {}, [HOLDER, other])[0] ?? '', /in two containers/);
  });
});
