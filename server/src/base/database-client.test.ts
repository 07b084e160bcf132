import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { test } from 'node:test';
import { databaseCreate } from '@dollarbox/testbed/postgres';
import { DatabaseClient } from './database-client.ts';

const CONNECT_MS = 5000;

test('a pause of this process does not end a connection that the database has answered', async () => {
  const { url } = await databaseCreate();
  const client = new DatabaseClient({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_MS,
  });
  const connecting = client.connect();
  const endMs = performance.now() + CONNECT_MS + 500;
  while (performance.now() < endMs);
  await connecting;
  await client.query('select 1');
  await client.end();
});

test('a database that does not answer is given up', async () => {
  const silent = createServer().listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const client = new DatabaseClient({
    ...{ host: '127.0.0.1', port, user: 'u', database: 'd' },
    connectionTimeoutMillis: 50,
  });
  await assert.rejects(client.connect(), /timeout expired/);
  silent.close();
});
