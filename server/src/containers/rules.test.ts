import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type ContainerDesired,
  containerDesired,
  containerDesiredEqual,
  containerFaults,
  containerMerge,
} from './rules.ts';

const NOW: ContainerDesired = {
  name: 'web',
  image: 'nginx:1.27',
  env: { A: '1', B: '2' },
  command: ['serve', '-x'],
  ports: [80, 443],
  volumes: [
    { volume: 1, mount_path: '/a' },
    { volume: 2, mount_path: '/b' },
  ],
  pull_policy: 'if_not_present',
  stop_grace_seconds: 10,
  init: false,
};

/** The paths that have a fault. */
const faulty = (body: Record<string, unknown>, allowed: readonly string[] = []): string[] =>
  Object.keys(containerFaults(body, allowed));

describe('an image', () => {
  it('in upper case is refused with the name that it may have', () => {
    const message = (image: string) => containerFaults({ image }, [])['image']?.[0];
    assert.match(message('ghcr.io/MyUser/app') ?? '', /lower case: "ghcr\.io\/myuser\/app"/);
    assert.match(message('ghcr.io/MyUser/App:V1') ?? '', /"ghcr\.io\/myuser\/app:V1"/);
    assert.match(message('Nginx') ?? '', /"nginx"/);
    assert.doesNotMatch(message('My User') ?? '', /lower case/);
  });

  it('is any OCI reference', () => {
    const digest = `sha256:${'0'.repeat(64)}`;
    const good = [
      'nginx',
      'nginx:1.27',
      'a/b',
      'ghcr.io/a/b:c',
      'host:5000/a/b',
      `registry.example:5000/a/b@${digest}`,
    ];
    for (const image of [...good, `nginx:1.27@${digest}`])
      assert.deepEqual(faulty({ image }), [], image);
  });

  it('is nothing that a shell or a URL would understand', () => {
    const bad = [
      'nginx 1',
      ' nginx',
      'nginx ',
      'nginx;ls',
      'nginx$(ls)',
      '`ls`',
      'a|b',
      'nginx:',
      ':1',
      'NGINX',
      'a//b',
    ];
    for (const image of [
      ...bad,
      'http://a/b',
      '../x',
      'a@sha256:12',
      'a\nb',
      'ngínx',
      '-x',
      'a:b:c',
      '@',
    ]) {
      assert.deepEqual(faulty({ image }), ['image'], image);
    }
  });

  it('is not at a local or private address, unless the operator said so', () => {
    for (const image of [
      '127.0.0.1:5000/a',
      'localhost/a',
      '10.1.2.3/a',
      '[::1]:5000/a',
      '169.254.169.254/a',
    ]) {
      assert.deepEqual(faulty({ image }), ['image'], image);
    }
    assert.deepEqual(faulty({ image: '127.0.0.1:5000/a' }, ['127.0.0.1:5000']), []);
    assert.deepEqual(faulty({ image: '127.0.0.1:5001/a' }, ['127.0.0.1:5000']), ['image']);
  });
});

describe('sizes', () => {
  it('of names and values of env are 64 KiB together, in bytes', () => {
    assert.deepEqual(faulty({ env: { A: 'x'.repeat(65_535) } }), []);
    assert.deepEqual(faulty({ env: { A: 'x'.repeat(65_536) } }), ['env']);
    assert.deepEqual(faulty({ env: { A: 'ä'.repeat(32_768) } }), ['env']);
  });

  it('of a command are 64 KiB', () => {
    assert.deepEqual(faulty({ command: ['x'.repeat(65_536)] }), []);
    assert.deepEqual(faulty({ command: ['x', 'x'.repeat(65_536)] }), ['command']);
  });
});

describe('other rules', () => {
  it('want a program in a command', () => {
    assert.deepEqual(faulty({ command: [''] }), ['command.0']);
    assert.deepEqual(faulty({ command: ['a', ''] }), []);
    assert.deepEqual(faulty({ command: [] }), []);
  });

  it('find every fault at once', () => {
    const volumes = [{ volume: 0, mount_path: 'data' }, {}];
    const body = { image: 'a b', env: { A: 'x'.repeat(70_000) }, command: [''], volumes };
    assert.deepEqual(faulty(body), [
      'image',
      'env',
      'command.0',
      'volumes.0.volume',
      'volumes.0.mount_path',
    ]);
  });

  it('leave wrong types to the schema', () => {
    assert.deepEqual(faulty({ image: 5, env: 'x', command: 'x', volumes: 'x', ports: {} }), []);
    assert.deepEqual(faulty({ image: null, env: null, command: null, volumes: null }), []);
    assert.deepEqual(faulty({ volumes: [1, null, 'x', {}, { volume: 'x', mount_path: 1 }] }), []);
    assert.deepEqual(faulty({ env: { A: 1, B: null, C: {} }, command: [1, null, {}] }), []);
  });
});

describe('what is desired', () => {
  it('has defaults', () => {
    const desired = containerDesired({ name: 'a', image: 'b' });
    const empty = { env: {}, command: [], ports: [], volumes: [] };
    const rest = { pull_policy: 'if_not_present', stop_grace_seconds: 10, init: false };
    assert.deepEqual(desired, { name: 'a', image: 'b', ...empty, ...rest });
  });

  it('keeps what a change leaves out, and replaces whole what it names', () => {
    assert.deepEqual(containerMerge(NOW, {}), NOW);
    assert.deepEqual(containerMerge(NOW, { env: { C: '3' } }), { ...NOW, env: { C: '3' } });
    const empty = { env: {}, command: [], ports: [], volumes: [] };
    assert.deepEqual(containerMerge(NOW, empty), { ...NOW, ...empty });
    assert.deepEqual(containerMerge(NOW, { name: 'other' }).name, 'web');
    const inited = { ...NOW, stop_grace_seconds: 120, init: true };
    assert.deepEqual(containerMerge(NOW, { stop_grace_seconds: 120, init: true }), inited);
    assert.deepEqual(containerMerge(inited, { image: NOW.image }), inited);
    assert.deepEqual(containerMerge(inited, { init: false }).init, false);
  });

  it('is equal whatever the order of env, and differs by the order of lists', () => {
    assert.equal(containerDesiredEqual(NOW, { ...NOW, env: { B: '2', A: '1' } }), true);
    assert.equal(containerDesiredEqual(NOW, { ...NOW, command: ['-x', 'serve'] }), false);
    assert.equal(containerDesiredEqual(NOW, { ...NOW, ports: [443, 80] }), false);
    assert.equal(containerDesiredEqual(NOW, { ...NOW, image: 'nginx:1.28' }), false);
    assert.equal(containerDesiredEqual(NOW, { ...NOW, pull_policy: 'always' }), false);
    assert.equal(containerDesiredEqual(NOW, { ...NOW, stop_grace_seconds: 11 }), false);
    assert.equal(containerDesiredEqual(NOW, { ...NOW, init: true }), false);
    const { volumes } = NOW;
    assert.equal(containerDesiredEqual(NOW, { ...NOW, volumes: volumes.toReversed() }), false);
    assert.equal(containerDesiredEqual(NOW, { ...NOW, volumes: volumes.slice(0, 1) }), false);
    assert.equal(containerDesiredEqual(NOW, { ...NOW, env: { A: '1' } }), false);
    assert.equal(containerDesiredEqual(NOW, { ...NOW, env: { A: '1', B: '2 ' } }), false);
  });
});
