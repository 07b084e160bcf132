import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { ContainerSpec } from './container-draft.ts';
import { mergeParts, specMerge } from './spec-merge.ts';

const BEFORE: ContainerSpec = {
  name: 'web',
  image: 'web:1',
  env: { A: '1', B: '1', C: '1' },
  command: [],
  ports: [80],
  volumes: [],
  pull_policy: 'if_not_present',
  stop_grace_seconds: 10,
  init: false,
};
const name = (id: number) => `volume ${id}`;

it('keeps what only one of two changed, and asks about what both did', () => {
  const specs = {
    before: BEFORE,
    yours: { ...BEFORE, image: 'web:2', env: { A: '2', B: '1', D: 'new' } },
    theirs: { ...BEFORE, image: 'web:3', ports: [81], env: { A: '2', B: '3', C: '1' } },
  };
  const parts = mergeParts(specs, name);
  assert.deepEqual(
    parts.map(({ path, by }) => [path, by]),
    [
      ['image', 'both'],
      ['ports', 'them'],
      ['env.A', 'same'],
      ['env.B', 'them'],
      ['env.C', 'you'],
      ['env.D', 'you'],
    ],
  );
  const merged = { ...BEFORE, ports: [81], env: { A: '2', B: '3', D: 'new' } };
  assert.deepEqual(specMerge(specs, parts, {}), { ...merged, image: 'web:2' });
  assert.deepEqual(specMerge(specs, parts, { image: 'theirs' }), { ...merged, image: 'web:3' });
});

it('takes a variable that both changed as one part', () => {
  const specs = {
    before: BEFORE,
    yours: { ...BEFORE, env: { ...BEFORE.env, A: 'mine' } },
    theirs: { ...BEFORE, env: { B: '1', C: '1' } },
  };
  const parts = mergeParts(specs, name);
  assert.deepEqual(parts, [
    { path: 'env.A', label: 'A', before: '1', yours: 'mine', theirs: null, by: 'both' },
  ]);
  assert.deepEqual(specMerge(specs, parts, {}).env, { B: '1', C: '1', A: 'mine' });
  assert.deepEqual(specMerge(specs, parts, { 'env.A': 'theirs' }).env, { B: '1', C: '1' });
});
