import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { aptEnsure } from '@dollarbox/host/apt';
import { databaseCreate } from '@dollarbox/testbed/postgres';
import { OperatorError } from '../base/errors.ts';
import { databaseConnect } from './open.ts';
import { sessionsAreOwn } from './session-check.ts';

const { url, name } = await databaseCreate();
const folder = mkdtempSync(join(tmpdir(), 'dollarbox-pgbouncer-'));
chmodSync(folder, 0o755);
const poolers: ChildProcess[] = [];
after(async () => {
  for (const pooler of poolers) {
    pooler.kill('SIGKILL');
    await once(pooler, 'close');
  }
  rmSync(folder, { recursive: true });
});

async function portFree(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Starts Debian's PgBouncer in front of the database, as the account that PostgreSQL admits. */
async function poolerStart(mode: string): Promise<string> {
  const { searchParams, username } = new URL(url);
  const socketFolder = searchParams.get('host') ?? assert.fail('the tests database has no socket');
  const port = await portFree();
  const file = join(folder, `${mode}.ini`);
  const settings = [
    '[databases]',
    `* = host=${socketFolder} port=${searchParams.get('port') ?? 5432} user=${username}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = any',
    `pool_mode = ${mode}`,
    'ignore_startup_parameters = options,statement_timeout,idle_in_transaction_session_timeout',
  ];
  writeFileSync(file, settings.join('\n'));
  const { uid } = statSync(socketFolder);
  const account = ['--reuid', String(uid), '--clear-groups', '--pdeathsig', 'KILL'];
  const pooler = spawn('setpriv', [...account, '--', 'pgbouncer', file], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  poolers.push(pooler);
  let said = '';
  await new Promise<void>((resolve, reject) => {
    pooler.once('error', reject);
    pooler.once('close', (code) => reject(new Error(`pgbouncer ended with ${code}: ${said}`)));
    pooler.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (/process up/.test(said)) resolve();
    });
  });
  return `postgres://${username}@127.0.0.1:${port}/${name}`;
}

it(
  'a pool that shares connections is refused at the start, with what to do',
  { skip: process.getuid?.() === 0 ? false : 'only root can act as the account of the database' },
  async () => {
    await aptEnsure(['pgbouncer']);
    assert.equal(await sessionsAreOwn(url), true);
    assert.equal(await sessionsAreOwn(await poolerStart('session')), true);

    const shared = await poolerStart('transaction');
    assert.equal(await sessionsAreOwn(shared), false);
    await assert.rejects(databaseConnect({ connectionString: shared }, {}), (error) => {
      assert.ok(error instanceof OperatorError);
      assert.match(error.message, /pool_mode = session/);
      return true;
    });
  },
);
