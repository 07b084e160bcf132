import { once } from 'node:events';
import { connect } from 'node:net';

export interface RawReply {
  status: number;
  /** Header names in lower case. */
  headers: Map<string, string>;
  text: string;
}

/**
 * Sends bytes unchanged, for what no HTTP client would send, and reads one reply until the server closes the connection
 * or `content-length` bytes have arrived.
 */
export function rawSend(origin: string, bytes: string | Buffer): Promise<RawReply> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let received: Buffer = Buffer.alloc(0);
    const finish = (reply: RawReply): void => {
      socket.destroy();
      resolve(reply);
    };
    socket.on('connect', () => socket.write(bytes));
    socket.on('data', (part: Buffer) => {
      received = Buffer.concat([received, part]);
      const reply = rawParse(received);
      if (reply !== null) finish(reply);
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`closed after: ${received.toString('latin1')}`)));
  });
}

/** Sends bytes unchanged, one part after another, and returns everything received until the server closes. */
export async function rawConversation(origin: string, ...parts: string[]): Promise<string> {
  const { hostname, port } = new URL(origin);
  const socket = connect(Number(port), hostname);
  let received = '';
  socket.setEncoding('latin1');
  socket.on('data', (part: string) => (received += part));
  // A connection that is reset while it still has data to send ends like one that is closed.
  socket.on('error', () => undefined);
  for (const part of parts) await new Promise((resolve) => socket.write(part, resolve));
  if (!socket.closed) await once(socket, 'close');
  return received;
}

/** The status codes of the replies in a conversation, in order. */
export function rawStatuses(conversation: string): number[] {
  return [...conversation.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
}

/** A request as text, with `Host` and the end of the headers. */
export function rawRequest(line: string, headers: readonly string[] = [], body = ''): string {
  return [line, 'Host: test', ...headers, '', body].join('\r\n');
}

function rawParse(received: Buffer): RawReply | null {
  const end = received.indexOf('\r\n\r\n');
  if (end === -1) return null;
  const [statusLine = '', ...lines] = received.subarray(0, end).toString('latin1').split('\r\n');
  const headers = new Map(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const body = received.subarray(end + 4);
  if (body.length < Number(headers.get('content-length') ?? 0)) return null;
  return { status: Number(statusLine.split(' ')[1]), headers, text: body.toString() };
}
