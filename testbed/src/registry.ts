/** A real container registry (Debian's docker-registry) on loopback, for one test process. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { debianRoot } from '@dollarbox/host/apt';

export interface Registry {
  /** `127.0.0.1:PORT`, the first part of an image reference. */
  host: string;
  /** Stops the process; its data is lost. */
  close(): Promise<void>;
}

interface RegistryOptions {
  /** 0 (the default) takes a free one. */
  port?: number;
  /** The section `auth` of its configuration; default: everybody may do everything. */
  auth?: object;
  /**
   * Where it keeps its data; default: in memory, so that a killed test leaves nothing on disk. In memory, the time that an
   * upload takes grows with the square of its length: a layer of 100 MB takes minutes.
   */
  folder?: string;
}

function registryConfig({ port = 0, auth, folder }: RegistryOptions): string {
  const place = folder === undefined ? { inmemory: {} } : { filesystem: { rootdirectory: folder } };
  return JSON.stringify({
    version: 0.1,
    log: { level: 'info', accesslog: { disabled: true } },
    storage: { ...place, delete: { enabled: true } },
    http: { addr: `127.0.0.1:${port}` },
    auth,
  });
}

/**
 * Starts a registry, empty, that dies with this process however that ends.
 * @throws if docker-registry is not available (not Debian or Ubuntu) or doesn't start, with its output.
 */
export async function registryStart(options: RegistryOptions = {}): Promise<Registry> {
  const root = await debianRoot(['docker-registry']);
  const dir = await mkdtemp(join(tmpdir(), 'dollarbox-registry-'));
  const configPath = join(dir, 'config.yml');
  await writeFile(configPath, registryConfig(options));
  const child = spawn(
    'setpriv',
    ['--pdeathsig', 'KILL', '--', join(root, 'usr/bin/docker-registry'), 'serve', configPath],
    // A Go program behaves differently without HOME or with the caller's OTEL/REGISTRY_* variables.
    { stdio: ['ignore', 'ignore', 'pipe'], env: { PATH: process.env['PATH'], HOME: dir } },
  );
  const said: string[] = [];
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', (error) => {
      said.push(error.message);
      resolve();
    });
  });
  const host = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (said.length < 50) said.push(line);
      const address = /listening on (127\.0\.0\.1:\d+)/.exec(line)?.[1];
      if (address !== undefined) resolve(address);
    });
    void exited.then(() => reject(new Error(`docker-registry did not start: ${said.join('\n')}`)));
  }).finally(() => rm(dir, { recursive: true, force: true }));
  return {
    host,
    async close() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
    },
  };
}
