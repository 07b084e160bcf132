// Forked by load.ts: HTTP/1.1 over plain sockets, because a client library costs more than what it measures.
import { randomInt } from 'node:crypto';
import { type Socket, connect } from 'node:net';
import type { LoadPlan, LoadResult } from './load.ts';

let serial = 0;

function requestBytes(plan: LoadPlan, request: LoadPlan['requests'][number]): string {
  const number = String((serial += 1));
  const path = request.path.replace('{n}', number);
  const body = request.body?.replace('{n}', number) ?? '';
  const lines = [
    `${plan.method} ${path} HTTP/1.1`,
    `Host: ${new URL(plan.url).host}`,
    ...Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`),
    ...(body === '' ? [] : ['Content-Type: application/json', `Content-Length: ${body.length}`]),
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

/**
 * The length of the reply that `text` begins with; null while it is incomplete.
 * @throws unless it is 2xx, or a refusal by the rate limit that may come.
 */
function replyLength(text: string, isLimited: boolean): number | null {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd === -1) return null;
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(text.slice(0, headEnd))?.[1]);
  const end = headEnd + 4 + length;
  const isExpected =
    text.startsWith('HTTP/1.1 2') || (isLimited && text.startsWith('HTTP/1.1 429'));
  if (!isExpected) throw new Error(`a request was refused: ${text}`);
  if (Number.isNaN(length)) throw new Error(`a reply without a length: ${text}`);
  return text.length < end ? null : end;
}

/** Sends one request after the other over one connection until `endMs`. */
function connectionRun(
  plan: LoadPlan,
  requestNext: () => LoadPlan['requests'][number],
  endMs: number,
  latenciesMs: number[],
): Promise<void> {
  const { hostname, port } = new URL(plan.url);
  return new Promise((resolve, reject) => {
    const socket: Socket = connect({ host: hostname, port: Number(port), noDelay: true });
    let received = '';
    let sentAt = 0;
    function send(): void {
      sentAt = performance.now();
      if (sentAt >= endMs) {
        socket.end();
        return resolve();
      }
      socket.write(requestBytes(plan, requestNext()), 'latin1');
    }
    socket.setEncoding('latin1');
    socket.once('connect', send);
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('the server closed the connection')));
    socket.on('data', (chunk: string) => {
      received += chunk;
      try {
        if (replyLength(received, plan.isLimited === true) === null) return;
      } catch (error) {
        socket.destroy();
        return reject(error as Error);
      }
      received = '';
      latenciesMs.push(performance.now() - sentAt);
      if (plan.pauseMs === undefined) send();
      else setTimeout(send, plan.pauseMs);
    });
  });
}

async function loadRun(plan: LoadPlan): Promise<LoadResult> {
  const startMs = performance.now();
  const latenciesMs: number[] = [];
  await Promise.all(
    Array.from({ length: plan.connections }, (_, index) => {
      const requestNext = () => {
        const { length } = plan.requests;
        const request = plan.requests[plan.order === 'random' ? randomInt(length) : index % length];
        if (request === undefined) throw new Error('a load without requests');
        return request;
      };
      return connectionRun(plan, requestNext, startMs + plan.durationMs, latenciesMs);
    }),
  );
  const seconds = (performance.now() - startMs) / 1000;
  return { requestsPerSecond: latenciesMs.length / seconds, latenciesMs };
}

process.on('message', (plan: LoadPlan) => {
  loadRun(plan).then(
    (result) => process.send?.(result),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
