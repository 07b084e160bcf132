import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aptEnsure } from '@dollarbox/host/apt';

/** Below the ports of outgoing connections, and above those of other tests' servers. */
const [PORT_FIRST, PORT_END] = [30_000, 32_768];

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
  for (;;) {
    const started = await redisStartOn(randomInt(PORT_FIRST, PORT_END));
    if (started !== null) return started;
  }
}

/** @returns null if the port is in use. */
async function redisStartOn(port: number): Promise<TestRedis | null> {
  const folder = mkdtempSync(join(tmpdir(), 'dollarbox-redis-'));
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
  const isStarted = await new Promise<boolean>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      if (/address already in use/i.test(said)) resolve(false);
      else reject(new Error(`redis-server ended with ${code}: ${said}`));
    });
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (/ready to accept connections/i.test(said)) resolve(true);
    });
  });
  if (!isStarted) {
    rmSync(folder, { recursive: true, force: true });
    return null;
  }
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
