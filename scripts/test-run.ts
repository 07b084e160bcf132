/**
 * Runs the tests: `node scripts/test-run.ts [part of a path …] [--flag for node …]`. The last line of its output is `N
 * passed, N failed` (and `, N skipped` if any). Its exit code is 1 if a test failed or none ran.
 */
import { chmodSync, mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { TEST_DOCKER_UNAVAILABLE_VARIABLE, dockerEnsure } from '@dollarbox/host/docker';
import { TEST_DATABASE_VARIABLE, clusterOpen, databasesSweep } from '@dollarbox/testbed/postgres';
import { testRunBegin, testRunProcessesEnd } from '@dollarbox/testbed/test-run';
import { hostNetworkRemember } from './host-network-check.ts';
import { deadRunsSweep, installationsRemove } from './test-sweep.ts';
import { type TestFileResult, testFileRun } from './test-file.ts';
import { isOnCluster, testFiles } from './test-files.ts';
import { closingLine, fileReport, runReport, totalsOf } from './test-report.ts';

/** All test files share one Docker engine and one PostgreSQL. */
const FILES_AT_ONCE_MAX = 4;
/** Tests mostly wait for a container, a process or a deadline, so it takes two files to keep a processor busy. */
const FILES_AT_ONCE = Math.min(2 * availableParallelism(), FILES_AT_ONCE_MAX);
/** Longer than any single test takes on a slow, busy machine, and longer than the tests' own waits for a state. */
const FILE_STALL_MS = 15 * 60_000;
const STILL_RUNNING_EVERY_MS = 30_000;

const folder = dirname(dirname(fileURLToPath(import.meta.url)));
const args = process.argv.slice(2);
const nodeFlags = args.filter((argument) => argument.startsWith('-'));
const patterns = args.filter((argument) => !argument.startsWith('-'));

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => interruption.abort(signal));
}
process.exitCode = await main();

async function main(): Promise<number> {
  const startedAt = performance.now();
  const files = testFiles(folder, patterns);
  if (files.length === 0) {
    say(`No test file has ${patterns.join(' or ') || '.test.ts'} in its path.`);
    say(closingLine({ passed: 0, failed: 0, skipped: 0 }));
    return 1;
  }
  const run = testRunBegin();
  const results: TestFileResult[] = [];
  /** Failures outside the test files. */
  const faults: string[] = [];
  let networkChanges: Awaited<ReturnType<typeof hostNetworkRemember>> = async () => [];
  try {
    const environment = await surroundingsPrepare(run.folder);
    const hasDocker = environment.env[TEST_DOCKER_UNAVAILABLE_VARIABLE] === '';
    networkChanges = await hostNetworkRemember(run.id, hasDocker);
    results.push(...(await filesRun(files, run.folder, environment.env)));
    await environment.close();
  } catch (error) {
    faults.push(inspect(error));
  }
  try {
    const left = await testRunProcessesEnd(run.id);
    if (left.length > 0) say(`Ended processes that tests left running: ${left.join(', ')}`);
    const stuckBridges = await installationsRemove(run.id, say);
    const changes = await networkChanges(stuckBridges ?? []);
    if (changes.length > 0) {
      faults.push(`the tests changed the network of this machine:\n  ${changes.join('\n  ')}`);
    }
    // The next run finds in the folder what could not be removed.
    if (stuckBridges !== null) run.end();
  } catch (error) {
    faults.push(inspect(error));
  }
  if (interruption.signal.aborted) faults.push(`interrupted by ${interruption.signal.reason}`);
  say(`\n${runReport(results, faults, performance.now() - startedAt)}`);
  const totals = totalsOf(results, faults);
  say(closingLine(totals));
  return totals.failed === 0 && totals.passed > 0 && results.length === files.length ? 0 : 1;
}

/** Provides what every test file may rely on: a database server, and Docker or the reason why there is none. */
async function surroundingsPrepare(runFolder: string) {
  const temporary = join(runFolder, 'tmp');
  mkdirSync(temporary);
  // Accessible like /tmp, since tests also act as other users.
  chmodSync(temporary, 0o1777);
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    TMPDIR: temporary,
    // Hundreds of processes load the same modules. Compiling them once saves a third of a second for each process.
    NODE_COMPILE_CACHE: join(runFolder, 'compiled'),
  };
  // If it were set by an outer node:test, the files would report in its format.
  delete env['NODE_TEST_CONTEXT'];
  try {
    await dockerEnsure({ log: (text) => process.stderr.write(`${text}\n`), allowInstall: true });
    env[TEST_DOCKER_UNAVAILABLE_VARIABLE] = '';
  } catch (error) {
    env[TEST_DOCKER_UNAVAILABLE_VARIABLE] = error instanceof Error ? error.message : String(error);
    say(
      `No Docker engine, so the tests on it are skipped: ${env[TEST_DOCKER_UNAVAILABLE_VARIABLE]}`,
    );
  }
  await deadRunsSweep(say);
  const given = env[TEST_DATABASE_VARIABLE];
  if (given !== undefined) {
    await databasesSweep(given);
    return { env, close: () => databasesSweep(given, env['DOLLARBOX_TEST_RUN']) };
  }
  const cluster = await clusterOpen(join(runFolder, 'database'));
  env[TEST_DATABASE_VARIABLE] = cluster.url;
  return { env, close: () => cluster.stop() };
}

async function filesRun(files: readonly string[], runFolder: string, env: NodeJS.ProcessEnv) {
  const results: TestFileResult[] = [];
  const waiting = [...files.entries()];
  const running = new Map<string, number>();
  const timer = setInterval(() => {
    const now = performance.now();
    const names = [...running].map(
      ([file, since]) => `${file} (${Math.round((now - since) / 1000)} s)`,
    );
    say(`…     ${names.join(', ')}`);
  }, STILL_RUNNING_EVERY_MS);
  const take = () => {
    const isBusy = [...running.keys()].some(isOnCluster);
    const found = waiting.findIndex(([, file]) => !(isBusy && isOnCluster(file)));
    return found === -1 ? undefined : waiting.splice(found, 1)[0];
  };
  const worker = async () => {
    for (let next = take(); next !== undefined; next = take()) {
      if (interruption.signal.aborted) return;
      const [index, file] = next;
      running.set(file, performance.now());
      const eventsPath = join(runFolder, `events-${index}`);
      const common = { folder, file, eventsPath, nodeFlags, env };
      const result = await testFileRun({
        ...common,
        stallMs: FILE_STALL_MS,
        signal: interruption.signal,
      });
      running.delete(file);
      results.push(result);
      say(fileReport(result));
    }
  };
  await Promise.all(Array.from({ length: FILES_AT_ONCE }, worker));
  clearInterval(timer);
  return results;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
