/** A way to the API server that ends after some requests, as it does for a process that is killed. */
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';

interface Kubeconfig {
  clusters: [{ cluster: { server: string; 'certificate-authority-data': string } }];
  users: [{ user: { token: string } }];
}

export interface CutProxy {
  /** Path of a kubeconfig that leads through it. */
  kubeconfig: string;
  requestCount(): number;
  /** How many lists were asked for. */
  listCount(): number;
  close(): void;
}

/** The last part of the path of a list. */
const KINDS: ReadonlySet<string> = new Set([
  ...['deployments', 'replicasets', 'pods', 'services', 'persistentvolumeclaims', 'namespaces'],
  ...['resourcequotas', 'limitranges', 'networkpolicies', 'configmaps', 'nodes'],
  ...['servicecidrs', 'storageclasses', 'endpointslices'],
]);

/** @param allowed how many requests reach the API server: the one after them, and all later ones, do not. */
export async function cutProxyStart(kubeconfig: string, allowed: number): Promise<CutProxy> {
  const config = JSON.parse(await readFile(kubeconfig, 'utf8')) as Kubeconfig;
  const [{ cluster }] = config.clusters;
  const [{ user }] = config.users;
  const ca = Buffer.from(cluster['certificate-authority-data'], 'base64');
  const agent = new https.Agent({ ca, keepAlive: true });
  let seen = 0;
  let lists = 0;
  const server = http.createServer((request, reply) => {
    seen += 1;
    if (seen > allowed) return void request.socket.destroy();
    const { method, headers, url = '' } = request;
    const { pathname, searchParams } = new URL(url, cluster.server);
    const isWatch = searchParams.get('watch') === 'true';
    if (method === 'GET' && !isWatch && KINDS.has(pathname.split('/').at(-1) ?? '')) lists += 1;
    const forwarded = https.request(
      new URL(url, cluster.server),
      { method, agent, headers: { ...headers, authorization: `Bearer ${user.token}` } },
      (answer) => {
        reply.writeHead(answer.statusCode ?? 500, answer.headers);
        // A watch is open before anything happens.
        reply.flushHeaders();
        answer.pipe(reply);
      },
    );
    forwarded.on('error', () => request.socket.destroy());
    reply.on('close', () => forwarded.destroy());
    request.pipe(forwarded);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const path = `${kubeconfig}.${port}`;
  const cut = {
    ...config,
    clusters: [{ name: 'tests', cluster: { server: url, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'dollarbox', user: {} }],
  };
  await writeFile(path, JSON.stringify(cut));
  return {
    kubeconfig: path,
    requestCount: () => seen,
    listCount: () => lists,
    close() {
      server.closeAllConnections();
      server.close();
      agent.destroy();
    },
  };
}
