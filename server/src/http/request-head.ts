import type { IncomingMessage } from 'node:http';
import { type FieldFaults, validationError } from '../base/errors.ts';

/**
 * Checks the parts of a request head that HTTP restricts and Node's parser does not check, or would refuse without our
 * error envelope.
 * @throws ApiError 400
 */
export function requestHeadRequire(request: IncomingMessage): void {
  const faults = headFaults(request);
  if (faults !== null) throw validationError(faults);
}

function headFaults({ headers, httpVersion, rawHeaders }: IncomingMessage): FieldFaults | null {
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return { request: ['Must be HTTP/1.1.'] };
  if (headers.expect !== undefined && headers.expect.toLowerCase() !== '100-continue') {
    return { Expect: ['Must be "100-continue" or left out.'] };
  }
  const coding = headers['transfer-encoding'];
  if (coding !== undefined && coding.toLowerCase() !== 'chunked') {
    return { 'Transfer-Encoding': ['Must be "chunked" or left out.'] };
  }
  const hosts = hostCount(rawHeaders);
  if (hosts > 1) return { Host: ['Must be sent once.'] };
  // Source: RFC 9112, section 3.2.
  if (hosts === 0 && httpVersion === '1.1') return { Host: ['This header is required.'] };
  return null;
}

/** Node keeps only the first of several. */
function hostCount(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length === 4 && name.toLowerCase() === 'host') count += 1;
  }
  return count;
}
