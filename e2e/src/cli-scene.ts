import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { cliRun } from '@dollarbox/cli';
import { type ServerProcess, serverStart } from './server-process.ts';

interface CliResult {
  code: number;
  stdout: string;
  stderr: string;
}

export interface CliOptions {
  env?: Record<string, string>;
  /** What is typed or piped in. */
  stdin?: string;
  /** Whether a person sits at it. */
  isTerminal?: boolean;
  signal?: AbortSignal;
  /** Called with each piece that is written. */
  onWrite?: (stream: 'stdout' | 'stderr', text: string) => void;
}

/** The command line in this process, against a server. */
export interface Cli {
  /** The folder of its settings. */
  home: string;
  /** Runs a command as the owner, by a token in the environment. */
  run(args: readonly string[], options?: CliOptions): Promise<CliResult>;
  /** Runs a command that must succeed. @returns the JSON that it prints. */
  json<T>(...args: string[]): Promise<T>;
  /** Removes its settings. */
  close(): void;
}

/** The command line, with a server of its own whose engine runs nothing. */
export interface CliScene extends Omit<Cli, 'close'> {
  server: ServerProcess;
  close(): Promise<void>;
}

export async function cliSceneOpen(environment: Record<string, string> = {}): Promise<CliScene> {
  const server = await serverStart({ ENGINE: 'fake', LOG_LEVEL: 'warn', ...environment });
  const cli = cliOpen(server);
  return {
    ...cli,
    server,
    async close() {
      await server.remove();
      cli.close();
    },
  };
}

export function cliOpen(server: Pick<ServerProcess, 'url' | 'token'>): Cli {
  const home = mkdtempSync(join(tmpdir(), 'dollarbox-cli-'));
  const cli: Cli = {
    home,
    async run(args, { env = {}, stdin = '', isTerminal = false, signal, onWrite } = {}) {
      const written = { stdout: '', stderr: '' };
      const outputOf = (stream: 'stdout' | 'stderr') => {
        const output = new Writable({
          decodeStrings: false,
          write(text: string, _encoding, done) {
            written[stream] += text;
            onWrite?.(stream, text);
            done();
          },
        });
        return Object.assign(output, { isTTY: isTerminal });
      };
      const code = await cliRun(args, {
        env: {
          DOLLARBOX_URL: server.url,
          DOLLARBOX_TOKEN: server.token,
          XDG_CONFIG_HOME: home,
          ...env,
        },
        homeDir: home,
        platform: 'linux',
        stdin: Object.assign(Readable.from([stdin]), { isTTY: isTerminal }),
        stdout: outputOf('stdout'),
        stderr: outputOf('stderr'),
        signal: signal ?? new AbortController().signal,
      });
      return { code, ...written };
    },
    async json<T>(...args: string[]): Promise<T> {
      const end = args.includes('--') ? args.indexOf('--') : args.length;
      const { code, stdout, stderr } = await cli.run(args.toSpliced(end, 0, '-o', 'json'));
      if (code !== 0) throw new Error(`${args.join(' ')}: ${code}\n${stderr}`);
      return JSON.parse(stdout) as T;
    },
    close: () => rmSync(home, { recursive: true, force: true }),
  };
  return cli;
}
