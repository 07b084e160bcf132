import { createServer } from 'node:net';
import type { Config } from './base/config.ts';
import { OperatorError } from './base/errors.ts';

/**
 * Checks that the ports are free before anything is started that needs them.
 * @throws OperatorError that names the variable to set.
 */
export async function portsCheck(config: Config): Promise<void> {
  if (config.role !== 'reconciler') await portCheck('PORT', config.port, config.host);
  await portCheck('METRICS_PORT', config.metricsPort, '127.0.0.1');
}

function portCheck(variable: string, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => reject(listenFault(error, variable, port, host)));
    server.listen(port, host, () => server.close(() => resolve()));
  });
}

/** Why a server can't listen, as a sentence for the operator. */
export function listenFault(
  error: NodeJS.ErrnoException,
  variable: string,
  port: number,
  host: string,
): Error {
  switch (error.code) {
    case 'EADDRINUSE':
      return new OperatorError(`Port ${port} on ${host} is in use: set ${variable} to a free one.`);
    case 'EACCES':
      return new OperatorError(
        `This user may not listen on port ${port}: set ${variable} to one above 1023.`,
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new OperatorError(`${host} is not an address of this machine: set HOST to one.`);
    default:
      return error;
  }
}
