import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import {
  KERNEL_LIMITS,
  kernelLimitsAdvice,
  kernelLimitsLow,
  kernelLimitsRaise,
} from './kernel-limits.ts';

/** A folder with settings, as the kernel shows them. */
function settingsFolder(settings: Record<string, number | string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'dollarbox-sysctl-'));
  for (const [key, value] of Object.entries(settings)) {
    const path = join(folder, ...key.split('.'));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${value}\n`);
  }
  return folder;
}

const valueOf = (folder: string, key: string) =>
  readFileSync(join(folder, ...key.split('.')), 'utf8').trim();

test('limits that are low are raised and each is reported; higher ones are never lowered', () => {
  const folder = settingsFolder({
    'fs.aio-max-nr': 65_536,
    'fs.inotify.max_user_instances': 128,
    'kernel.keys.root_maxkeys': 9_000_000,
  });
  assert.deepEqual(
    kernelLimitsLow(folder).map(({ key, current }) => [key, current]),
    [
      ['fs.inotify.max_user_instances', 128],
      ['fs.aio-max-nr', 65_536],
    ],
  );
  const said: string[] = [];
  kernelLimitsRaise((text) => said.push(text), folder);
  assert.equal(said.length, 2);
  assert.match(said[0] ?? '', /^Raised fs\.inotify\.max_user_instances from 128 to 65536 until/);
  assert.equal(valueOf(folder, 'fs.aio-max-nr'), '1048576');
  assert.equal(valueOf(folder, 'kernel.keys.root_maxkeys'), '9000000');
  assert.deepEqual(kernelLimitsLow(folder), []);
  assert.equal(kernelLimitsAdvice([]), null);
});

test('the advice names each setting with its value, and where it belongs', () => {
  const low = kernelLimitsLow(settingsFolder({ 'fs.aio-max-nr': 65_536 }));
  assert.match(
    kernelLimitsAdvice(low) ?? '',
    /sysctl\.d\/: fs\.aio-max-nr=1048576 \(now 65536\)\./,
  );
});

test('what can’t be read is left out, and what can’t be written is reported', () => {
  const folder = settingsFolder({ 'fs.aio-max-nr': 'unknown' });
  assert.deepEqual(kernelLimitsLow(folder), []);
  mkdirSync(join(folder, 'fs/inotify/max_user_instances'), { recursive: true });
  assert.deepEqual(kernelLimitsLow(folder), []);
});

test('the security guide lists the same settings', () => {
  const guide = readFileSync(new URL('../../docs/security.md', import.meta.url), 'utf8');
  const rows = [...guide.matchAll(/^\| `([a-z0-9_.-]+)` +\| `(\d+)` +\|/gm)];
  assert.deepEqual(
    rows.map(([, key, value]) => [key, Number(value)]),
    KERNEL_LIMITS.map(({ key, atLeast }) => [key, atLeast]),
  );
});
