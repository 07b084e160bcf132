import { connect } from 'node:net';

export interface RawReply {
  status: number;
  /** Header names in lower case. */
  headers: Map<string, string>;
  text: string;
}

/**
 * Sends bytes as they are, for what no HTTP client would send, and reads one reply until the server
 * closes or `content-length` is there.
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

/** A request as text, with `Host` and an end to the headers. */
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
