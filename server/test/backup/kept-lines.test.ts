import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { databaseCreate } from '@dollarbox/testbed/postgres';
import { adminOn } from '../../src/admin/test-setup.ts';
import { type Db, databaseOpen } from '../../src/db/database.ts';
import { secretKeyCheck } from '../../src/installation/key-check.ts';
import { keptLinesCreate } from '../../src/logs/kept.ts';
import { logSources } from '../../src/logs/lines.ts';
import { linesAfter } from '../../src/logs/read.ts';
import { containerLogsRead } from '../../src/logs/store.ts';
import { secretBoxCreate, type SecretBox } from '../../src/base/secrets.ts';
import { type ReconcileBench, reconcileBenchOpen } from '../support/reconcile-harness.ts';

let bench: ReconcileBench;
const folder = mkdtempSync(join(tmpdir(), 'dollarbox-backup-'));
before(async () => {
  bench = await reconcileBenchOpen();
  await secretKeyCheck(bench.db, bench.deps.secrets);
  for (const image of ['app:1', 'app:2', 'app:3']) bench.world.publish(image, {});
});
after(async () => {
  await bench.close();
  rmSync(folder, { recursive: true, force: true });
});

function contentOf(path: string): Buffer {
  const content = readFileSync(path);
  return path.endsWith('.json') ? content : gunzipSync(content);
}

/** Everything that can be read of a container without an engine. */
async function keptItems(db: Db, secrets: SecretBox, id: number) {
  const logs = await containerLogsRead(db, [bench.orgId], id);
  const reading = {
    access: null,
    kept: keptLinesCreate(db, secrets, id),
    signal: new AbortController().signal,
  };
  const sources = logSources(logs?.instances ?? assert.fail('no container'));
  // The last object is on the engine.
  const former = sources.filter(({ kind }) => kind === 'kept');
  return (await Array.fromAsync(linesAfter(reading, former, null))).flat();
}

it('a backup holds the lines of former instances, sealed, and a restore brings them back with their cursors', async () => {
  const id = await bench.create({ name: 'app', image: 'app:1' });
  await bench.settle();
  bench.tamper.linesWrite(id, ['private line 1', 'private line 2']);
  await bench.update(id, { image: 'app:2' });
  await bench.settle();
  bench.tamper.linesWrite(id, ['private line 3'], 'stderr');
  await bench.update(id, { image: 'app:3' });
  await bench.settle();
  const { secrets } = bench.deps;
  const before = await keptItems(bench.db, secrets, id);
  assert.deepEqual(
    before.map((item) => (item.type === 'line' ? `${item.instance} ${item.text}` : 'gap')),
    ['1 private line 1', '1 private line 2', '2 private line 3'],
  );

  const to = join(folder, 'backup');
  const created = await adminOn(bench.databaseUrl, { ENGINE: 'fake' })([
    ...['backup-create', '--to', to],
  ]);
  assert.equal(created.code, 0, created.err);
  const files = readdirSync(to, { recursive: true, withFileTypes: true });
  const contents = files
    .filter((file) => file.isFile())
    .map((file) => contentOf(join(file.parentPath, file.name)));
  assert.ok(contents.some((content) => content.includes('container_instances')));
  for (const form of ['private line', Buffer.from('private line').toString('hex')]) {
    assert.ok(contents.every((content) => !content.includes(form)));
  }

  const { url } = await databaseCreate();
  const restored = await adminOn(url, { ENGINE: 'fake' })(['backup-restore', '--from', to]);
  assert.equal(restored.code, 0, restored.err);
  const db = databaseOpen({ connectionString: url });
  try {
    assert.deepEqual(await keptItems(db, secrets, id), before);
    const foreign = secretBoxCreate('another key for tests only, of no use elsewhere');
    const unread = await keptItems(db, foreign, id);
    assert.deepEqual([...new Set(unread.map(({ type }) => type))], ['gap']);
  } finally {
    await db.destroy();
  }
});
