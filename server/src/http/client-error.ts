import { type IncomingMessage, STATUS_CODES, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Random } from '../base/system.ts';
import { ApiError, errorEnvelope, validationError } from '../base/errors.ts';
import { ALWAYS_HEADERS } from './security-headers.ts';
import { type MethodsLookup, methodNotAllowed } from './unmatched.ts';

/** How long a refused client has to read the error before its connection is cut. */
const LINGER_MS = 1000;

/** The parser's error, with the bytes that it could not parse. */
interface ClientError extends Error {
  code?: string | undefined;
  rawPacket?: unknown;
}

/** Answers, in the API's envelope, requests that Node's HTTP parser refuses or would answer by itself. */
export interface ClientErrors {
  /** For the server's `clientError` event. */
  answer(error: ClientError, socket: Socket): void;
  /** Tracks the requests of a server, so that no request is answered twice. */
  watch(server: Server): void;
  /** The parser's error in the body of a request whose head was valid, or null. */
  refusalOf(request: IncomingMessage): ApiError | null;
}

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
}

/** @param methodsOf the methods of the API path that a URL names. */
export function clientErrorsCreate(methodsOf: MethodsLookup, random: Random): ClientErrors {
  /** The last request of each connection. Replies are sent in order, so the others are answered before it. */
  const lastExchanges = new WeakMap<Socket, Exchange>();
  const refusals = new WeakMap<IncomingMessage, ApiError>();
  const refused = new WeakSet<Socket>();

  /** The head of the request was valid and its body is broken: its handler replies, unless it has done so already. */
  function bodyRefuse({ request, response }: Exchange, error: ClientError): void {
    closeAfter(request, response);
    if (response.headersSent) return;
    const refusal = clientErrorTranslate(error, methodsOf);
    refusals.set(request, refusal);
    if (request.listenerCount('error') > 0) request.emit('error', refusal);
  }

  return {
    answer(error, socket) {
      // The parser reports the error again for each further packet.
      if (refused.has(socket)) return;
      refused.add(socket);
      const last = lastExchanges.get(socket);
      if (error.code === 'ECONNRESET' || !socket.writable || isIdle(error, socket)) {
        socket.destroy();
      } else if (last !== undefined && !last.request.complete) {
        bodyRefuse(last, error);
      } else if (last !== undefined && !last.response.writableFinished) {
        // If a request is still being answered, what follows it gets no reply of its own.
        closeAfter(last.request, last.response);
      } else {
        rawRefuse(clientErrorTranslate(error, methodsOf), socket, random);
      }
    },
    watch(server) {
      server.on('request', (request, response) => {
        lastExchanges.set(request.socket, { request, response });
      });
      // Without this, Node answers 417 with no body.
      server.on('checkExpectation', (request, response) => {
        server.emit('request', request, response);
      });
      // Without this, Node closes the connection.
      server.on('connect', (request, stream) => {
        const socket = stream as Socket;
        const allowed = methodsOf(request.url ?? '');
        rawRefuse(
          allowed.length > 0
            ? methodNotAllowed(allowed)
            : validationError({ method: ['This server is not a proxy.'] }),
          socket,
          random,
        );
      });
    },
    refusalOf: (request) => refusals.get(request) ?? null,
  };
}

/** A connection that timed out without having sent anything: a client that may still send its first request. */
function isIdle(error: ClientError, socket: Socket): boolean {
  return error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && socket.bytesRead === 0;
}

/** Closes a connection once its last reply has been sent. */
function closeAfter({ socket }: IncomingMessage, response: ServerResponse): void {
  if (response.writableFinished) {
    socket.destroySoon();
    return;
  }
  response.shouldKeepAlive = false;
  response.once('close', () => socket.destroySoon());
}

/** Sends an error if there is no request to reply to, and closes the connection. */
function rawRefuse(error: ApiError, socket: Socket, random: Random): void {
  const body = JSON.stringify(errorEnvelope(error));
  const headers = Object.entries({
    ...ALWAYS_HEADERS,
    ...error.headers,
    date: new Date().toUTCString(),
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    'x-request-id': random.uuid(),
    connection: 'close',
  });
  const head = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.on('error', () => undefined);
  socket.resume();
  socket.end(`HTTP/1.1 ${error.status} ${STATUS_CODES[error.status] ?? ''}\r\n${head}\r\n${body}`);
  // Closing at once would discard the reply if the client is still sending; never closing would keep the connection
  // of a client that leaves its own end open.
  const linger = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(linger));
}

function clientErrorTranslate(error: ClientError, methodsOf: MethodsLookup): ApiError {
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW':
      return new ApiError('payload_too_large', 'The headers of this request are too large.');
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return new ApiError('payload_too_large', 'The chunk extensions of the body are too large.');
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
