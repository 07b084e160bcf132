/** A door before a Docker daemon, for calls that stall, are cut, fail or are told something else. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import {
  type IncomingMessage,
  type RequestOptions,
  type ServerResponse,
  createServer,
  request,
} from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer, json } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { SYSTEM_DAEMON } from './docker-daemon.ts';

/** What happens to calls that a rule is for. */
export type ProxyAction =
  /** The call goes through only when the rule is lifted. */
  | { do: 'hold' }
  /** The connection ends before the daemon hears of it. */
  | { do: 'cut' }
  /** The daemon does it, and the connection ends before its answer. */
  | { do: 'loseReply' }
  /** The reply begins, and nothing of its body comes: a stream that is silent. */
  | { do: 'silence' }
  | { do: 'delay'; ms: number }
  /** The daemon hears of it so much later, though the caller may have given up. */
  | { do: 'late'; ms: number }
  | { do: 'fail'; status: number; message: string }
  /** Changes the JSON of a reply. */
  | { do: 'rewrite'; change(body: Record<string, unknown>): Record<string, unknown> };

export interface ProxyRule {
  method?: string;
  /** Held against the path without API version and with its query. */
  path: RegExp;
  action: ProxyAction;
  /** For so many calls only. */
  times?: number;
}

export interface DockerProxy {
  /** As in DOCKER_HOST. */
  host: string;
  /** The newest rule that is for a call decides. @returns what lifts the rule. */
  rule(rule: ProxyRule): () => void;
  /** Ends the connections of calls under way whose path is like this. @returns how many. */
  cut(path: RegExp): number;
  /** How many calls of this kind have come. */
  count(method: string, path: RegExp): number;
  close(): Promise<void>;
}

interface Call {
  method: string;
  path: string;
}

/**
 * Opens a door to the daemon at `socketPath`. Without rules everything passes, except upgraded
 * connections (`docker exec`, `attach`).
 */
export async function dockerProxyStart(
  socketPath: string = SYSTEM_DAEMON.socketPath,
): Promise<DockerProxy> {
  const folder = mkdtempSync(join(tmpdir(), 'docker-proxy-'));
  const listenPath = join(folder, 'docker.sock');
  const rules: { rule: ProxyRule; left: number; lifted: PromiseWithResolvers<void> }[] = [];
  const calls: Call[] = [];
  const open = new Map<ServerResponse, Call>();

  function decide({ method, path }: Call) {
    const found = rules.findLast(
      ({ rule, left }) =>
        left > 0 && rule.path.test(path) && (rule.method === undefined || rule.method === method),
    );
    if (found !== undefined) found.left -= 1;
    return found;
  }

  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const url = incoming.url ?? '/';
    const call = {
      method: incoming.method ?? 'GET',
      path: decodeURIComponent(url).replace(/^\/v\d+\.\d+/, ''),
    };
    calls.push(call);
    open.set(outgoing, call);
    outgoing.on('close', () => open.delete(outgoing));
    const options: RequestOptions = {
      socketPath,
      path: url,
      method: call.method,
      headers: incoming.headers,
    };
    const found = decide(call);
    const action = found?.rule.action;
    switch (action?.do) {
      case 'hold':
        await found?.lifted.promise;
        break;
      case 'delay':
        await delay(action.ms);
        break;
      case 'late':
        await late(options, incoming, outgoing, action.ms);
        return;
      case 'cut':
        incoming.socket.destroy();
        return;
      case 'fail':
        incoming.resume();
        outgoing.writeHead(action.status, { 'Content-Type': 'application/json' });
        outgoing.end(JSON.stringify({ message: action.message }));
        return;
    }
    if (outgoing.destroyed) return;
    forward(options, incoming, outgoing, action);
  }

  const server = createServer((incoming, outgoing) => {
    // Who asked has gone before all of it was said.
    answer(incoming, outgoing).catch(() => outgoing.destroy());
  });
  // Streams of events are quiet for as long as nothing happens.
  Object.assign(server, { requestTimeout: 0, keepAliveTimeout: 0 });
  server.listen(listenPath);
  await once(server, 'listening');
  return {
    host: `unix://${listenPath}`,
    rule(rule) {
      const entry = { rule, left: rule.times ?? Infinity, lifted: Promise.withResolvers<void>() };
      rules.push(entry);
      return () => {
        entry.left = 0;
        entry.lifted.resolve();
      };
    },
    cut(path) {
      const found = [...open].filter(([, call]) => path.test(call.path));
      for (const [outgoing] of found) outgoing.destroy();
      return found.length;
    },
    count: (method, path) =>
      calls.filter((call) => call.method === method && path.test(call.path)).length,
    async close() {
      for (const { lifted } of rules) lifted.resolve();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function forward(
  options: RequestOptions,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  action: ProxyAction | undefined,
): void {
  const upstream = request(options, (reply) => {
    if (action?.do === 'loseReply') {
      reply.resume();
      outgoing.destroy();
      return;
    }
    if (action?.do === 'rewrite') {
      rewrite(reply, outgoing, action.change).catch(() => outgoing.destroy());
      return;
    }
    outgoing.writeHead(reply.statusCode ?? 502, reply.headers);
    outgoing.flushHeaders();
    if (action?.do === 'silence') reply.resume().on('end', () => outgoing.end());
    else reply.pipe(outgoing);
    // A reply that the daemon broke off breaks off here.
    reply.on('error', () => outgoing.destroy());
  });
  upstream.on('error', () => outgoing.destroy());
  outgoing.on('close', () => upstream.destroy());
  incoming.pipe(upstream);
}

async function late(
  options: RequestOptions,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  ms: number,
): Promise<void> {
  const body = await buffer(incoming);
  await delay(ms);
  const upstream = request(options, (reply) => {
    outgoing.writeHead(reply.statusCode ?? 502, reply.headers);
    reply.pipe(outgoing);
  });
  upstream.on('error', () => outgoing.destroy());
  upstream.end(body);
}

async function rewrite(
  reply: IncomingMessage,
  outgoing: ServerResponse,
  change: (body: Record<string, unknown>) => Record<string, unknown>,
): Promise<void> {
  const body = (await json(reply)) as Record<string, unknown>;
  outgoing.writeHead(reply.statusCode ?? 502, { 'Content-Type': 'application/json' });
  outgoing.end(JSON.stringify(change(body)));
}
