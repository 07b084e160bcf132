import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

test('a test that fails shows the end of the logs, one that passes does not', () => {
  const script = `
    import { describe, it } from 'node:test';
    import { failureLogAdd } from ${JSON.stringify(import.meta.resolve('./failure-log.ts'))};
    describe('suite', () => {
      it('good', () => {});
      it('bad', () => {
        failureLogAdd('a server', () => 'first\\n'.repeat(100) + 'the cause');
        throw new Error('seen');
      });
    });`;
  const { stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
  });
  assert.match(stderr, /^After "bad", the last log lines of a server:\n(first\n){39}the cause\n$/);
});
