import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodContainer } from '../api/objects.ts';
import { podMemoryBytes } from './workloads.ts';

const MIB = 2 ** 20;
const of = (mib: number, restartPolicy?: string): PodContainer => ({
  ...(restartPolicy !== undefined && { restartPolicy }),
  resources: { limits: { memory: `${mib}Mi` } },
});

test('a pod uses what its containers use together, or what one before them needs', () => {
  const memory = (containers: PodContainer[], initContainers: PodContainer[] = []) =>
    podMemoryBytes({ spec: { containers, initContainers } }) / MIB;
  assert.equal(memory([of(10), of(20)]), 30);
  assert.equal(memory([of(10)], [of(50), of(40)]), 50);
  assert.equal(memory([of(10)], [of(5, 'Always')]), 15);
  assert.equal(memory([of(10)], [of(5, 'Always'), of(30)]), 35);
  assert.equal(memory([{}]), 0);
  assert.equal(podMemoryBytes({}), 0);
});
