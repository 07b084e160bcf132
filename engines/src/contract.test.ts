import assert from 'node:assert/strict';
import { test } from 'node:test';
import { containerSpecHash } from './contract.ts';
import type { ContainerSpec } from './contract.ts';

const SPEC: ContainerSpec = {
  id: 7,
  tenantId: 3,
  name: 'web',
  image: 'nginx:1.27',
  imageId: `sha256:${'1'.repeat(64)}`,
  env: { B: '2', A: '1' },
  command: ['run', 'it'],
  ports: [80],
  ipv6Address: 'fd00::107',
  volumes: [],
  init: false,
};
const DATA = { volume: { id: 5, uid: 'aaaabbbbccccdddd' }, mountPath: '/data' };

test('the hash of a spec is what it was before the fields that have their defaults existed', () => {
  assert.equal(
    containerSpecHash(SPEC),
    'c526469559c8823c5283cded3c87aaeb747b3dd09c8a31155d0d8160fa93f418',
  );
});

test('each part of a mount is in the hash', () => {
  const hashes = [
    [],
    [DATA],
    [{ ...DATA, mountPath: '/other' }],
    [{ ...DATA, volume: { ...DATA.volume, id: 6 } }],
    [{ ...DATA, volume: { ...DATA.volume, uid: 'aaaabbbbccccddde' } }],
    [DATA, { volume: { id: 6, uid: 'bbbbbbbbccccdddd' }, mountPath: '/more' }],
  ].map((volumes) => containerSpecHash({ ...SPEC, volumes }));
  assert.equal(new Set(hashes).size, hashes.length);
});

test('init is in the hash', () => {
  assert.notEqual(containerSpecHash({ ...SPEC, init: true }), containerSpecHash(SPEC));
});
