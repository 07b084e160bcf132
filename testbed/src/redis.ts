import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aptEnsure } from '@dollarbox/host/apt';

/** A Redis server for a test. */
export interface TestRedis {
  url: string;
  /** Pauses it with SIGSTOP, and lets it go on with SIGCONT. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
  /** Stops it; its data is lost. */
  close(): Promise<void>;
}

/** Starts Debian's redis-server on a free loopback port. It ends with this process, however that ends. */
export async function redisStart(): Promise<TestRedis> {
  await aptEnsure(['redis-server']);
  const folder = mkdtempSync(join(tmpdir(), 'dollarbox-redis-'));
  const port = await portFree();
  const child = spawn(
    'setpriv',
    [
      ...['--pdeathsig', 'KILL', '--', 'redis-server', '--bind', '127.0.0.1'],
      ...['--port', String(port)],
      ...['--save', '', '--appendonly', 'no', '--dir', folder],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => reject(new Error(`redis-server ended with ${code}: ${said}`)));
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (/ready to accept connections/i.test(said)) resolve();
    });
  });
  return {
    url: `redis://127.0.0.1:${port}`,
    signal: (signal) => void child.kill(signal),
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const closed = once(child, 'close');
      // Its data is lost anyway, and one that is paused would not see another signal.
      child.kill('SIGKILL');
      await closed;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function portFree(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
