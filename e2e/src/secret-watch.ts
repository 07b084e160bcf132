/**
 * Watches for secrets in clear while black-box tests run. Every secret that tests use or that the servers under test
 * generate contains the same word (`@dollarbox/testbed/canary`); this looks for it in whatever must hold no secret: what
 * the servers and the operator's commands print, replies that are errors or pages, metrics, and the database with its
 * events and its audit log. It is imported by what starts servers, so every test file takes part.
 */
import assert from 'node:assert/strict';
import { subscribe } from 'node:diagnostics_channel';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after } from 'node:test';
import { canaryFind } from '@dollarbox/testbed/canary';
import { Client, type ClientConfig, escapeIdentifier } from 'pg';

const found: string[] = [];

/** Looks for a secret in a text that must hold none. */
export function secretLook(where: string, text: string): void {
  const excerpt = canaryFind(text);
  if (excerpt !== null) found.push(`${where}: …${excerpt}…`);
}

/** Where secrets were found since the last call. */
export function secretsFound(): string[] {
  return [...new Set(found.splice(0))];
}

/** @throws AssertionError if a secret was found in clear since the last call. */
export function secretsNone(): void {
  assert.deepEqual(secretsFound(), [], 'secrets in clear');
}

after(secretsNone);

/** The lines in which the first start shows the secrets of its owner, once. */
const FIRST_START = /^ {2}(?:password {2}|token {5}|export DOLLARBOX_TOKEN=)\S+$/gm;

/** Looks at everything that a server printed. */
export function outputLook(where: string, output: string): void {
  secretLook(where, output.replaceAll(FIRST_START, ''));
}

/** Looks at what a server shows without a secret of the caller's: its metrics and the panel's page. */
export async function pagesLook(url: string, metricsUrl: string): Promise<void> {
  for (const each of [metricsUrl, `${url}/`]) secretLook(each, await (await fetch(each)).text());
}

/** The embedded database of a running server, as a client of the same machine reaches it. */
export function embeddedLocation(dataDir: string): ClientConfig {
  const lines = readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n');
  return { host: lines[4] ?? '', user: 'dollarbox', database: 'dollarbox' };
}

/** Looks at every row of every table. */
export async function databaseLook(location: ClientConfig): Promise<void> {
  const client = new Client(location);
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ schema: string; name: string }>(
      `select nspname as schema, relname as name from pg_class join pg_namespace n on n.oid = relnamespace
       where relkind = 'r' and nspname <> 'information_schema' and nspname not like 'pg\\_%'`,
    );
    assert.ok(tables.length > 10, 'a database without tables');
    for (const { schema, name } of tables) {
      const table = `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`;
      const { rows } = await client.query<{ row: string }>(
        `select to_jsonb(t)::text as row from ${table} as t`,
      );
      for (const { row } of rows) secretLook(`the table ${name}`, row);
    }
  } finally {
    await client.end();
  }
}

/** Looks at the log of an embedded database. */
export function databaseLogLook(dataDir: string): void {
  const path = join(dataDir, 'postgres.log');
  if (existsSync(path)) secretLook(path, readFileSync(path, 'utf8'));
}

/** Whether a reply must hold no secret: an error, or a page. */
export function replyIsWatched(status: number, contentType: string): boolean {
  return status >= 400 || contentType.startsWith('text/html');
}

interface ReplyMessage {
  request: { origin: string; path: string; method: string };
  response: { statusCode: number; headers: Buffer[] };
  chunk: Uint8Array;
}

/** Replies that `fetch` receives in this process, by request, until they are complete. */
const replies = new WeakMap<object, Uint8Array[]>();

subscribe('undici:request:headers', (message) => {
  const { request, response } = message as ReplyMessage;
  const headers = response.headers.map((each) => each.toString('latin1').toLowerCase());
  const type = headers[headers.indexOf('content-type') + 1] ?? '';
  if (replyIsWatched(response.statusCode, type)) replies.set(request, []);
});
subscribe('undici:request:bodyChunkReceived', (message) => {
  const { request, chunk } = message as ReplyMessage;
  replies.get(request)?.push(Uint8Array.from(chunk));
});
subscribe('undici:request:trailers', (message) => {
  const { request } = message as ReplyMessage;
  const { pathname } = new URL(request.path, request.origin);
  const text = Buffer.concat(replies.get(request) ?? []).toString();
  secretLook(`the reply to ${request.method} ${pathname}`, text);
});
