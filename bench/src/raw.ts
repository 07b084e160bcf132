import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { BenchServer } from './server.ts';

const PROGRAM = fileURLToPath(new URL('./raw-server.ts', import.meta.url));
const DATABASE = 'bench_raw';

/** What a container's row holds for its reader, and one index. */
const TABLE = `
  create table items (
    id bigint generated always as identity primary key,
    name text not null,
    image text not null,
    command text[] not null default '{}',
    ports integer[] not null default '{}',
    status text not null default 'pending',
    restart_count integer not null default 0,
    generation bigint not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  );
  insert into items (name, image) values ('web', 'nginx:1.27');
`;

/** A bare Fastify on the same PostgreSQL as a server, in a database of its own. */
export async function rawOpen(
  server: BenchServer,
): Promise<{ url: string; pid: number; close(): void }> {
  await server.db.query(`create database ${DATABASE}`);
  const location = { ...server.location, database: DATABASE };
  const db = new pg.Client(location);
  await db.connect();
  await db.query(TABLE);
  await db.end();
  const child = fork(PROGRAM, [JSON.stringify(location)]);
  const [port] = (await once(child, 'message')) as [number];
  return { url: `http://localhost:${port}`, pid: child.pid ?? 0, close: () => child.disconnect() };
}
