/** A host in front of a real registry: it issues tokens, redirects layers to a storage host, and notes what it is sent. */
import { once } from 'node:events';
import {
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
  createServer,
  request,
} from 'node:http';
import type { AddressInfo } from 'node:net';

export interface RegistryFront {
  /** `127.0.0.1:PORT`. */
  host: string;
  /** Of all requests, in order. */
  seen: { path: string; authorization: string | undefined }[];
  close(): Promise<void>;
}

/** Answers a request, or passes it on by returning false. */
type Rule = (path: string, reply: ServerResponse, headers: IncomingHttpHeaders) => boolean;

/** @param target the registry behind it; may be known only later. */
export async function registryFrontStart(options: {
  target(): string;
  rule?: Rule;
  /** Sent to the registry in place of what came. */
  authorization?: string;
}): Promise<RegistryFront> {
  const seen: RegistryFront['seen'] = [];

  function forward(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const { method = 'GET', url = '/', headers } = incoming;
    const { authorization } = options;
    const all = { ...headers, ...(authorization !== undefined && { authorization }) };
    const upstream = request(
      `http://${options.target()}${url}`,
      { method, headers: all },
      (reply) => {
        outgoing.writeHead(reply.statusCode ?? 502, reply.headers);
        reply.pipe(outgoing);
      },
    );
    upstream.on('error', () => outgoing.destroy());
    incoming.pipe(upstream);
  }

  const server = createServer((incoming, outgoing) => {
    const { url: path = '/', headers } = incoming;
    seen.push({ path, authorization: headers.authorization });
    if (options.rule?.(path, outgoing, headers) !== true) forward(incoming, outgoing);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
