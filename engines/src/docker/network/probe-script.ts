/**
 * Runs inside the isolation probe's containers, on its own: `listen <token> <port>`, or `connect <token> <targets>`,
 * where targets is JSON of {@link ProbeTarget}s. Reports on stdout, as one line of JSON, which targets answered with
 * the token.
 */
import { connect, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

export interface ProbeTarget {
  key: string;
  host: string;
  port: number;
  /** Retried until it answers: a control, which shows that connecting works at all. */
  isControl: boolean;
}

const CONNECT_TIMEOUT_MS = 1500;
const CONTROL_ATTEMPTS = 20;
const CONTROL_PAUSE_MS = 100;

function reaches(target: ProbeTarget, token: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: target.host, port: target.port, timeout: CONNECT_TIMEOUT_MS });
    let said = '';
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => (said += text));
    socket.on('timeout', () => socket.destroy());
    // The end of the connection is all that matters.
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(said === token));
  });
}

async function probe(target: ProbeTarget, token: string): Promise<boolean> {
  for (let attempt = 1; ; attempt += 1) {
    if (await reaches(target, token)) return true;
    if (!target.isControl || attempt >= CONTROL_ATTEMPTS) return false;
    await delay(CONTROL_PAUSE_MS);
  }
}

const [mode, token = '', argument = ''] = process.argv.slice(2);
if (mode === 'listen') {
  createServer((socket) => {
    socket.on('error', () => undefined);
    socket.end(token);
  }).listen(Number(argument), '::');
}
if (mode === 'connect') {
  const targets = JSON.parse(argument) as ProbeTarget[];
  const answers = await Promise.all(
    targets.map(async (target) => [target.key, await probe(target, token)] as const),
  );
  console.log(JSON.stringify(Object.fromEntries(answers)));
}
