import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { dataDirLock } from './data-dir-lock.ts';

const folder = mkdtempSync(join(tmpdir(), 'data-dir-lock-test-'));
after(() => rmSync(folder, { recursive: true }));

test('a second server on a data folder is refused by name of the first, until that one is dead', async () => {
  const dataDir = join(folder, 'data');
  const script = `
    import { dataDirLock } from ${JSON.stringify(import.meta.resolve('./data-dir-lock.ts'))};
    dataDirLock(${JSON.stringify(dataDir)});
    process.stdout.write('held');
    setInterval(() => {}, 1000);`;
  const first = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(first.stdout, 'data');
  assert.throws(() => dataDirLock(dataDir), {
    message: `another server (pid ${first.pid}) works on ${dataDir}: stop it, or set DATA_DIR and PORT for a second one`,
  });
  dataDirLock(join(folder, 'other')).release();
  first.kill('SIGKILL');
  await once(first, 'exit');
  dataDirLock(dataDir).release();
});
