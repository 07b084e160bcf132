import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type DaemonPlace,
  SYSTEM_DAEMON,
  configFlags,
  daemonMajor,
  isolationConfig,
} from './docker-daemon.ts';
import { dockerProbe } from './docker-probe.ts';
import { dockerEnsure, dockerSkip } from './docker.ts';
import { folderRemove } from './folder-remove.ts';
import { processIsAlive } from './process-lock.mjs';

const folder = mkdtempSync(join(tmpdir(), 'docker-test-'));
const places: DaemonPlace[] = [];
after(async () => {
  for (const place of places) await daemonEnd(place);
  // A killed daemon leaves mounts behind, and processes that take a while to release them.
  folderRemove(folder);
});

const needsRoot =
  process.getuid?.() === 0 && existsSync('/usr/sbin/dockerd')
    ? false
    : 'starting a second Docker daemon needs root and an installed one';

/**
 * A second daemon, in a network namespace of its own. Because it is configured to have no bridge, it would otherwise
 * remove the `docker0` of the machine's own daemon.
 */
function placeCreate(name: string): DaemonPlace {
  const at = (file: string) => join(folder, `${name}-${file}`);
  const place = {
    launcher: ['unshare', '--net', '--'],
    socketPath: at('sock'),
    pidPath: at('pid'),
    configPath: at('daemon.json'),
    logPath: at('log'),
    flags: [
      ...['--host', `unix://${at('sock')}`, '--pidfile', at('pid')],
      ...['--data-root', at('data'), '--exec-root', at('exec')],
      ...['--config-file', at('daemon.json'), '--bridge=none', '--iptables=false'],
    ],
  };
  // Without a file, flags would be added that set up packet filter rules for IPv6.
  writeFileSync(place.configPath, '{"ip6tables": false}');
  places.push(place);
  return place;
}

function daemonPid({ pidPath }: DaemonPlace): number | null {
  return existsSync(pidPath) ? Number(readFileSync(pidPath, 'utf8')) : null;
}

async function daemonEnd(place: DaemonPlace, signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM') {
  const pid = daemonPid(place);
  if (pid === null || !processIsAlive(pid, null)) return;
  const [theirs, ours] = [pid, 'self'].map((name) => readlinkSync(`/proc/${name}/ns/net`));
  process.kill(pid, signal);
  while (processIsAlive(pid, null)) await delay(20);
  assert.notEqual(theirs, ours, 'a daemon of the tests was in the network of this machine');
}

const quiet = { log: () => {}, allowInstall: false };

test(
  'two starts at once start one daemon, which later ones find',
  { skip: needsRoot },
  async () => {
    const place = placeCreate('two');
    const said: string[] = [];
    const both = await Promise.all([
      dockerEnsure({ ...quiet, place, log: (text) => said.push(text) }),
      dockerEnsure({ ...quiet, place }),
    ]);
    assert.deepEqual(both.map(({ startedByUs }) => startedByUs).toSorted(), [false, true]);
    const pid = daemonPid(place);
    assert.ok(pid !== null && processIsAlive(pid, null));
    assert.deepEqual(await dockerEnsure({ ...quiet, place }), {
      socketPath: place.socketPath,
      startedByUs: false,
    });
    assert.equal(daemonPid(place), pid);

    // It has a session of its own and nothing of our environment.
    const [, session] =
      readFileSync(`/proc/${pid}/stat`, 'utf8').match(/\) \S+ \d+ \d+ (\d+)/) ?? [];
    assert.equal(session, String(pid));
    assert.equal(readFileSync(`/proc/${pid}/environ`, 'utf8').includes('npm_'), false);
  },
);

test(
  'a daemon that is starting is waited for, not started a second time',
  { skip: needsRoot },
  async () => {
    const place = placeCreate('slow');
    // As if another process were starting it: it has written its pid and does not answer yet.
    const [program = '', ...before] = place.launcher ?? [];
    const other = spawn(program, [...before, 'dockerd', ...place.flags], { stdio: 'ignore' });
    while (daemonPid(place) === null) await delay(5);
    const found = await dockerEnsure({ ...quiet, place });
    assert.equal(found.startedByUs, false);
    assert.equal(daemonPid(place), other.pid);
  },
);

test('after a kill -9 it is started again', { skip: needsRoot }, async () => {
  const place = placeCreate('killed');
  await dockerEnsure({ ...quiet, place });
  await daemonEnd(place, 'SIGKILL');
  const again = await dockerEnsure({ ...quiet, place });
  assert.equal(again.startedByUs, true);
  assert.equal((await dockerProbe(place.socketPath)).state, 'answers');
});

test(
  'when a daemon does not start, the error says what it logged and where',
  { skip: needsRoot },
  async () => {
    const place = placeCreate('broken');
    writeFileSync(place.configPath, '{"no-such-setting": 1}');
    await assert.rejects(dockerEnsure({ ...quiet, place }), (error: Error) => {
      assert.match(
        error.message,
        /^Docker could not be started \(.*no-such-setting.*\): see .*broken-log\.$/,
      );
      return true;
    });
  },
);

/** Runs in a separate process, since the module reads the environment and the process's user. */
async function ensureElsewhere(env: NodeJS.ProcessEnv, uid?: number): Promise<string> {
  const script = `
    import { dockerEnsure } from ${JSON.stringify(import.meta.resolve('./docker.ts'))};
    import { SYSTEM_DAEMON } from ${JSON.stringify(import.meta.resolve('./docker-daemon.ts'))};
    ${uid === undefined ? '' : `process.setgroups([]); process.setgid(${uid}); process.setuid(${uid});`}
    const socketPath = process.env.SOCKET_PATH;
    const place = socketPath ? { place: { ...SYSTEM_DAEMON, socketPath } } : {};
    const found = await dockerEnsure({ log() {}, allowInstall: false, ...place }).catch((e) => e.message);
    console.log(JSON.stringify(found));
    process.exit();`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    env: { ...process.env, DOCKER_HOST: '', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(String(await once(child.stdout, 'data')));
}

test('DOCKER_HOST decides, and the error names one that does not answer', async () => {
  const gone = `unix://${join(folder, 'none.sock')}`;
  assert.match(
    String(await ensureElsewhere({ DOCKER_HOST: gone })),
    /^No Docker engine answers at DOCKER_HOST=unix:\/\/.*none\.sock \(.+\): start it, or correct or unset/,
  );
  const deaf = createServer(() => {}).listen(0, '127.0.0.1');
  await once(deaf, 'listening');
  const address = deaf.address();
  assert.ok(typeof address === 'object' && address !== null);
  const host = `tcp://127.0.0.1:${address.port}`;
  assert.match(
    String(await ensureElsewhere({ DOCKER_HOST: host })),
    /^No Docker engine answers at/,
  );
  deaf.close();
  if ((await dockerSkip()) === false && (process.env['DOCKER_HOST'] ?? '') === '') {
    const host = `unix://${SYSTEM_DAEMON.socketPath}`;
    assert.deepEqual(await ensureElsewhere({ DOCKER_HOST: host }), { host, startedByUs: false });
  }
});

test('an address given as an option overrides DOCKER_HOST', async () => {
  const gone = `unix://${join(folder, 'none.sock')}`;
  await assert.rejects(dockerEnsure({ ...quiet, host: gone }), (error: Error) => {
    assert.ok(error.message.startsWith(`No Docker engine answers at DOCKER_HOST=${gone} (`));
    return true;
  });
  const asked: string[] = [];
  const engine = createHttpServer((request, response) => {
    asked.push(request.url ?? '');
    response.setHeader('content-type', 'application/json');
    response.end('{"Version":"1.2.3"}');
  });
  await once(engine.listen(0, '127.0.0.1'), 'listening');
  const { port } = engine.address() as AddressInfo;
  const host = `tcp://127.0.0.1:${port}`;
  assert.deepEqual(await dockerEnsure({ ...quiet, host }), { host, startedByUs: false });
  assert.deepEqual(asked, ['/version']);
  const socketPath = join(folder, 'engine.sock');
  engine.closeAllConnections();
  engine.close();
  await once(engine, 'close');
  await once(engine.listen(socketPath), 'listening');
  const local = `unix://${socketPath}`;
  assert.deepEqual(await dockerEnsure({ ...quiet, host: local }), {
    host: local,
    startedByUs: false,
  });
  engine.closeAllConnections();
  engine.close();
});

test('a user who may not use or start Docker learns what to do', { skip: needsRoot }, async () => {
  assert.match(
    String(await ensureElsewhere({}, 65534)),
    /^This user may not use the Docker engine at \/var\/run\/docker\.sock: run "sudo usermod -aG docker/,
  );
  assert.match(
    String(await ensureElsewhere({ SOCKET_PATH: '/run/no-such.sock' }, 65534)),
    /^No Docker engine answers at \/run\/no-such\.sock: start Docker \(or install it/,
  );
});

test('daemons that do not filter IPv6 by default are configured to, with a random network', () => {
  assert.equal(daemonMajor('Docker version 20.10.24+dfsg1, build 297e128'), 20);
  assert.equal(daemonMajor('Docker version 28.2.2, build 1'), 28);
  assert.equal(daemonMajor('?'), 0);
  assert.deepEqual(isolationConfig(27, '0123456789'), {});
  assert.deepEqual(configFlags(isolationConfig(26, '0123456789')), [
    '--experimental',
    '--ip6tables',
    '--ipv6',
    '--fixed-cidr-v6=fd01:2345:6789::/64',
  ]);
});
