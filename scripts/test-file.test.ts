import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { processIsAlive } from '@dollarbox/testbed/process-lock';
import { testFileRun } from './test-file.ts';
import { closingLine, fileReport, runReport, totalsOf } from './test-report.ts';

const folder = mkdtempSync(join(tmpdir(), 'test-file-test-'));
after(() => rmSync(folder, { recursive: true }));

function fileRun(
  name: string,
  content: string,
  timeoutMs = 60_000,
  signal = new AbortController().signal,
) {
  const file = `${name}.test.ts`;
  const imports = `import { after, describe, it, test } from 'node:test';
    import { setTimeout } from 'node:timers/promises';\n`;
  writeFileSync(join(folder, file), imports + content);
  const env = { ...process.env };
  delete env['NODE_TEST_CONTEXT'];
  const eventsPath = join(folder, `${name}.events`);
  return testFileRun({ folder, file, eventsPath, timeoutMs, nodeFlags: [], env, signal });
}

test('tests are counted, suites are not, and a subtest that fails counts once', async () => {
  const result = await fileRun(
    'mixed',
    `
    describe('suite', () => {
      it('passes', () => {});
      it('fails', () => { throw new Error('the very cause', { cause: new Error('below it') }); });
      it('is skipped', { skip: 'because' }, () => {});
      it('is to do', { todo: 'one day' }, () => { throw new Error('not yet'); });
    });
    test('parent', async (t) => {
      await t.test('child', () => {});
      await t.test('failing child', () => { throw new Error('child fails'); });
      await t.test('decides to skip', (t) => t.skip('found out'));
    });
    console.log('said on the way');`,
  );
  assert.equal(result.fault, null);
  assert.equal(closingLine(totalsOf([result])), '2 passed, 2 failed, 3 skipped');
  const report = fileReport(result);
  for (const part of [
    'FAIL  mixed.test.ts',
    '✖ fails',
    'the very cause',
    'below it',
    '✖ failing child',
    'said on the way',
  ]) {
    assert.ok(report.includes(part), `${part} is not in:\n${report}`);
  }
  const summary = runReport([result], 1000);
  for (const part of [
    'Skipped (because):\n  mixed.test.ts: is skipped',
    'Skipped (found out):',
    'Failed:\n  mixed.test.ts: fails',
  ]) {
    assert.ok(summary.includes(part), `${part} is not in:\n${summary}`);
  }
});

test('a file that passes is one line', async () => {
  const result = await fileRun('good', "test('a', () => {}); console.log('noise');");
  assert.match(fileReport(result), /^ok {4}good\.test\.ts {2}1 passed, 0 failed {2}\(\d+\.\d s\)$/);
});

test('a file that crashes, holds no test, does not parse or ends too early has failed', async () => {
  const cases: [name: string, content: string, fault: RegExp][] = [
    [
      'crash',
      "test('a', () => {}); test('b', async () => { await setTimeout(200); process.kill(process.pid, 'SIGKILL'); });",
      /ended with exit SIGKILL; still running: b/,
    ],
    [
      'early',
      "test('a', () => {}); test('b', async () => { await setTimeout(200); process.exit(0); });",
      /still running: b/,
    ],
    ['empty', '', /holds no test/],
    ['broken', 'const = 1;', /ended with exit 1/],
  ];
  for (const [name, content, fault] of cases) {
    const result = await fileRun(name, content);
    assert.match(String(result.fault), fault, name);
    assert.equal(totalsOf([result]).failed, 1, name);
  }
});

test('a hook of the file that fails is a failure', async () => {
  const result = await fileRun(
    'hook',
    "test('a', () => {}); after(() => { throw new Error('in the hook'); });",
  );
  assert.equal(closingLine(totalsOf([result])), '1 passed, 1 failed');
  assert.match(fileReport(result), /in the hook/);
});

test(
  'a file that hangs is ended with all that it started, and the test that hung is named',
  { timeout: 60_000 },
  async () => {
    const result = await fileRun(
      'hang',
      `
    import { spawn } from 'node:child_process';
    const left = spawn('sleep', ['300'], { stdio: 'inherit' });
    console.log('left', left.pid);
    test('quick', () => {});
    test('endless', () => new Promise(() => setInterval(() => {}, 1000)));`,
      3_000,
    );
    assert.match(String(result.fault), /^it did not end within 3 s; still running: endless$/);
    assert.equal(closingLine(totalsOf([result])), '1 passed, 1 failed');
    const left = Number(/left (\d+)/.exec(result.output)?.[1]);
    assert.equal(processIsAlive(left, null), false);
  },
);

test(
  'what a file leaves running is ended, and an abort ends the file',
  { timeout: 60_000 },
  async () => {
    const result = await fileRun(
      'leaves',
      `
    import { spawn } from 'node:child_process';
    const left = spawn('sleep', ['300'], { stdio: 'inherit' });
    left.unref();
    console.log('left', left.pid);
    test('a', () => {});`,
    );
    assert.equal(closingLine(totalsOf([result])), '1 passed, 0 failed');
    const left = Number(/left (\d+)/.exec(result.output)?.[1]);
    assert.ok(left > 0);
    assert.equal(processIsAlive(left, null), false);

    const aborted = await fileRun(
      'aborted',
      "test('a', () => new Promise(() => setInterval(() => {}, 1000)));",
      60_000,
      AbortSignal.timeout(500),
    );
    assert.match(String(aborted.fault), /ended with exit SIGKILL/);
  },
);
