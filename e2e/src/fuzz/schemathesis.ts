import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { canaryOf } from '@dollarbox/testbed/canary';
import { databaseCreate } from '@dollarbox/testbed/postgres';
import { type PythonTool, pythonToolInstall } from '@dollarbox/testbed/python-tool';
import { serverStart } from '../server-process.ts';

const run = promisify(execFile);

const SCHEMATHESIS = 'schemathesis==4.32.5';
const CONFIG = fileURLToPath(new URL('schemathesis.toml', import.meta.url));
const DOCUMENT = fileURLToPath(new URL('../../../openapi.json', import.meta.url));
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;
/** These end the token that the run authenticates with, its membership or its org, or follow a stream without end. */
const EXCLUDED = '^/(whoami|events)/$|/logs/$';

export interface FuzzOptions {
  tool: PythonTool;
  /** How many requests are made up for each operation, besides those that try each rule of the document. */
  casesPerOperation: number;
  /** null: the same requests each time. */
  seed: number | null;
}

export interface FuzzResult {
  /** How many requests were sent. */
  cases: number;
  isClean: boolean;
  /** The whole report. */
  report: string;
  /** What the server logged as an error. */
  errors: string[];
}

/** Lets Schemathesis send requests made from the API document to a server with the fake engine. */
export async function fuzzRun({ tool, casesPerOperation, seed }: FuzzOptions): Promise<FuzzResult> {
  const { url } = await databaseCreate();
  const server = await serverStart({
    DATABASE_URL: url,
    SECRET_KEY: canaryOf('for a run of made-up requests, 32 characters'),
    ENGINE: 'fake',
    ISOLATION: 'weak',
    LOG_LEVEL: 'warn',
  });
  try {
    const limits = ['--containers', '1000000', '--volume-gb', '1000000'];
    await server.admin('org-limits', '--org', 'main', ...limits);
    const { report, isClean } = await schemathesisRun(tool, [
      ...['--config-file', CONFIG, 'run', DOCUMENT, '--url', `${server.url}/api/v1`],
      ...['--header', `Authorization: Bearer ${server.token}`, '--exclude-path-regex', EXCLUDED],
      ...['--max-examples', String(casesPerOperation), '--phases', 'coverage,fuzzing,stateful'],
      ...['--continue-on-failure', '--no-shrink', '--warnings', 'off', '--no-color'],
      ...['--request-timeout', '120'],
      ...(seed === null ? ['--generation-deterministic'] : ['--seed', String(seed)]),
    ]);
    const cases = Number(/(\d+) generated/.exec(report)?.[1] ?? 0);
    const errors = server
      .output()
      .split('\n')
      .filter((line) => line.includes('"level":50'));
    return { cases, isClean, report, errors };
  } finally {
    await server.remove();
  }
}

async function schemathesisRun(tool: PythonTool, args: string[]) {
  try {
    // It keeps a folder of its own where it runs.
    const options = { maxBuffer: OUTPUT_BYTES_MAX, cwd: tool.bin };
    const { stdout } = await run(join(tool.bin, 'schemathesis'), args, options);
    return { report: stdout, isClean: true };
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    return { report: `${stdout}${stderr}`, isClean: false };
  }
}

/** Installs Schemathesis. @returns the tool, or why it can't be had. */
export function schemathesisInstall(): Promise<PythonTool | string> {
  return pythonToolInstall(SCHEMATHESIS);
}
