import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Container, Event, Volume } from '@dollarbox/client';
import { canaryOf } from '@dollarbox/testbed/canary';
import { type CliScene, cliSceneOpen } from './cli-scene.ts';
import { until } from './wait.ts';

let scene: CliScene;
before(async () => {
  scene = await cliSceneOpen({ ISOLATION: 'weak' });
  await scene.server.admin('org-limits', '--org', 'main', '--containers', '20');
});
after(() => scene?.close());

const run: CliScene['run'] = (args, options) => scene.run(args, options);

describe('containers', () => {
  it('are created, and waited for, with progress and the address', async () => {
    const { code, stdout, stderr } = await run(['create', 'web', 'nginx:1.27', '--wait']);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^Created web in main\.\nweb: pending\n/);
    assert.match(stderr, /web is running at http:\/\/\[[0-9a-f:]+\]\/\n$/);
    const [head, row] = stdout.split('\n');
    assert.match(head ?? '', /^ID +NAME +STATUS +IMAGE +ADDRESS +RESTARTS +AGE$/);
    assert.match(row ?? '', /^\d+ +web +running +nginx:1\.27 +[0-9a-f:]+ +0 +\d+ s$/);
    assert.equal((await run(['ps'])).stdout.split('\n')[0], head);
  });

  it('are created with all that the API takes', async () => {
    const [FROM_FILE, LEVEL] = [canaryOf('a b'), canaryOf('debug')];
    const HERE = canaryOf('from here=1');
    const file = join(scene.home, 'vars');
    writeFileSync(file, `FROM_FILE="${FROM_FILE}"\nLEVEL=info\n`);
    await scene.json('volumes', 'create', 'data', '--size', '2');
    const args = [
      ...[
        'create',
        'full',
        'nginx:1.27',
        '--env',
        `LEVEL=${LEVEL}`,
        '--env',
        'HERE',
        '--env-file',
        file,
      ],
      ...['--port', '80', '-p', '443', '--volume', 'data:/srv/a b', '--pull-policy', 'always'],
      ...['--stop-grace', '3', '--init', '-o', 'json', '--', 'sh', '-c', 'exec nginx --help'],
    ];
    const { code, stdout, stderr } = await run(args, { env: { HERE } });
    assert.equal(code, 0, stderr);
    const made = JSON.parse(stdout) as Container;
    const [volume] = await scene.json<Volume[]>('volumes');
    assert.deepEqual(made.env, { FROM_FILE, LEVEL, HERE });
    assert.deepEqual(made.ports, [80, 443]);
    assert.deepEqual(made.volumes, [{ volume: volume?.id, mount_path: '/srv/a b' }]);
    assert.deepEqual(made.command, ['sh', '-c', 'exec nginx --help']);
    assert.deepEqual([made.pull_policy, made.stop_grace_seconds, made.init], ['always', 3, true]);
  });

  it('are changed in part, by name or id, without undoing what others changed', async () => {
    const value = canaryOf('1');
    const { id } = await scene.json<Container>(
      'create',
      'parts',
      'a:1',
      '-e',
      `A=${value}`,
      '-e',
      `B=${value}`,
    );
    const changes = ['x', 'y', 'z'].map((key) =>
      scene.json('update', 'parts', '--env', `${key}=${value}`),
    );
    await Promise.all(changes);
    await scene.json('update', String(id), '--unset', 'A', '--image', 'a:2', '--', 'run', '-x');
    const read = () => scene.json<Container>('containers', 'show', 'parts');
    assert.deepEqual((await read()).env, { B: value, x: value, y: value, z: value });
    assert.equal((await read()).image, 'a:2');
    assert.deepEqual((await read()).command, ['run', '-x']);
    await scene.json(
      'update',
      'parts',
      '--clear',
      'command',
      '--clear',
      'env',
      '--env',
      `C=${value}`,
    );
    assert.deepEqual([(await read()).command, (await read()).env], [[], { C: value }]);
    assert.equal((await run(['update', 'parts'])).code, 2);
  });

  it('are stopped, started and restarted', async () => {
    const stopped = await run(['stop', 'web', '--wait', '--json', 'name,status']);
    assert.deepEqual(JSON.parse(stopped.stdout), { name: 'web', status: 'stopped' });
    assert.equal(
      (await run(['start', 'web', '--wait', '-o', 'yaml'])).stdout.includes('status: running'),
      true,
    );
    assert.equal((await run(['restart', 'web', '--wait', '--pull'])).code, 0);
    assert.equal((await run(['wait', 'web'])).code, 0);
    const stats = await run(['containers', '--status', 'stopped']);
    assert.equal(stats.stdout.split('\n').length, 2);
  });

  it('are deleted only when that was confirmed', async () => {
    await scene.json('create', 'gone', 'a:1');
    const unasked = await run(['delete', 'gone']);
    assert.equal(unasked.code, 2);
    assert.match(unasked.stderr, /hint: Pass --yes/);
    const refused = await run(['delete', 'gone'], { isTerminal: true, stdin: 'n\n' });
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /Nothing was done/);
    assert.equal((await run(['delete', 'gone'], { isTerminal: true, stdin: 'y\n' })).code, 0);
    assert.equal((await run(['containers', 'show', 'gone'])).code, 5);
  });
});

describe('volumes', () => {
  it('are destroyed only by who types their name', async () => {
    await scene.json('volumes', 'create', 'precious', '--size', '1', '--wait');
    for (const stdin of ['y\n', 'data\n']) {
      const { code } = await run(['volumes', 'delete', 'precious'], { isTerminal: true, stdin });
      assert.equal(code, 1);
    }
    const typed = { isTerminal: true, stdin: 'precious\n' };
    const { code, stderr } = await run(['volumes', 'delete', 'precious'], typed);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /all of its data, for good/);
    assert.equal((await run(['volumes', 'show', 'precious'])).code, 5);
  });
});

describe('people and orgs', () => {
  it('are invited, promoted and removed by their addresses', async () => {
    const made = await run(['invitations', 'create', 'grace@example.invalid', '--role', 'admin']);
    assert.match(made.stderr, /grace@example\.invalid accepts at http/);
    const again = await run(['invitations', 'resend', 'Grace@example.invalid', '-o', 'json']);
    assert.match(again.stdout, /"accept_url"/);
    assert.equal((await run(['invitations', 'delete', 'grace@example.invalid', '--yes'])).code, 0);
    assert.equal((await scene.json<[]>('invitations')).length, 0);

    await scene.server.admin(
      'user-create',
      '--email',
      'mia@example.com',
      '--password',
      canaryOf('correct horse battery'),
    );
    await scene.server.admin(
      'member-add',
      '--org',
      'main',
      '--user',
      'mia@example.com',
      '--role',
      'member',
    );
    await run(['members', 'update', 'MIA@example.com', '--role', 'admin']);
    const members = await scene.json<{ email: string; role: string }[]>('members');
    assert.equal(members.find(({ email }) => email === 'mia@example.com')?.role, 'admin');
    assert.equal((await run(['members', 'delete', 'mia@example.com', '-y'])).code, 0);
    assert.equal((await scene.json<[]>('members')).length, 1);
  });

  it('several: a name or a write that several may mean has to say which', async () => {
    await scene.json('orgs', 'create', 'second', '--name', 'Second');
    const unnamed = await run(['create', 'web', 'nginx:1.27']);
    assert.equal(unnamed.code, 2);
    assert.match(unnamed.stderr, /hint: Name the org with --org\./);
    await scene.json('create', 'web', 'nginx:1.27', '--org', 'second');
    const both = await run(['stop', 'web']);
    assert.equal(both.code, 2);
    assert.match(both.stderr, /Several orgs have a container web: .*second/);
    // A name that only one org has needs no org.
    await scene.json('create', 'alone', 'nginx:1.27', '--org', 'second');
    assert.equal((await run(['stop', 'alone', '--wait'])).code, 0);
    const own = { env: { DOLLARBOX_ORG: 'second' } };
    assert.equal((await run(['delete', 'web', '--yes'], own)).code, 0);
    const usage = await run(['orgs', 'usage', 'second']);
    assert.match(usage.stdout, /^containers +1 +\d+$/m);
    const workloads = await run(['orgs', 'workloads', 'second', '--json', 'name']);
    assert.deepEqual(JSON.parse(workloads.stdout), []);
    assert.equal((await run(['delete', 'alone', '--yes'], own)).code, 0);
  });

  it('registry secrets come from the standard input or a prompt, never from arguments', async () => {
    const args = ['registries', 'create', 'ghcr.io/acme', '--username', 'ada', '--org', 'main'];
    assert.equal((await run(args)).code, 2);
    const secret = canaryOf('hunter2');
    const stdin = `${secret}\n`;
    const piped = await run([...args, '--secret-stdin', '-o', 'json'], { stdin });
    assert.equal(piped.code, 0, piped.stderr);
    const asked = ['registries', 'create', 'quay.io', '-u', 'ada', '--org', 'main'];
    const typed = await run(asked, { isTerminal: true, stdin });
    assert.equal(typed.code, 0, typed.stderr);
    assert.equal((typed.stdout + typed.stderr).includes(secret), false);
    assert.equal((await run(['registries', 'delete', 'ghcr.io/acme', '--yes'])).code, 0);
    assert.equal((await scene.json<[]>('registries')).length, 1);
  });
});

describe('kubectl', () => {
  it('gets a kubeconfig, printed or merged into its own file, and it can be revoked', async () => {
    await scene.server.admin('org-update', '--org', 'main', '--kubectl', 'on');
    const own = { env: { DOLLARBOX_ORG: 'main', KUBECONFIG: join(scene.home, 'kube', 'config') } };
    const printed = await run(['kubeconfig', '--name', 'ci', '--expires-in', '60'], own);
    assert.equal(printed.code, 0, printed.stderr);
    assert.match(printed.stdout, /^apiVersion: v1\nkind: Config\n/);
    const merged = await run(['kubeconfig', '--merge', '--name', 'laptop'], own);
    assert.equal(merged.code, 0, merged.stderr);
    assert.equal(merged.stdout, '');
    assert.match(merged.stderr, /Added the context dollarbox-main/);
    const file = own.env.KUBECONFIG;
    assert.match(readFileSync(file, 'utf8'), /^current-context: dollarbox-main$/m);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const list = await run(['kubectl', 'list'], own);
    assert.match(list.stdout, /^\d+ +main +laptop +\S+@\S+ +never /m);
    assert.equal((await run(['kubectl', 'revoke', 'laptop', '--yes'], own)).code, 0);
    assert.doesNotMatch((await run(['kubectl'], own)).stdout, /laptop/);
  });
});

describe('events', () => {
  it('are listed, and followed as a line each until someone interrupts', async () => {
    const own = { env: { DOLLARBOX_ORG: 'main' } };
    const listed = await run(['events', '--type', 'container.created'], own);
    assert.match(listed.stdout, /^\S+Z {2}container\.created +web {2}by \S+@\S+ \(token\)$/m);
    const controller = new AbortController();
    let seen = '';
    const following = run(['events', '-f', '--type', 'volume', '-o', 'json'], {
      ...own,
      signal: controller.signal,
      onWrite(stream, text) {
        if (stream === 'stdout') seen += text;
      },
    });
    let serial = 0;
    await until('an event', async () => {
      const name = `e${(serial += 1)}`;
      await scene.json('volumes', 'create', name, '--size', '1', '--org', 'main');
      await run(['volumes', 'delete', name, '--yes', '--org', 'main']);
      return seen.includes('volume.deleted');
    });
    controller.abort(new Error('enough'));
    assert.equal((await following).code, 1);
    for (const line of seen.trim().split('\n')) {
      assert.match((JSON.parse(line) as Event).type, /^volume\./);
    }
  });
});

describe('the rest of the API', () => {
  it('is reached by any request', async () => {
    const list = await run(['api', 'GET', '/api/v1/containers/?limit=1']);
    assert.equal((JSON.parse(list.stdout) as { results: [] }).results.length, 1);
    const body = JSON.stringify({ name: 'by-api', size_gb: 1 });
    const sent = await run(['api', 'post', 'volumes/', '-d', '@-', '--org', 'main'], {
      stdin: body,
    });
    assert.equal(sent.code, 0, sent.stderr);
    const { id } = JSON.parse(sent.stdout) as Volume;
    assert.equal((await run(['api', 'DELETE', `volumes/${id}/`, '--org', 'main'])).code, 0);
    const gone = await run(['api', 'GET', `volumes/${id}/`]);
    assert.equal(gone.code, 5);
    assert.match(gone.stdout, /"not_found"/);
    // The token stays at its own address.
    assert.equal((await run(['api', 'GET', '//elsewhere.example/'])).code, 5);
  });
});

describe('the shell', () => {
  it('completes commands, flags and names', async () => {
    const complete = async (...words: string[]) =>
      (await run(['__complete', ...words])).stdout.split('\n').map((line) => line.split('\t')[0]);
    assert.deepEqual(await complete('cont'), ['containers', 'context', '']);
    assert.ok((await complete('ps', '--stat')).includes('--status'));
    assert.ok((await complete('volumes', 'show', 'da')).includes('data'));
    assert.ok((await complete('stop', 'w')).includes('web'));
    for (const shell of ['bash', 'zsh', 'fish']) {
      assert.match((await run(['completion', shell])).stdout, /dollarbox __complete/);
    }
  });
});
