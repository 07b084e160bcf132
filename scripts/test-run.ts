/**
 * Runs the tests: `node scripts/test-run.ts [part of a path …] [--flag for node …]`. The last line it writes is
 * `N passed, N failed` (and `, N skipped` if any); its exit code is 1 when a test failed or none ran.
 */
import { chmodSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { TEST_DOCKER_UNAVAILABLE_VARIABLE, dockerEnsure } from '@dollarbox/testbed/docker';
import { TEST_DATABASE_VARIABLE, clusterOpen, databasesSweep } from '@dollarbox/testbed/postgres';
import { testRunBegin, testRunProcessesEnd } from '@dollarbox/testbed/test-run';
import { deadRunsSweep, installationsRemove } from './test-sweep.ts';
import { type TestFileResult, testFileRun } from './test-file.ts';
import { testFiles } from './test-files.ts';
import { closingLine, fileReport, runReport, totalsOf } from './test-report.ts';

const FILES_AT_ONCE = 2;
const FILE_TIMEOUT_MS = 10 * 60_000;
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
  let broken = false;
  try {
    const environment = await surroundingsPrepare(run.folder);
    results.push(...(await filesRun(files, run.folder, environment.env)));
    await environment.close();
  } catch (error) {
    broken = true;
    say(inspect(error));
  }
  try {
    const left = await testRunProcessesEnd(run.id);
    if (left.length > 0) say(`Ended processes that tests left running: ${left.join(', ')}`);
    // What could not be removed is found in the folder by the next run.
    if (await installationsRemove(run.id, say)) run.end();
  } catch (error) {
    broken = true;
    say(inspect(error));
  }
  say(`\n${runReport(results, performance.now() - startedAt)}`);
  if (interruption.signal.aborted) say(`Interrupted by ${interruption.signal.reason}.`);
  const totals = totalsOf(results);
  say(closingLine(totals));
  const good = totals.failed === 0 && totals.passed > 0 && results.length === files.length;
  return good && !broken && !interruption.signal.aborted ? 0 : 1;
}

/** What every test file may rely on: a database server, and Docker or the reason why there is none. */
async function surroundingsPrepare(runFolder: string) {
  const temporary = join(runFolder, 'tmp');
  mkdirSync(temporary);
  // As /tmp is: tests also act as other users.
  chmodSync(temporary, 0o1777);
  const env: NodeJS.ProcessEnv = { ...process.env, TMPDIR: temporary };
  // Of an outer node:test, it would make the files report in its own way.
  delete env['NODE_TEST_CONTEXT'];
  try {
    await dockerEnsure({ log: (text) => process.stderr.write(`${text}\n`), allowInstall: true });
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
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      if (interruption.signal.aborted) return;
      const [index, file] = next;
      running.set(file, performance.now());
      const eventsPath = join(runFolder, `events-${index}`);
      const common = { folder, file, eventsPath, nodeFlags, env };
      const result = await testFileRun({
        ...common,
        timeoutMs: FILE_TIMEOUT_MS,
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
