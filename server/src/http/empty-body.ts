import type { IncomingMessage } from 'node:http';

/** Methods whose body, if any, is ignored. */
const WITHOUT_BODY = new Set(['GET', 'HEAD']);

/** Whether a request has announced a body of unknown length, and not its type. */
export function bodyIsVague({ headers, method = '' }: IncomingMessage): boolean {
  if (headers['content-type'] !== undefined) return false;
  return headers['transfer-encoding'] !== undefined && !WITHOUT_BODY.has(method);
}

/**
 * Makes such a body count as none if it has no bytes. Some clients announce one of unknown length (`Transfer-Encoding: chunked`)
 * without a type, and send nothing: the framework would then ask for the type of nothing.
 */
export async function emptyBodyDrop(request: IncomingMessage): Promise<void> {
  if (!(await hasBytes(request))) delete request.headers['transfer-encoding'];
}

/** Waits for the first bytes, which stay to be read, or the end. */
async function hasBytes(request: IncomingMessage): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const wait = () => resolve();
  for (const event of ['readable', 'end', 'close', 'error']) request.once(event, wait);
  await promise;
  for (const event of ['readable', 'end', 'close', 'error']) request.off(event, wait);
  const bytes: unknown = request.read();
  if (bytes === null) return false;
  request.unshift(bytes);
  return true;
}
