// Forked by log-readers.ts: event streams over plain HTTP, searched as text, because parsing each row costs more.
import { type IncomingMessage, request } from 'node:http';
import type { LogReadersPlan, LogReadersResult } from './log-readers.ts';

const ROW = /^data: (.*)$/gm;
const LINE = /"at":"([^"]*)".*"text":"line (\d+)"/;

interface Followed {
  wrong: number;
  firstAtMs: number;
  lastAtMs: number;
}

/** Follows until the last line. The lines before the first one that it gets don't count. */
function follow(plan: LogReadersPlan): Promise<Followed> {
  const { promise, resolve, reject } = Promise.withResolvers<Followed>();
  const found: Followed = { wrong: 0, firstAtMs: 0, lastAtMs: 0 };
  let next = 0;
  let rest = '';

  function take(row: string, response: IncomingMessage): void {
    const [, at = '', digits] = LINE.exec(row) ?? [];
    if (digits === undefined) {
      found.wrong += 1;
      return;
    }
    const number = Number(digits);
    if (next === 0) found.firstAtMs = Date.parse(at);
    else found.wrong += Math.abs(number - next);
    next = number + 1;
    if (number !== plan.last) return;
    found.lastAtMs = Date.parse(at);
    resolve(found);
    response.destroy();
  }

  const headers = { accept: 'text/event-stream', authorization: `Bearer ${plan.token}` };
  const sent = request(`${plan.url}${plan.path}`, { headers, agent: false }, (response) => {
    if (response.statusCode !== 200)
      reject(new Error(`a stream was refused: ${response.statusCode}`));
    response.setEncoding('utf8').on('data', (chunk: string) => {
      const text = rest + chunk;
      const end = text.lastIndexOf('\n') + 1;
      rest = text.slice(end);
      for (const [, row = ''] of text.slice(0, end).matchAll(ROW)) take(row, response);
    });
    response.once('close', () => reject(new Error(`a stream ended after line ${next - 1}`)));
  });
  sent.once('error', reject);
  sent.end();
  return promise;
}

async function run(plan: LogReadersPlan): Promise<LogReadersResult> {
  const found = await Promise.all(Array.from({ length: plan.followers }, () => follow(plan)));
  const [first] = found;
  if (first === undefined) throw new Error('nobody follows');
  const seconds = (first.lastAtMs - first.firstAtMs) / 1000;
  return {
    wrong: found.reduce((sum, { wrong }) => sum + wrong, 0),
    linesPerSecond: plan.last / seconds,
  };
}

process.on('message', (plan: LogReadersPlan) => {
  run(plan).then(
    (result) => process.send?.(result),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
