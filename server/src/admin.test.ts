import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { configRead } from './base/config.ts';
import { dataDirLock } from './db/data-dir-lock.ts';
import { embeddedPostgresFind } from './db/embedded/embedded.ts';
import { databaseMigrate } from './db/migrate.ts';
import { databaseStart } from './db/open.ts';

const PROGRAM = fileURLToPath(new URL('admin.ts', import.meta.url));
const BIN = fileURLToPath(new URL('../bin/dollarbox-admin.mjs', import.meta.url));
const QUIET = { info() {}, warn() {}, error() {} };

const folder = mkdtempSync(join(tmpdir(), 'admin-test-'));
const dataDir = join(folder, 'data');
after(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  code: number | null;
  out: string;
  err: string;
}

function admin(args: readonly string[], { typed = '', program = PROGRAM } = {}): Promise<Ended> {
  const { PATH, HOME, DOLLARBOX_TEST_RUN } = process.env;
  const child = spawn(process.execPath, [program, ...args], {
    cwd: folder,
    env: { PATH, HOME, DOLLARBOX_TEST_RUN, DATA_DIR: dataDir },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  child.stdin.on('error', () => {}).end(typed);
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ code, out, err }));
  });
}

/** What a server does with a data folder, without running the server. */
async function serverStart(): Promise<{ stop(): Promise<void> }> {
  const lock = dataDirLock(dataDir);
  const database = await databaseStart(configRead({ DATA_DIR: dataDir }), QUIET, {});
  await databaseMigrate(database.db);
  return {
    async stop() {
      await database.close();
      lock.release();
    },
  };
}

const create = (email: string) => ['user-create', '--email', email, '--password', '-'];
const typed = 'correct horse battery\n';

test('commands while a server runs, without a server, and concurrently', async (t) => {
  await t.test('without a database there is nothing to do, and none is created', async () => {
    const reply = await admin(['user-list']);
    assert.equal(reply.code, 1);
    assert.equal(reply.out, '');
    assert.equal(
      reply.err,
      `dollarbox-admin: There is no database in ${dataDir}: set DATA_DIR or DATABASE_URL to those of the server, or start it there first.\n`,
    );
    assert.ok(!existsSync(dataDir));
  });

  const server = await serverStart();
  await t.test('while a server runs, its database is used and kept running', async () => {
    const [first, second] = await Promise.all([
      admin(create('first@example.org'), { typed }),
      admin(create('second@example.org'), { typed }),
    ]);
    assert.equal(first.code, 0, first.err);
    assert.equal(second.code, 0, second.err);
    const users = await admin(['user-list', '--json']);
    assert.deepEqual(
      (JSON.parse(users.out) as { email: string }[]).map(({ email }) => email).toSorted(),
      ['first@example.org', 'second@example.org'],
    );
    assert.notEqual(await embeddedPostgresFind(dataDir), null);
  });
  await server.stop();

  await t.test(
    'without a server the database is started and stopped again; two commands take turns',
    async () => {
      const replies = await Promise.all([
        admin(create('third@example.org'), { typed }),
        admin(['user-list']),
        admin(['user-list', '--json']),
      ]);
      for (const reply of replies) assert.equal(reply.code, 0, reply.err);
      assert.equal(await embeddedPostgresFind(dataDir), null);
      for (const left of ['postgres/postmaster.pid', 'server.lock', 'admin.lock']) {
        assert.ok(!existsSync(join(dataDir, left)), left);
      }
    },
  );

  await t.test('the next command finds what the last one created', async () => {
    const twice = await admin(create('third@example.org'), { typed });
    assert.equal(twice.code, 1);
    assert.equal(
      twice.err,
      'dollarbox-admin: There is an account with the address third@example.org already.\n',
    );
    assert.equal(await embeddedPostgresFind(dataDir), null);
  });

  await t.test('the program that npx runs does the same', async () => {
    const list = await admin(['user-list'], { program: BIN });
    assert.equal(list.code, 0, list.err);
    assert.match(list.out, /third@example\.org/);
    const wrong = await admin(['user-lost'], { program: BIN });
    assert.equal(wrong.code, 1);
    assert.match(wrong.err, /did you mean "user-list"\?/);
    const help = await admin(['--help'], { program: BIN });
    assert.equal(help.code, 0);
    assert.match(help.out, /^Usage: dollarbox-admin <command>/);
  });
});

test('a database of another version is left alone', async () => {
  const other = join(folder, 'other');
  const config = configRead({ DATA_DIR: other });
  const database = await databaseStart(config, QUIET, {});
  await database.close();
  const child = spawn(process.execPath, [PROGRAM, 'user-list'], {
    env: { ...process.env, DATA_DIR: other },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let err = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const code = await new Promise((resolve) => child.on('close', resolve));
  assert.equal(code, 1);
  assert.match(err, /does not have this version's tables: start the server once/);
  assert.equal(await embeddedPostgresFind(other), null);
});
