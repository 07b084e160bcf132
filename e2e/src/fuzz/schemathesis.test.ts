import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzzRun, schemathesisInstall } from './schemathesis.ts';

/** A short run of `npm run fuzz`. */
const CASES_PER_OPERATION = 5;

const tool = await schemathesisInstall();
const skip = typeof tool === 'string' ? tool : false;

test(
  'requests made from the API document find no fault of the server, and no difference from the document',
  { skip },
  async () => {
    assert.ok(typeof tool !== 'string');
    const result = await fuzzRun({ tool, casesPerOperation: CASES_PER_OPERATION, seed: null });
    assert.ok(result.isClean, result.report.slice(-20_000));
    assert.deepEqual(result.errors, []);
    assert.ok(result.cases > 1000, result.report.slice(-5_000));
    process.stdout.write(`counted: ${result.cases} requests made from openapi.json, 0 failures\n`);
  },
);
