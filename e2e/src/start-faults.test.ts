import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { CANARY, canaryFind, canaryOf } from '@dollarbox/testbed/canary';
import { serverRun, serverStart } from './server-process.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'dollarbox-faults-'));
after(() => rmSync(dataDir, { recursive: true, force: true }));

const KEY = canaryOf('x'.repeat(32));

/** The last line is the sentence; no stack trace is shown. */
function assertSentence(result: { code: number | null; stderr: string }, pattern: RegExp): void {
  assert.equal(result.code, 1);
  const lines = result.stderr.trim().split('\n');
  assert.match(lines.at(-1) ?? '', pattern);
  assert.doesNotMatch(result.stderr, /^\s+at /m);
}

describe('a start that can not succeed ends with one sentence and exit code 1', () => {
  it('every wrong variable at once', async () => {
    const result = await serverRun({ PORT: 'x', ENGINE: 'y', DATABASE_URL: 'mysql://x' });
    assertSentence(result, /PORT must be.*DATABASE_URL must be.*ENGINE must be one of/);
  });

  it('a port in use', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const address = taken.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const result = await serverRun({
      PORT: String(port),
      HOST: '127.0.0.1',
      METRICS_PORT: '1',
      DATA_DIR: dataDir,
      ENGINE: 'fake',
    });
    taken.close();
    assertSentence(result, new RegExp(`Port ${port} on 127.0.0.1 is in use: set PORT`));
  });

  it('an unreachable DATABASE_URL, without its password', async () => {
    const result = await serverRun({
      DATABASE_URL: `postgres://u:${CANARY}@127.0.0.1:1/db`,
      SECRET_KEY: KEY,
      ENGINE: 'fake',
      PORT: '18431',
    });
    assertSentence(result, /127\.0\.0\.1:1\/db can't be reached/);
    assert.equal(canaryFind(result.stderr + result.stdout), null);
  });

  it('DATABASE_URL without SECRET_KEY', async () => {
    const result = await serverRun({ DATABASE_URL: 'postgres://u@127.0.0.1:1/db' });
    assertSentence(result, /SECRET_KEY must be set together with DATABASE_URL/);
  });

  it('an unreachable Docker socket', async () => {
    const result = await serverRun({
      DOCKER_HOST: 'unix:///nowhere/docker.sock',
      DATA_DIR: dataDir,
      PORT: '18432',
    });
    assertSentence(result, /No Docker engine answers at DOCKER_HOST=unix:\/\/\/nowhere/);
  });

  it('a second server on the same data folder', async () => {
    const server = await serverStart({ ENGINE: 'fake' });
    try {
      const result = await serverRun({
        DATA_DIR: server.dataDir,
        PORT: '18433',
        METRICS_PORT: '18434',
        ENGINE: 'fake',
      });
      assertSentence(result, new RegExp(`another server \\(pid ${server.pid}\\)`));
    } finally {
      await server.remove();
    }
  });

  it('the wrong secret key', async () => {
    const server = await serverStart({ ENGINE: 'fake' });
    try {
      await server.stop();
      const result = await serverRun({
        DATA_DIR: server.dataDir,
        SECRET_KEY: KEY,
        PORT: '18435',
        METRICS_PORT: '18436',
        ENGINE: 'fake',
      });
      assertSentence(result, /secret key is not the one that this database was written with/);
    } finally {
      await server.remove();
    }
  });
});
