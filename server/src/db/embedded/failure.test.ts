import assert from 'node:assert/strict';
import { test } from 'node:test';
import { embeddedFailure } from './failure.ts';

const where = { dataFolder: '/d/postgres', logPath: '/d/postgres.log' };
const line = (text: string) => `2026-01-01 00:00:00.000 UTC [12] ${text}\n`;

test('the last output of PostgreSQL becomes one sentence that says what to do', () => {
  const cases: [output: string, message: RegExp, transient: boolean][] = [
    [
      line('PANIC:  could not write to file "pg_wal/x": No space left on device'),
      /^no space is left on the disk of \/d\/postgres/,
      false,
    ],
    [
      line('FATAL:  lock file "postmaster.pid" already exists'),
      /^another PostgreSQL still uses \/d\/postgres/,
      true,
    ],
    [
      line('FATAL:  pre-existing shared memory block (key 1, ID 2) is still in use'),
      /^another PostgreSQL still uses/,
      true,
    ],
    [
      line('PANIC:  could not locate a valid checkpoint record at 0/1'),
      /is damaged \(could not locate a valid checkpoint record at 0\/1\)/,
      false,
    ],
    [
      'unshare: unshare failed: Operation not permitted\n',
      /^user postgres can't enter \/d\/postgres/,
      false,
    ],
    [
      line('LOG:  x') + line('FATAL:  data directory "/d" has invalid permissions'),
      /\(data directory "\/d" has invalid permissions\): see \/d\/postgres\.log$/,
      false,
    ],
    ['spawn unshare ENOENT', /\(spawn unshare ENOENT\)/, false],
    ['', /\(it said nothing\)/, false],
  ];
  for (const [output, message, transient] of cases) {
    const failure = embeddedFailure(output, where);
    assert.match(failure.message, message);
    assert.equal(failure.message.includes('\n'), false);
    assert.equal(failure.transient, transient, output);
  }
});
