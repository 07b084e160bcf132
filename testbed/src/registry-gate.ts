/** A proxy in front of a test registry, for pulls that fail and pulls that end when a test decides. */
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface RegistryGate {
  /** `127.0.0.1:PORT`: the registry's images under another host. */
  host: string;
  /** Answers every request for this repository with that status and `body`. */
  fail(repository: string, status: number, body?: string): void;
  /** Makes `repository` another name of `source`, and withholds its manifests until released. */
  hold(repository: string, source: string): () => void;
  /** The requested repositories so far, in order, without repeats. */
  asked(): string[];
  close(): Promise<void>;
}

interface Rule {
  source?: string;
  held?: Promise<void>;
  status?: number;
  body?: string;
}

function forward(
  registryHost: string,
  path: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): void {
  const { method = 'GET', headers } = incoming;
  const upstream = request(`http://${registryHost}${path}`, { method, headers }, (reply) => {
    outgoing.writeHead(reply.statusCode ?? 502, reply.headers);
    reply.pipe(outgoing);
  });
  upstream.on('error', () => outgoing.destroy());
  outgoing.on('close', () => upstream.destroy());
  incoming.pipe(upstream);
}

/** Starts a proxy for the registry at `registryHost`. Without rules everything passes. */
export async function registryGateStart(registryHost: string): Promise<RegistryGate> {
  const rules = new Map<string, Rule>();
  const asked = new Set<string>();

  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const path = incoming.url ?? '/';
    const [, repository = '', kind = ''] = /^\/v2\/(.+)\/(manifests|blobs|tags)\//.exec(path) ?? [];
    if (repository !== '') asked.add(repository);
    const { source = repository, held, status, body = '' } = rules.get(repository) ?? {};
    if (status !== undefined) {
      outgoing.writeHead(status, { 'Content-Type': 'application/json' }).end(body);
      return;
    }
    if (kind === 'manifests') await held;
    forward(registryHost, path.replace(`/v2/${repository}/`, `/v2/${source}/`), incoming, outgoing);
  }

  const server = createServer((incoming, outgoing) => void answer(incoming, outgoing));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    fail: (repository, status, body) =>
      void rules.set(repository, body === undefined ? { status } : { status, body }),
    hold(repository, source) {
      let release = () => {};
      const held = new Promise<void>((resolve) => (release = resolve));
      rules.set(repository, { source, held });
      return release;
    },
    asked: () => [...asked],
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
