import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { after, before, describe, it } from 'node:test';
import { dockerSkip } from '@dollarbox/host/docker';
import { type EngineScene, engineSceneOpen } from './engine-scene.ts';

const run = promisify(execFile);
const README = fileURLToPath(new URL('../../README.md', import.meta.url));

/** What the example waits for at most. */
const WAIT_MS = 60_000;

/** The commands of the README, in order. */
const commands = [...readFileSync(README, 'utf8').matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(
  ([, text = '']) => text,
);

describe('the first example of the README, with Docker', { skip: await dockerSkip() }, () => {
  let scene: EngineScene;
  before(async () => {
    scene = await engineSceneOpen();
  });
  after(() => scene?.close());

  it('answers that the container runs', async () => {
    const text = commands.find((each) => each.includes('curl -X POST')) ?? assert.fail();
    assert.match(text, /-H "Prefer: wait=60"/);
    const { url, token } = scene.server;
    // Tests pull from a registry of their own.
    const script = text
      .replace('http://localhost:8080', url)
      .replace('DOLLARBOX_TOKEN=dbx_…', `DOLLARBOX_TOKEN=${token}`)
      .replace('nginx:1.27', scene.images.web);
    assert.ok(script.includes(url) && script.includes(token) && script.includes(scene.images.web));
    const startedAt = performance.now();
    const { stdout } = await run('sh', ['-ec', script]);
    const tookMs = performance.now() - startedAt;
    const { name, status } = JSON.parse(stdout) as Record<string, unknown>;
    assert.equal(name, 'web');
    // A machine that is so slow that the time is over is answered as it is then.
    if (tookMs < WAIT_MS) assert.equal(status, 'running');
    else assert.match(String(status), /^(pending|running)$/);
  });
});
