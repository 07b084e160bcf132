import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { aptSkip } from '@dollarbox/host/apt';
import { registryGateStart } from './registry-gate.ts';
import { registryStart } from './registry.ts';

const registryUrl = new URL('./registry.ts', import.meta.url).href;
const skip = aptSkip();

async function alive(host: string): Promise<boolean> {
  return fetch(`http://${host}/v2/`).then(
    (response) => response.ok,
    () => false,
  );
}

async function gone(host: string): Promise<void> {
  while (await alive(host)) await sleep(20);
}

test('a registry answers until it is closed', { skip }, async () => {
  const registry = await registryStart();
  assert.match(registry.host, /^127\.0\.0\.1:\d+$/);
  assert.ok(await alive(registry.host));
  await registry.close();
  await gone(registry.host);
});

test('a registry dies with the process that started it, however that ends', { skip }, async () => {
  const script = `
    const { registryStart } = await import(${JSON.stringify(registryUrl)});
    console.log((await registryStart()).host);
    setInterval(() => {}, 1000);`;
  const owner = spawn(process.execPath, ['--input-type=module', '-e', script], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [host] = (await once(createInterface({ input: owner.stdout }), 'line')) as [string];
  assert.ok(await alive(host));
  owner.kill('SIGKILL');
  await gone(host);
});

test('a port that is taken is told as such', { skip }, async () => {
  const registry = await registryStart();
  try {
    const port = Number(registry.host.split(':')[1]);
    await assert.rejects(registryStart({ port }), /did not start.*address already in use/s);
  } finally {
    await registry.close();
  }
});

test('a gate passes, fails, and holds', { skip }, async () => {
  const registry = await registryStart();
  const gate = await registryGateStart(registry.host);
  try {
    assert.ok(await alive(gate.host));
    gate.fail('denied', 403, '{}');
    const get = (repository: string) => fetch(`http://${gate.host}/v2/${repository}/manifests/1`);
    assert.equal((await get('other')).status, 404);
    assert.equal((await get('denied')).status, 403);
    const release = gate.hold('slow', 'other');
    let answered = false;
    const held = get('slow').then((response) => {
      answered = true;
      return response;
    });
    assert.equal((await get('other')).status, 404);
    assert.equal(answered, false);
    release();
    const response = await held;
    assert.equal(response.status, 404);
    assert.match(await response.text(), /MANIFEST_UNKNOWN/);
    assert.deepEqual(gate.asked(), ['other', 'denied', 'slow']);
  } finally {
    await gate.close();
    await registry.close();
  }
});
