import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ContainerStats } from '../../api/org-queries.ts';
import { cpuPercent } from './stats.ts';

const at = (second: number, cpuSeconds: number | null): ContainerStats => ({
  observed_at: new Date(second * 1000).toISOString(),
  cpu_seconds: cpuSeconds,
  ...{ memory_bytes: null, memory_limit_bytes: null, processes: null, disk_bytes: null },
  ...{ network_received_bytes: null, network_sent_bytes: null, volume_bytes: null },
});

describe('the processor time of a container', () => {
  it('is the share between two measurements', () => {
    assert.equal(cpuPercent({ now: at(10, 5), before: at(6, 3) }), 50);
  });

  it('is not known from one measurement, from two of the same moment, or over a restart', () => {
    assert.equal(cpuPercent({ now: at(10, 5), before: null }), null);
    assert.equal(cpuPercent({ now: at(10, 5), before: at(10, 5) }), null);
    assert.equal(cpuPercent({ now: at(10, 1), before: at(6, 3) }), null);
    assert.equal(cpuPercent({ now: at(10, null), before: at(6, 3) }), null);
    assert.equal(cpuPercent({ now: at(10, 3), before: at(6, null) }), null);
  });
});
