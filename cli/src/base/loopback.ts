import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { CliError } from './exit.ts';

/** The secrets of one sign-in by a redirect. Source: RFC 7636, sections 4.1 and 4.2. */
export interface Proof {
  verifier: string;
  challenge: string;
  state: string;
}

export function proofCreate(): Proof {
  const verifier = randomBytes(32).toString('base64url');
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  return { verifier, challenge, state: randomBytes(16).toString('base64url') };
}

/** A port of this machine that waits for the browser to come back. */
export interface Loopback {
  redirectUri: string;
  /** The code that the browser has brought. @throws CliError if the person refuses; the signal's reason. */
  code(signal: AbortSignal): Promise<string>;
  close(): void;
}

const PATH = '/callback';

/** Source: RFC 8252, sections 7.3 and 8.3. */
export async function loopbackOpen(state: string): Promise<Loopback> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  // It is awaited later, if at all.
  promise.catch(() => undefined);
  // Loading it takes longer than most commands need to start.
  const { createServer } = await import('node:http');
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const code = searchParams.get('code');
    // What did not come from our page is no answer, and changes nothing.
    const isOurs = pathname === PATH && isSame(searchParams.get('state') ?? '', state);
    const [status, text] = !isOurs
      ? [404, 'This is not the sign-in that the program waits for.']
      : code === null
        ? [200, 'Refused. You can close this page.']
        : [200, 'You are signed in. You can close this page and go back to the terminal.'];
    response.writeHead(status, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
      'referrer-policy': 'no-referrer',
      connection: 'close',
    });
    response.end(pageOf(text));
    if (!isOurs) return;
    if (code === null) reject(new CliError('authentication', 'It was refused in the browser.'));
    else resolve(code);
  });
  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen(0, '127.0.0.1', listening);
  });
  const { port } = server.address() as AddressInfo;
  return {
    redirectUri: `http://127.0.0.1:${port}${PATH}`,
    code(signal) {
      const aborted = new Promise<never>((_, fail) => {
        if (signal.aborted) fail(signal.reason as Error);
        signal.addEventListener('abort', () => fail(signal.reason as Error), { once: true });
      });
      return Promise.race([promise, aborted]);
    },
    close() {
      server.close();
      server.closeIdleConnections();
    },
  };
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function pageOf(text: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>DollarBox</title>
<style>:root{color-scheme:light dark}body{font:1.1rem system-ui;display:grid;place-items:center;min-height:90vh}</style>
<main><h1 style="font-size:1.2rem">DollarBox</h1><p>${text}</p></main></html>
`;
}
