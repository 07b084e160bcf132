import type { Socket } from 'node:net';
import type { Random } from '../deps.ts';
import { ApiError, errorEnvelope, validationError } from '../errors.ts';
import { type MethodsLookup, methodNotAllowed } from './unmatched.ts';

/** How long who was refused has to read why. */
const LINGER_MS = 1000;

/** The parser's error, with the bytes that it could not read. */
export interface ClientError extends Error {
  code?: string | undefined;
  rawPacket?: unknown;
}

/**
 * Answers in the envelope what Node's parser refused before there was a request.
 * @param methodsOf the methods of the API path that a URL names.
 */
export function clientErrorAnswer(
  error: ClientError,
  socket: Socket,
  methodsOf: MethodsLookup,
  random: Random,
): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const answer = clientErrorTranslate(error, methodsOf);
  const body = JSON.stringify(errorEnvelope(answer));
  const headers = Object.entries({
    ...answer.headers,
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    'x-request-id': random.uuid(),
    connection: 'close',
  });
  const head = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.end(`HTTP/1.1 ${answer.status} Error\r\n${head}\r\n${body}`);
  // Not at once: what the client still sends would take the answer from it. Nor never: it may keep its end open.
  const linger = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(linger));
}

function clientErrorTranslate(error: ClientError, methodsOf: MethodsLookup): ApiError {
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW':
      return new ApiError('payload_too_large', 'The headers of this request are too large.');
    case 'HPE_INVALID_METHOD': {
      const packet = Buffer.isBuffer(error.rawPacket) ? error.rawPacket.toString('latin1') : '';
      const line = packet.split('\r\n')[0] ?? '';
      const allowed = methodsOf(line.split(' ')[1] ?? '');
      if (allowed.length > 0) return methodNotAllowed(allowed);
      return validationError({ method: ['Must be an HTTP method.'] });
    }
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return validationError({ request: ['Was not sent whole in time.'] });
    default:
      return validationError({ request: ['Must be well-formed HTTP/1.1.'] });
  }
}
