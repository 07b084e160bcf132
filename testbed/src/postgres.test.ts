import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { Client } from 'pg';
import {
  type DatabaseTemplate,
  databaseCreate,
  databasesSweep,
  postgresShared,
} from './postgres.ts';
import { TEST_RUN_VARIABLE, testRunMachine } from './test-run.ts';

const run = promisify(execFile);

async function ask(url: string, sql: string): Promise<string[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<string[]>({ text: sql, rowMode: 'array' });
    return rows.map((row) => String(row[0]));
  } finally {
    await client.end();
  }
}

let migrations = 0;
const template: DatabaseTemplate = {
  name: `own_test_${process.pid}`,
  async migrate({ connectionString }) {
    migrations++;
    await ask(connectionString, 'create table things as select 42 as answer');
  },
};

test('databases are clones of a template that is filled once, and share nothing', async () => {
  const [first, second] = await Promise.all([databaseCreate(template), databaseCreate(template)]);
  assert.equal(migrations, 1);
  await ask(first.url, 'update things set answer = 1');
  assert.deepEqual(await ask(second.url, 'select answer from things'), ['42']);
  const empty = await databaseCreate();
  assert.deepEqual(await ask(empty.url, "select to_regclass('things')"), ['null']);
});

test('a template that a failing or killed process left half made is made again', async () => {
  let tries = 0;
  const halfMade: DatabaseTemplate = {
    name: `half_test_${process.pid}`,
    async migrate({ connectionString }) {
      await ask(connectionString, 'create table things as select 7 as answer');
      if (++tries === 1) throw new Error('migration failed');
    },
  };
  await assert.rejects(databaseCreate(halfMade), /migration failed/);
  const made = await databaseCreate(halfMade);
  assert.deepEqual(await ask(made.url, 'select answer from things'), ['7']);
});

test('drop cuts sessions; a sweep takes databases of ended runs of this machine, and no others', async () => {
  const { url } = await postgresShared();
  const mine = await databaseCreate();
  const session = new Client({ connectionString: mine.url });
  session.on('error', () => {});
  await session.connect();
  await mine.drop();
  const exists = (name: string) =>
    ask(url, `select count(*) from pg_database where datname = '${name}'`);
  assert.deepEqual(await exists(mine.name), ['0']);

  const kept = await databaseCreate();
  const dead = `dollarbox_test_${testRunMachine()}0000000000_1_1`;
  const elsewhere = `dollarbox_test_${testRunMachine() === 'ffffff' ? '000000' : 'ffffff'}0000000000_1_1`;
  await ask(url, `create database ${dead} is_template true`);
  await ask(url, `create database ${elsewhere}`);
  await databasesSweep(url);
  assert.deepEqual(await exists(dead), ['0']);
  assert.deepEqual(await exists(elsewhere), ['1']);
  assert.deepEqual(await exists(kept.name), ['1']);
  await ask(url, `drop database ${elsewhere}`);
});

test('a file run by itself has a cluster of its own, of which nothing is left', async () => {
  const script = `
    import { databaseCreate } from ${JSON.stringify(import.meta.resolve('./postgres.ts'))};
    const host = new URL((await databaseCreate()).url).searchParams.get('host');
    console.log(process.env.${TEST_RUN_VARIABLE}, host);`;
  const env = { ...process.env };
  delete env['TEST_DATABASE_URL'];
  delete env[TEST_RUN_VARIABLE];
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { env });
  const [id = '', host = ''] = stdout.trim().split(' ');
  assert.match(id, /^[0-9a-f]{16}$/);
  assert.equal(existsSync(host), false);
  assert.deepEqual(
    readdirSync(tmpdir()).filter((name) => name.includes(id)),
    [],
  );
});
