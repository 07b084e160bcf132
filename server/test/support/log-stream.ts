import assert from 'node:assert/strict';
import { type IncomingMessage, request } from 'node:http';
import type { LogRow } from '../../src/logs/schema.ts';
import type { TestApp } from './harness.ts';

interface Row {
  id: string | null;
  type: string;
  data: LogRow & { reason?: string };
}

/** A log that is followed. */
export interface LogStream {
  rows: Row[];
  /** The lines so far. */
  texts(): (string | null)[];
  /** How many comments have come, one of which begins the stream. */
  comments(): number;
  /** Waits until so many rows have come. */
  has(count: number): Promise<void>;
  /** Waits for the end of the reply. */
  ended: Promise<void>;
  pause(): void;
  resume(): void;
  close(): void;
}

/** Follows a log as an EventSource does. @param lastId behind which line; omitted: as the path says. */
export async function logStreamOpen(
  app: Pick<TestApp, 'origin'>,
  token: string,
  path: string,
  lastId?: string,
): Promise<LogStream> {
  const rows: Row[] = [];
  let told = () => {};
  const headers = {
    authorization: `Bearer ${token}`,
    accept: 'text/event-stream',
    ...(lastId === undefined ? {} : { 'last-event-id': lastId }),
  };
  const sent = request(`${app.origin}/api/v1${path}`, { headers, agent: false });
  sent.end();
  const reply = await new Promise<IncomingMessage>((resolve, reject) => {
    sent.on('response', resolve);
    sent.on('error', reject);
  });
  assert.equal(reply.statusCode, 200);
  reply.setEncoding('utf8');
  let pending = '';
  let comments = 0;
  reply.on('data', (chunk: string) => {
    pending += chunk;
    const blocks = pending.split('\n\n');
    pending = blocks.pop() ?? '';
    for (const block of blocks) {
      if (block.startsWith(':')) comments += 1;
      const fields = new Map(
        block.split('\n').map((line) => [line.split(': ')[0], line.slice(line.indexOf(': ') + 2)]),
      );
      const data = fields.get('data');
      if (data === undefined) continue;
      const row = { id: fields.get('id') ?? null, type: fields.get('event') ?? '' };
      rows.push({ ...row, data: JSON.parse(data) as Row['data'] });
    }
    told();
  });
  const ended = new Promise<void>((resolve) => {
    reply.on('close', () => {
      resolve();
      told();
    });
    reply.on('error', () => undefined);
  });
  sent.on('error', () => undefined);
  return {
    rows,
    texts: () => rows.filter(({ type }) => type === 'line').map(({ data }) => data.text),
    comments: () => comments,
    async has(count) {
      while (rows.length < count) await new Promise<void>((resolve) => (told = resolve));
    },
    ended,
    pause: () => void reply.pause(),
    resume: () => void reply.resume(),
    close: () => sent.destroy(),
  };
}
