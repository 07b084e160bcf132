import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { FieldFaults } from '../base/errors.ts';
import { mountFaults } from './mount-rules.ts';

function faultsOf(...mounts: unknown[]): FieldFaults {
  const faults: FieldFaults = {};
  mountFaults(mounts, faults);
  return faults;
}

const at = (...paths: string[]): string[] =>
  Object.keys(faultsOf(...paths.map((path, index) => ({ volume: index + 1, mount_path: path }))));

it('accepts any absolute path that is written in full', () => {
  const longest = `/${'x'.repeat(1023)}`;
  const good = ['/data', '/var/lib/my data', '/ä/…', '/.hidden', '/a/..b', '/processes', longest];
  assert.deepEqual(at(...good), []);
});

it('refuses a path that is not one, or not written in full', () => {
  const bad = ['', 'data', './data', '/', '//', '/a//b', '/a/', '/a/.', '/a/..', '/../a', '/a/./b'];
  for (const path of bad) assert.deepEqual(at(path), ['volumes.0.mount_path'], path);
  for (const path of [`/${'x'.repeat(1024)}`, `/${'ä'.repeat(512)}`, '/a\nb', '/a\u007fb', '/a:b'])
    assert.deepEqual(at(path), ['volumes.0.mount_path'], path);
});

it('refuses paths where the kernel exposes its own state', () => {
  for (const path of ['/proc', '/proc/1', '/sys', '/sys/fs', '/dev', '/dev/shm'])
    assert.deepEqual(at(path), ['volumes.0.mount_path'], path);
  assert.deepEqual(at('/procs', '/system', '/device', '/a/proc'), []);
});

it('refuses one path twice, and one inside another', () => {
  assert.deepEqual(at('/a', '/b', '/a'), ['volumes.2.mount_path']);
  assert.deepEqual(at('/a', '/a/b'), ['volumes.1.mount_path']);
  assert.deepEqual(at('/a/b/c', '/a'), ['volumes.1.mount_path']);
  assert.deepEqual(at('/a', '/ab', '/a.b'), []);
});

it('refuses the same volume twice, and impossible ids', () => {
  const path = (index: number): string => `/p${index}`;
  const volumes = [1, 2, 1, 0, -5, 1e300].map((volume, index) => ({
    volume,
    mount_path: path(index),
  }));
  assert.deepEqual(Object.keys(faultsOf(...volumes)), [
    'volumes.2.volume',
    'volumes.3.volume',
    'volumes.4.volume',
    'volumes.5.volume',
  ]);
});

it('reports every fault at once', () => {
  assert.deepEqual(
    Object.keys(faultsOf({ volume: 0, mount_path: 'x' }, { volume: 0, mount_path: '/dev' })),
    ['volumes.0.volume', 'volumes.0.mount_path', 'volumes.1.volume', 'volumes.1.mount_path'],
  );
});
