import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { keyed } from '../../lib/row-key.ts';
import {
  type ContainerSpec,
  DRAFT_EMPTY,
  containerDraftOf,
  containerDraftRead,
  containerFaultShow,
  nameSuggest,
  specDifference,
} from './container-draft.ts';
import { envChanges, envDraftSwitch } from './env-draft.ts';

const SPEC: ContainerSpec = {
  name: 'web',
  image: 'nginx:1.27',
  env: { B: '2', A: 'one\ntwo' },
  command: ['sh', '-c', 'echo "$A"'],
  ports: [80, 443],
  volumes: [{ volume: 5, mount_path: '/data' }],
  pull_policy: 'always',
  stop_grace_seconds: 30,
  init: true,
};

it('reads a draft back as the spec that it was made of', () => {
  assert.deepEqual(containerDraftRead(containerDraftOf(SPEC)).spec, SPEC);
});

it('saves the same variables, whichever way they were looked at', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ unit: 'binary', minLength: 1 }), fc.string({ unit: 'binary' })),
      fc.nat(4),
      (env, switches) => {
        let { env: draft } = containerDraftOf({ ...SPEC, env });
        for (let count = 0; count < switches; count += 1) {
          const next = envDraftSwitch(draft);
          draft = 'draft' in next ? next.draft : assert.fail(next.fault);
        }
        const { spec } = containerDraftRead({ ...containerDraftOf(SPEC), env: draft });
        assert.deepEqual({ ...spec?.env }, { ...env });
      },
    ),
  );
});

it('collects every fault before anything is sent', () => {
  const { fault } = containerDraftRead({
    ...DRAFT_EMPTY,
    command: "sh -c 'x",
    ports: '80, http',
    graceSeconds: 'soon',
    volumes: [keyed({ volume: '', mountPath: '' })],
    env: {
      mode: 'rows',
      rows: [
        { name: 'A', value: '' },
        { name: 'A', value: '' },
        { name: '', value: 'x' },
      ].map(keyed),
    },
  });
  assert.deepEqual(Object.keys(fault?.fields ?? {}).toSorted(), [
    'command',
    'env-row.2',
    'env.A',
    'ports',
    'stop_grace_seconds',
    'volumes.0.mount_path',
    'volumes.0.volume',
  ]);
});

it('shows the faults of the server at the fields where people typed', () => {
  const fields = {
    'ports.1': 'Too large.',
    'command.0': 'Bad.',
    'env.1A': 'Wrong name.',
    image: 'No.',
  };
  const draft = { ...containerDraftOf(SPEC), ports: '80 99999' };
  assert.deepEqual(containerFaultShow({ message: '', fields }, draft).fields, {
    ports: '“99999”: Too large.',
    command: '“sh”: Bad.',
    'env.1A': 'Wrong name.',
    image: 'No.',
  });
  const asText = { ...draft, env: { mode: 'text', text: '' } } as const;
  assert.equal(
    containerFaultShow({ message: '', fields }, asText).fields['env'],
    '1A: Wrong name.',
  );
});

it('tells which fields differ, whatever the order of variables', () => {
  assert.deepEqual(specDifference(SPEC, { ...SPEC, env: { A: 'one\ntwo', B: '2' } }), []);
  assert.deepEqual(specDifference(SPEC, { ...SPEC, image: 'x', ports: [443, 80] }), [
    'image',
    'ports',
  ]);
  assert.deepEqual(envChanges({ A: '1', B: '2' }, { B: '3', C: '4' }), {
    added: ['C'],
    changed: ['B'],
    removed: ['A'],
  });
});

it('suggests a free name', () => {
  const taken = new Set(['nginx', 'nginx-2']);
  assert.equal(nameSuggest('nginx:1.27', taken), 'nginx-3');
  assert.equal(nameSuggest('host:5000/team/My_App@sha256:ab', taken), 'my-app');
  assert.equal(nameSuggest('9front', taken), 'front');
  assert.equal(nameSuggest('', taken), '');
});
