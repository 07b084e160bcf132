/** A client for Python, which openapi-python-client makes of openapi.json. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CANARY, canaryOf } from '@dollarbox/testbed/canary';
import { pythonToolInstall } from '@dollarbox/testbed/python-tool';
import { serverStart } from './server-process.ts';

const run = promisify(execFile);

const GENERATOR = 'openapi-python-client==0.29.1';
const DOCUMENT = fileURLToPath(new URL('../../openapi.json', import.meta.url));
const SCRIPT = fileURLToPath(new URL('python-client.py', import.meta.url));

const tool = await pythonToolInstall(GENERATOR);
const skip = typeof tool === 'string' ? tool : false;

test('a generated Python client uses the API', { skip }, async (t) => {
  assert.ok(typeof tool !== 'string');
  const folder = mkdtempSync(join(tmpdir(), 'dollarbox-python-client-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const target = join(folder, 'generated');
  const generate = ['generate', '--path', DOCUMENT, '--output-path', target, '--meta', 'none'];
  const env = { ...process.env, PATH: `${tool.bin}:${process.env['PATH']}` };
  // What it can't express it leaves out with a warning.
  const made = await run(join(tool.bin, 'openapi-python-client'), generate, { env, cwd: folder });
  assert.doesNotMatch(made.stdout + made.stderr, /warning|error/i);

  const server = await serverStart({ ENGINE: 'fake', LOG_LEVEL: 'warn' });
  try {
    const { stdout } = await run(join(tool.bin, 'python'), [SCRIPT, folder], {
      env: { ...env, DOLLARBOX_URL: server.url, DOLLARBOX_TOKEN: server.token, CANARY },
    });
    assert.deepEqual(JSON.parse(stdout), {
      ...{ scope: 'write', created: 201, status: 'running', env: { LEVEL: canaryOf('débug=1') } },
      ...{ image: 'nginx:1.28', stopped: 'stopped', twin: 'conflict', missing: 'not_found' },
      ...{ names: ['web'], volumes: true, usage: 1, deleted: [204, 204] },
    });
  } finally {
    await server.remove();
  }
});
