/** A proxy in front of a Docker daemon that can delay, cut, fail or rewrite calls. */
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
import { SYSTEM_DAEMON } from '@dollarbox/host/docker-daemon';

/** What happens to the calls that a rule matches. */
export type ProxyAction =
  /** The call is held until the rule is removed. */
  | { do: 'hold' }
  /** The connection is closed before the daemon receives the call. */
  | { do: 'cut' }
  /** The daemon executes the call, and the connection is closed before its reply. */
  | { do: 'loseReply' }
  /** The reply begins, but its body never arrives. */
  | { do: 'silence' }
  | { do: 'delay'; ms: number }
  /** The daemon receives the call after this delay, even if the caller has given up. */
  | { do: 'late'; ms: number }
  | { do: 'fail'; status: number; message: string }
  /** Rewrites the JSON of a reply. */
  | { do: 'rewrite'; change(body: Record<string, unknown>): Record<string, unknown> };

export interface ProxyRule {
  method?: string;
  /** Matched against the path with its query, without the API version. */
  path: RegExp;
  action: ProxyAction;
  /** Applies only to this many calls. */
  times?: number;
}

export interface DockerProxy {
  /** In the form of DOCKER_HOST. */
  host: string;
  /** The newest matching rule applies. @returns a function that removes the rule. */
  rule(rule: ProxyRule): () => void;
  /** Closes the connections of running calls whose path matches. @returns how many. */
  cut(path: RegExp): number;
  /** How many matching calls have arrived. */
  count(method: string, path: RegExp): number;
  close(): Promise<void>;
}

interface Call {
  method: string;
  path: string;
}

/**
 * Starts a proxy for the daemon at `socketPath`. Without rules everything passes, except upgraded
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
    // The client closed the connection before the whole reply was sent.
    answer(incoming, outgoing).catch(() => outgoing.destroy());
  });
  // Event streams are silent as long as nothing happens.
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
    // A reply that the daemon breaks off is broken off here too.
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
