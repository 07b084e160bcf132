import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { BenchServer } from './server.ts';

const PROGRAM = fileURLToPath(new URL('./raw-server.ts', import.meta.url));
/** How many rows there are to read, with the ids from 1 on. */
export const RAW_ROWS = 1000;
/** The table that the product keeps containers in, with its checks and indexes. */
const TABLE = `
  create schema bench;
  create table bench.items (like containers including all);
  insert into bench.items (org_id, name, image, env_sealed, command, ports, ipv6_address, created_at, updated_at, attempt_at)
  select 1, 'read-' || n, 'nginx:1.27', '', '{}', '{}', '::'::inet + n, now(), now(), now()
  from generate_series(1, ${RAW_ROWS}) as n;
  analyze bench.items;
`;

/** A bare Fastify server on a server's PostgreSQL. */
export interface RawServer {
  url: string;
  pid: number;
  close(): void;
}

/** Starts one that reads and inserts the same row as the product, and does nothing else. */
export async function rawOpen(server: BenchServer): Promise<RawServer> {
  await server.db.query(TABLE);
  const child = fork(PROGRAM, [JSON.stringify(server.location), String(RAW_ROWS)]);
  const [port] = (await once(child, 'message')) as [number];
  return { url: `http://localhost:${port}`, pid: child.pid ?? 0, close: () => child.disconnect() };
}
