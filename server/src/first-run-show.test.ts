import assert from 'node:assert/strict';
import { mkdtempSync, openSync, readFileSync, fstatSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { firstRunShow, isJournal } from './first-run-show.ts';

const MADE = { email: 'owner@localhost', password: 'pass phrase', org: 'main', token: 'dbx_token' };
const publicUrl = 'http://localhost:8080';

it('a first start prints the password and the token', () => {
  const text = firstRunShow(MADE, { publicUrl, dataDir: '/nonexistent' }, false);
  assert.match(text, /pass phrase[^]*dbx_token/);
});

it('a first start whose output is kept writes them to a file of their owner alone', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'dollarbox-first-'));
  const text = firstRunShow(MADE, { publicUrl, dataDir }, true);
  assert.doesNotMatch(text, /pass phrase|dbx_token/);
  const path = join(dataDir, 'first-start.txt');
  assert.ok(text.includes(path));
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.match(readFileSync(path, 'utf8'), /pass phrase[^]*dbx_token/);
});

it('the journal is recognized by the file that it reads', () => {
  const descriptor = openSync(join(mkdtempSync(join(tmpdir(), 'dollarbox-first-')), 'out'), 'w');
  const { dev, ino } = fstatSync(descriptor);
  assert.equal(isJournal(descriptor, { JOURNAL_STREAM: `${dev}:${ino}` }), true);
  assert.equal(isJournal(descriptor, { JOURNAL_STREAM: `${dev}:${ino + 1}` }), false);
  assert.equal(isJournal(descriptor, {}), false);
});

it('a file that can’t be written is reported, and nothing secret is printed', () => {
  const text = firstRunShow(MADE, { publicUrl, dataDir: '/nonexistent' }, true);
  assert.match(text, /could not be written to \/nonexistent\/first-start\.txt \(ENOENT\)/);
  assert.doesNotMatch(text, /pass phrase|dbx_token/);
});
