/** `npm run fuzz [-- --cases 50000] [-- --seed N]`: sends many requests that Schemathesis makes up from openapi.json. */
import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { tmpdir } from 'node:os';
import { TEST_DATABASE_VARIABLE, clusterOpen } from '@dollarbox/testbed/postgres';
import { fuzzRun, schemathesisInstall } from './schemathesis.ts';

const { values } = parseArgs({
  options: { cases: { type: 'string', default: '50000' }, seed: { type: 'string' } },
});
const cases = Number(values.cases);
if (!Number.isSafeInteger(cases) || cases < 1) {
  process.stderr.write('--cases must be a number of requests, such as 50000.\n');
  process.exit(2);
}
const tool = await schemathesisInstall();
if (typeof tool === 'string') {
  process.stderr.write(`${tool}\n`);
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), 'dollarbox-fuzz-'));
const cluster = await clusterOpen(join(folder, 'database'));
process.env[TEST_DATABASE_VARIABLE] = cluster.url;
const seed = values.seed === undefined ? null : Number(values.seed);
try {
  const casesPerOperation = Math.ceil(cases / operationsCount());
  const result = await fuzzRun({ tool, casesPerOperation, seed });
  process.stdout.write(`${result.report}\n`);
  for (const line of result.errors) process.stderr.write(`${line}\n`);
  const isClean = result.isClean && result.errors.length === 0;
  process.stdout.write(`${result.cases} requests, ${isClean ? 'no failure' : 'with failures'}\n`);
  process.exitCode = isClean ? 0 : 1;
} finally {
  await cluster.stop();
}

function operationsCount(): number {
  const path = new URL('../../../openapi.json', import.meta.url);
  const { paths } = JSON.parse(readFileSync(path, 'utf8')) as { paths: Record<string, object> };
  return Object.values(paths).flatMap((item) => Object.keys(item)).length;
}
