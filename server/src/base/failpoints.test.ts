import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { afterEach, describe, it } from 'node:test';
import { failpoint, failpointsArm, failpointsParse } from './failpoints.ts';

const MODULE = JSON.stringify(import.meta.resolve('./failpoints.ts'));

describe('a failpoint', () => {
  afterEach(() => failpointsArm([]));

  it('does nothing unless it is armed', () => {
    failpoint('apply.after');
    failpointsArm(failpointsParse('apply.before=error'));
    failpoint('apply.after');
    assert.throws(() => failpoint('apply.before'), /failpoint apply\.before/);
    failpointsArm([]);
    failpoint('apply.before');
  });

  it('acts at each hit, or at the one that is named', () => {
    failpointsArm(failpointsParse('apply.after=error@2,apply.before=error'));
    failpoint('apply.after');
    assert.throws(() => failpoint('apply.after'));
    failpoint('apply.after');
    assert.throws(() => failpoint('apply.before'));
    assert.throws(() => failpoint('apply.before'));
  });

  it('stalls the process', () => {
    failpointsArm(failpointsParse('apply.after=stall:30'));
    const startedAt = performance.now();
    failpoint('apply.after');
    assert.ok(performance.now() - startedAt >= 29);
  });

  it('kills the process on the spot', () => {
    const script = `
      const { failpoint, failpointsArm, failpointsParse } = await import(${MODULE});
      failpointsArm(failpointsParse('apply.after=kill'));
      require('node:fs').writeSync(1, 'before');
      failpoint('apply.after');
      require('node:fs').writeSync(1, 'after');`;
    const { stdout, signal } = spawnSync(process.execPath, ['-e', `(async () => {${script}})()`], {
      encoding: 'utf8',
    });
    assert.deepEqual([stdout, signal], ['before', 'SIGKILL']);
  });

  for (const wrong of ['apply.after', 'nowhere=kill', 'apply.after=explode', 'apply.after=stall']) {
    it(`is refused as ${wrong}, with the names that there are`, () => {
      assert.throws(() => failpointsParse(wrong), /is not like .*points: .*apply\.after/);
    });
  }
});
