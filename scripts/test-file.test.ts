import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setImmediate as nextTick } from 'node:timers/promises';
import { processIsAlive } from '@dollarbox/host/process-lock';
import { testFileRun } from './test-file.ts';
import { closingLine, fileReport, runReport, totalsOf } from './test-report.ts';

const folder = mkdtempSync(join(tmpdir(), 'test-file-test-'));
after(() => rmSync(folder, { recursive: true }));

/** `started` waits until the start of test b has been reported. */
const PREAMBLE = `
  import { existsSync, readFileSync } from 'node:fs';
  import { after, describe, it, test } from 'node:test';
  import { setTimeout } from 'node:timers/promises';
  async function started(name) {
    const path = ${JSON.stringify(folder)} + '/' + name + '.events';
    const isReported = () => existsSync(path) && readFileSync(path, 'utf8').includes('"name":"b"');
    while (!isReported()) await setTimeout(10);
  }
`;

function fileRun(
  name: string,
  content: string,
  stallMs = 300_000,
  signal = new AbortController().signal,
) {
  const file = `${name}.test.ts`;
  writeFileSync(join(folder, file), PREAMBLE + content);
  const env = { ...process.env };
  delete env['NODE_TEST_CONTEXT'];
  const eventsPath = join(folder, `${name}.events`);
  return testFileRun({ folder, file, eventsPath, stallMs, nodeFlags: [], env, signal });
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
  assert.equal(closingLine(totalsOf([result], ['beside it'])), '2 passed, 3 failed, 3 skipped');
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
  const summary = runReport([result], ['something beside it'], 1000);
  for (const part of [
    'Skipped (because):\n  mixed.test.ts: is skipped',
    'Skipped (found out):',
    'Failed:\n  mixed.test.ts: fails',
    'the very cause',
    'said on the way',
    'something beside it',
  ]) {
    assert.ok(summary.includes(part), `${part} is not in:\n${summary}`);
  }
});

test('a file that passes is one line, and the lines that say how much it tried', async () => {
  const noise = "test('a', () => {}); console.log('noise');";
  const result = await fileRun('good', noise);
  assert.match(fileReport(result), /^ok {4}good\.test\.ts {2}1 passed, 0 failed {2}\(\d+\.\d s\)$/);
  const counting = await fileRun('counting', `${noise} console.log('counted: 5 of 5');`);
  assert.match(fileReport(counting), /^ok {4}counting\.test\.ts .*\n +counted: 5 of 5$/);
});

test('a file that crashes, contains no test, does not parse or ends too early has failed', async () => {
  const cases: [name: string, content: string, fault: RegExp][] = [
    [
      'crash',
      "test('a', () => {}); test('b', async () => { await started('crash'); process.kill(process.pid, 'SIGKILL'); });",
      /ended with exit SIGKILL; still running: b/,
    ],
    [
      'early',
      "test('a', () => {}); test('b', async () => { await started('early'); process.exit(0); });",
      /still running: b/,
    ],
    ['empty', '', /contains no test/],
    ['broken', 'const = 1;', /ended with exit 1/],
  ];
  for (const [name, content, fault] of cases) {
    const result = await fileRun(name, content);
    assert.match(String(result.fault), fault, `${name}: ${fileReport(result)}`);
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

test('a file that hangs is ended with all that it started, and the test that hung is named', async () => {
  const result = await fileRun(
    'hang',
    `
    import { spawn } from 'node:child_process';
    const left = spawn('sleep', ['300'], { stdio: 'inherit' });
    console.log('left', left.pid);
    test('quick', () => {});
    test('endless', () => new Promise(() => setInterval(() => {}, 1000)));`,
    10_000,
  );
  assert.match(String(result.fault), /^no test started or ended for 10 s; still running: endless$/);
  assert.equal(closingLine(totalsOf([result])), '1 passed, 1 failed');
  const left = Number(/left (\d+)/.exec(result.output)?.[1]);
  await gone(left);
});

/** Waits for the end of a killed process: its output closes a moment before. */
async function gone(pid: number): Promise<void> {
  while (processIsAlive(pid, null)) await nextTick();
}

test('what a file leaves running is ended, and an abort ends the file', async () => {
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
  await gone(left);

  const interruption = new AbortController();
  const aborted = fileRun(
    'aborted',
    "test('a', () => new Promise(() => setInterval(() => {}, 1000)));",
    300_000,
    interruption.signal,
  );
  interruption.abort();
  assert.match(String((await aborted).fault), /ended with exit SIGKILL/);
});
