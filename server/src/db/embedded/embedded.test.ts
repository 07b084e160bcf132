import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { processIsAlive } from '@dollarbox/host/process-lock';
import { Client } from 'pg';
import {
  type EmbeddedConnection,
  type EmbeddedPostgres,
  embeddedPostgresFind,
  embeddedPostgresOpen,
} from './embedded.ts';
import { POSTGRES_MAJOR } from './binaries.ts';

const run = promisify(execFile);
const needsRoot = process.getuid?.() === 0 ? false : 'only root has another user run PostgreSQL';

const folders: string[] = [];
const servers: EmbeddedPostgres[] = [];
after(async () => {
  for (const server of servers) await server.stop();
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

async function folderCreate(mode = 0o700): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'embedded-test-'));
  folders.push(folder);
  await chmod(folder, mode);
  return join(folder, 'data');
}

function logKeeping(): {
  said: string[];
  log: Record<'info' | 'warn' | 'error', (text: string) => void>;
} {
  const said: string[] = [];
  const keep = (text: string) => void said.push(text);
  return { said, log: { info: keep, warn: keep, error: keep } };
}

async function open(dataDir: string, log = logKeeping().log): Promise<EmbeddedPostgres> {
  const server = await embeddedPostgresOpen({ dataDir, log });
  servers.push(server);
  return server;
}

async function ask(connection: EmbeddedConnection, sql: string): Promise<string[]> {
  const client = new Client({ ...connection });
  await client.connect();
  try {
    const { rows } = await client.query<string[]>({ text: sql, rowMode: 'array' });
    return rows.map((row) => String(row[0]));
  } finally {
    await client.end();
  }
}

/**
 * Connects as another user. Returns `in`, or the error's code. The module is loaded first: that user may not reach it.
 */
async function codeOfConnecting(connection: EmbeddedConnection, uid: number): Promise<string> {
  const script = `
    import pg from ${JSON.stringify(import.meta.resolve('pg'))};
    process.setuid(${uid});
    const client = new pg.Client(${JSON.stringify(connection)});
    await client.connect().then(() => console.log('in'), (error) => console.log(error.code));
    await client.end().catch(() => {});`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script]);
  return stdout.trim();
}

/** Whether any user may run programs in this clone: false, or a reason to skip. */
async function strangersSkip(): Promise<string | false> {
  if (needsRoot !== false) return needsRoot;
  const look = ['--reuid', 'nobody', '--clear-groups', '--', 'test', '-x', process.execPath];
  return run('setpriv', look).then(
    () => false,
    () => 'this clone lies where other users may not enter',
  );
}

async function postmasterPid(dataDir: string): Promise<number> {
  const text = await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8');
  return Number(text.split('\n')[0]);
}

/** Retries until the condition holds; otherwise the test's own timeout ends it. */
async function eventually(holds: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Counts a zombie as gone: we have no say in who reaps it. */
function isGone(pid: number): boolean {
  return !processIsAlive(pid, null);
}

test(
  'below a folder that only root may enter it is made, keeps its data over a restart, and is as decided',
  { timeout: 600_000 },
  async () => {
    const dataDir = await folderCreate(0o700);
    const first = await open(dataDir);
    assert.equal(first.owned, true);
    const { connection } = first;
    assert.match(
      String((await ask(connection, 'show server_version'))[0]),
      new RegExp(`^${POSTGRES_MAJOR}\\.`),
    );
    const settings = {
      listen_addresses: '',
      data_checksums: 'on',
      server_encoding: 'UTF8',
      fsync: 'on',
      synchronous_commit: 'on',
      shared_buffers: '128MB',
      max_connections: '100',
      jit: 'off',
      TimeZone: 'UTC',
    };
    for (const [name, value] of Object.entries(settings)) {
      assert.deepEqual(await ask(connection, `show ${name}`), [value], name);
    }
    assert.deepEqual(
      await ask(
        connection,
        `select datlocprovider::text || datlocale from pg_database where datname = current_database()`,
      ),
      ['bC.UTF-8'],
    );
    assert.equal((await stat(connection.host)).mode & 0o777, 0o700);
    await ask(connection, "create table kept as select 'é' as letter");
    await assert.rejects(ask(connection, "select 'canary', 1 / 0"), /division by zero/);
    await first.stop();
    assert.equal(await embeddedPostgresFind(dataDir), null);

    const second = await open(dataDir);
    assert.deepEqual(await ask(second.connection, 'select letter from kept'), ['é']);
    assert.deepEqual(await embeddedPostgresFind(dataDir), second.connection);
    const pid = await postmasterPid(dataDir);
    await Promise.all([second.stop(), second.stop()]);
    assert.equal(isGone(pid), true);
    const logged = await readFile(join(dataDir, 'postgres.log'), 'utf8');
    assert.match(logged, /database system is shut down\n$/);
    // The client got the error. Errors that clients can cause must not fill the disk.
    assert.doesNotMatch(logged, /canary|ERROR/);
  },
);

test(
  'no other user of the machine gets in, even with the way open',
  { skip: needsRoot, timeout: 600_000 },
  async () => {
    const dataDir = await folderCreate(0o755);
    const { connection } = await open(dataDir);
    const { host } = connection;
    const look = ['--reuid', 'nobody', '--clear-groups', '--', 'ls', host];
    await assert.rejects(run('setpriv', look, { env: { LC_ALL: 'C' } }), /Permission denied/);
    // The folder is only the outer door. Behind it, the kernel's identification of the caller decides.
    await chmod(host, 0o711);
    await chmod(join(host, '.s.PGSQL.5432'), 0o777);
    const { uid: serverUid } = await stat(join(dataDir, 'postgres'));
    assert.equal(await codeOfConnecting(connection, 65534), '28000');
    assert.equal(await codeOfConnecting(connection, serverUid), 'in');
  },
);

test(
  'a crash is mended: the server is started again until stop',
  { timeout: 600_000 },
  async () => {
    const dataDir = await folderCreate();
    const { said, log } = logKeeping();
    const server = await open(dataDir, log);
    await ask(server.connection, 'create table kept as select 1');
    for (let crash = 0; crash < 2; crash++) {
      const pid = await postmasterPid(dataDir);
      process.kill(pid, 'SIGKILL');
      await eventually(
        () => said.filter((text) => text === 'PostgreSQL serves again').length > crash,
      );
      assert.notEqual(await postmasterPid(dataDir), pid);
    }
    assert.deepEqual(await ask(server.connection, 'select * from kept'), ['1']);
    const pid = await postmasterPid(dataDir);
    process.kill(pid, 'SIGKILL');
    await eventually(() => isGone(pid));
    // During the wait before the next start, or during that start.
    await server.stop();
    assert.equal(await embeddedPostgresFind(dataDir), null);
    assert.deepEqual(await postgresProcesses(dataDir), []);
    const next = await open(dataDir);
    assert.deepEqual(await ask(next.connection, 'select * from kept'), ['1']);
    await next.stop();
  },
);

async function postgresProcesses(dataDir: string): Promise<number[]> {
  const { ino, dev } = await stat(join(dataDir, 'postgres'));
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const cwd = await stat(`/proc/${name}/cwd`).catch(() => null);
    if (cwd?.ino === ino && cwd.dev === dev) found.push(Number(name));
  }
  return found;
}

/** A process that opens the database, prints its location, and keeps running. */
function opener(dataDir: string, as: { uid?: number; gid?: number } = {}) {
  const script = `
    import { embeddedPostgresOpen } from ${JSON.stringify(import.meta.resolve('./embedded.ts'))};
    const log = { info() {}, warn() {}, error: console.error };
    const server = await embeddedPostgresOpen({ dataDir: ${JSON.stringify(dataDir)}, log });
    process.stdout.write(JSON.stringify(server.connection));
    process.on('SIGTERM', () => server.stop().then(() => process.exit()));
    setInterval(() => {}, 1000);`;
  return spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: '/',
    ...as,
  });
}

test(
  "a killed owner's server is taken over, watched and stopped",
  { timeout: 600_000 },
  async () => {
    const dataDir = await folderCreate();
    const owner = opener(dataDir);
    await once(owner.stdout, 'data');
    const pid = await postmasterPid(dataDir);
    owner.kill('SIGKILL');
    await once(owner, 'exit');

    const { said, log } = logKeeping();
    const adopted = await open(dataDir, log);
    assert.equal(adopted.owned, false);
    assert.equal(await postmasterPid(dataDir), pid);
    assert.deepEqual(await ask(adopted.connection, 'select 1'), ['1']);

    process.kill(pid, 'SIGKILL');
    await eventually(() => said.includes('PostgreSQL serves again'));
    await adopted.stop();

    const again = opener(dataDir);
    await once(again.stdout, 'data');
    const left = await postmasterPid(dataDir);
    again.kill('SIGKILL');
    await once(again, 'exit');
    const last = await open(dataDir);
    assert.equal(last.owned, false);
    await last.stop();
    assert.equal(isGone(left), true);
  },
);

test("a terminal's Ctrl-C does not reach it", { timeout: 600_000 }, async () => {
  const dataDir = await folderCreate();
  const owner = opener(dataDir);
  const connection = JSON.parse(String(await once(owner.stdout, 'data'))) as EmbeddedConnection;
  const pid = await postmasterPid(dataDir);
  // A terminal signals its foreground process group. A separate session is in none of those groups.
  const sessionOf = async (id: number) =>
    (await readFile(`/proc/${id}/stat`, 'utf8')).replace(/^.*\) /s, '').split(' ')[3];
  assert.equal(await sessionOf(pid), String(pid));
  assert.notEqual(await sessionOf(owner.pid ?? 0), String(pid));
  assert.deepEqual(await ask(connection, 'select 1'), ['1']);
  owner.kill('SIGTERM');
  await once(owner, 'exit');
});

test(
  'a server killed together with its owner, and a pid given to another process, hold up no start',
  { timeout: 600_000 },
  async () => {
    const dataDir = await folderCreate();
    const owner = opener(dataDir);
    await once(owner.stdout, 'data');
    const pid = await postmasterPid(dataDir);
    owner.kill('SIGKILL');
    process.kill(pid, 'SIGKILL');
    await once(owner, 'exit');
    const pidFile = join(dataDir, 'postgres', 'postmaster.pid');
    const stale = await readFile(pidFile, 'utf8');

    const server = await open(dataDir);
    assert.equal(server.owned, true);
    assert.notEqual(await postmasterPid(dataDir), pid);
    await server.stop();

    // PostgreSQL itself takes any live process of its own user for a server.
    const account = await stat(join(dataDir, 'postgres'));
    const bystander = spawn('sleep', ['60'], { uid: account.uid, gid: account.gid, cwd: '/' });
    try {
      await writeFile(pidFile, stale.replace(/^\d+/, String(bystander.pid)), { mode: 0o600 });
      const third = await open(dataDir);
      assert.equal(third.owned, true);
      assert.deepEqual(await ask(third.connection, 'select 1'), ['1']);
      await third.stop();
    } finally {
      bystander.kill();
    }
  },
);

test(
  'a start killed while it makes the database leaves nothing half done',
  { timeout: 600_000 },
  async () => {
    for (let round = 0; round < 3; round++) {
      const dataDir = await folderCreate();
      const killed = opener(dataDir);
      const drafts = async () =>
        (await readdir(dataDir).catch(() => [])).filter((name) =>
          name.startsWith('postgres.init-'),
        );
      // Further into the start with each round.
      await eventually(async () => {
        const [draft] = await drafts();
        if (draft === undefined) return false;
        const made = await readdir(join(dataDir, draft)).catch(() => []);
        return made.length >= round * 10;
      });
      killed.kill('SIGKILL');
      await once(killed, 'exit');
      assert.equal((await readdir(dataDir)).includes('postgres'), false);
      const server = await open(dataDir);
      assert.deepEqual(await ask(server.connection, 'select 1'), ['1']);
      assert.deepEqual(await drafts(), []);
      await server.stop();
    }
  },
);

test(
  'a folder that is no database of this release is refused in one sentence, and kept',
  { timeout: 600_000 },
  async () => {
    const dataDir = await folderCreate();
    const dataFolder = join(dataDir, 'postgres');
    const refused = (pattern: RegExp) =>
      assert.rejects(open(dataDir), (error: Error) => {
        assert.match(error.message, pattern);
        assert.equal(error.message.includes('\n'), false);
        return true;
      });

    await mkdir(dataFolder, { recursive: true });
    await writeFile(join(dataFolder, 'photo.jpg'), 'x');
    await refused(/holds files but no database/);
    assert.deepEqual(await readdir(dataFolder), ['photo.jpg']);
    await writeFile(join(dataFolder, 'PG_VERSION'), '17\n');
    await refused(/is of PostgreSQL 17, and this release brings 18/);
    await rm(dataFolder, { recursive: true });

    // An empty folder is not a database: a mount or an installer may have created it with mkdir -p.
    await mkdir(dataFolder);
    const server = await open(dataDir);
    assert.equal((await readFile(join(dataFolder, 'PG_VERSION'), 'utf8')).trim(), POSTGRES_MAJOR);
    await server.stop();

    await writeFile(join(dataFolder, 'global', 'pg_control'), 'rubbish');
    await refused(/is damaged \(.+\): restore it from a backup/);
  },
);

test(
  'a full disk is said to be full, when the database is made and later',
  { skip: needsRoot, timeout: 600_000 },
  async () => {
    const dataDir = await folderCreate();
    const mounted = async (size: string, work: () => Promise<void>) => {
      await mkdir(dataDir, { recursive: true });
      await run('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'embedded-test', dataDir]);
      try {
        await work();
      } finally {
        await run('umount', [dataDir]);
      }
    };
    await mounted('20m', async () => {
      await assert.rejects(open(dataDir), /no space is left on the disk of/);
      assert.deepEqual(
        (await readdir(dataDir)).filter((name) => name.startsWith('postgres.init-')),
        [],
      );
    });
    await mounted('100m', async () => {
      const server = await open(dataDir);
      await server.stop();
      await run('dd', ['if=/dev/zero', `of=${join(dataDir, 'ballast')}`, 'bs=1M']).catch(() => {});
      await rm(join(dataDir, 'postgres', 'postmaster.opts'), { force: true });
      await assert.rejects(open(dataDir), /no space is left on the disk of/);
    });
  },
);

test(
  'an ordinary user runs it as themself',
  { skip: await strangersSkip(), timeout: 600_000 },
  async () => {
    const dataDir = await folderCreate(0o755);
    const [uid, gid] = [65534, 65534];
    await mkdir(dataDir);
    await chown(dataDir, uid, gid);
    const owner = opener(dataDir, { uid, gid });
    const connection = JSON.parse(String(await once(owner.stdout, 'data'))) as EmbeddedConnection;
    for (const path of [connection.host, join(dataDir, 'postgres')]) {
      const { uid: foundUid, mode } = await stat(path);
      assert.deepEqual([foundUid, mode & 0o777], [uid, 0o700], path);
    }
    // Root passes the folder's mode, but this database still does not admit it.
    await assert.rejects(ask(connection, 'select 1'), { code: '28000' });
    const pid = await postmasterPid(dataDir);
    await assert.rejects(open(dataDir), /belongs to user id 65534/);
    owner.kill('SIGTERM');
    assert.deepEqual(await once(owner, 'exit'), [0, null]);
    assert.equal(isGone(pid), true);
  },
);
