/** What the rest of the tests assume of their Kubernetes: the checks of testbed/cluster/smoke.sh, each a test. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { aptEnsure, debianRoot } from '@dollarbox/host/apt';
import { clusterSkip, clusterStart } from './cluster.ts';

const SCRIPT = fileURLToPath(new URL('../cluster/smoke.sh', import.meta.url));

test('the Kubernetes of the tests', { skip: clusterSkip() }, async (t) => {
  const busybox = join(await debianRoot(['busybox-static']), 'bin/busybox');
  await aptEnsure(['curl']);
  const cluster = await clusterStart();
  try {
    const { kube: KUBE, kubeconfig: KUBECONFIG } = cluster;
    const child = spawn('bash', [SCRIPT], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, KUBE, KUBECONFIG, BUSYBOX: busybox },
    });
    const ended = once(child, 'exit');
    let checks = 0;
    for await (const line of createInterface({ input: child.stdout })) {
      const [, result, name = ''] = /^(ok|FAIL) +([^:]*)/.exec(line) ?? [];
      if (result === undefined) continue;
      checks += 1;
      await t.test(name, () => assert.equal(result, 'ok', line));
    }
    const [code] = await ended;
    assert.equal(code, 0);
    assert.ok(checks >= 30, `${checks} checks`);
  } finally {
    await cluster.close();
  }
});
