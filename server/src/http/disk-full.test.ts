import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { clusterOpen } from '@dollarbox/testbed/postgres';
import { databaseOpen } from '../db/database.ts';
import { databaseMigrate } from '../db/migrate.ts';
import { databaseFaultLookupCreate } from './readiness.ts';

/** Writes zeros until the disk is full. */
function diskFill(path: string): void {
  const file = openSync(path, 'w');
  try {
    for (let size = 1 << 20; size >= 1; size >>= 1) {
      for (;;) {
        try {
          if (writeSync(file, Buffer.alloc(size)) < size) break;
        } catch (error) {
          assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC');
          break;
        }
      }
    }
  } finally {
    closeSync(file);
  }
}

it(
  'readiness is refused while the disk of the database is full',
  { skip: process.getuid?.() === 0 ? false : 'only root can mount a small disk' },
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'small-disk-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=160m,mode=0755', 'tmpfs', folder]);
    const cluster = await clusterOpen(join(folder, 'database'));
    const db = databaseOpen({ connectionString: cluster.url });
    t.after(async () => {
      await db.destroy();
      await cluster.stop();
      execFileSync('umount', ['--lazy', folder]);
      rmSync(folder, { recursive: true });
    });
    await databaseMigrate(db);
    let nowMs = 0;
    const fault = databaseFaultLookupCreate(db, { now: () => new Date((nowMs += 1000)) });
    assert.equal(await fault(), null);
    diskFill(join(folder, 'filling'));
    assert.equal(await fault(), 'the disk of the database is full');
    rmSync(join(folder, 'filling'));
    assert.equal(await fault(), null);
  },
);
