import { type Server, createServer } from 'node:http';
import type { Metrics } from './base/metrics.ts';
import { listenFault } from './ports.ts';

/** Serves `/metrics` on loopback. @throws OperatorError if the port is in use. */
export async function metricsServe(metrics: Metrics, port: number): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.url?.split('?')[0] !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    metrics.registry.metrics().then(
      (text) => response.writeHead(200, { 'content-type': metrics.registry.contentType }).end(text),
      () => response.writeHead(500).end('The metrics could not be collected.\n'),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(listenFault(error, 'METRICS_PORT', port, '127.0.0.1')));
    server.listen(port, '127.0.0.1', resolve);
  });
  return server;
}
