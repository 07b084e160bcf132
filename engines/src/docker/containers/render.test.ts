import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerSpec } from '../../contract.ts';
import { macAddress, containerRender, containerNameRender } from './render.ts';

const INSTALLATION = 'abcdefgh1234';

const spec: ContainerSpec = {
  id: 7,
  tenantId: 3,
  name: 'web',
  image: 'nginx:1.27',
  imageId: `sha256:${'1'.repeat(64)}`,
  env: { A: 'b' },
  command: ['run', 'it'],
  ports: [80],
  ipv6Address: 'fd00::107',
  volumes: [{ volume: { id: 5, uid: 'aaaabbbbccccdddd' }, mountPath: '/data' }],
  init: false,
};

function wire(changed: ContainerSpec): string {
  // Without the hash of the spec, which changes with every field.
  const body = containerRender(INSTALLATION, changed);
  const labels = { ...body.Labels, 'dollarbox.spec': '' };
  return JSON.stringify([containerNameRender(INSTALLATION, changed), { ...body, Labels: labels }]);
}

/** A new field of the spec that has no line here does not compile. */
const CHANGES: Record<keyof ContainerSpec, Partial<ContainerSpec>> = {
  id: { id: 8 },
  tenantId: { tenantId: 4 },
  name: { name: 'other' },
  image: { image: 'nginx:1.28' },
  imageId: { imageId: `sha256:${'2'.repeat(64)}` },
  env: { env: { A: 'c' } },
  command: { command: ['run'] },
  ports: { ports: [80, 443] },
  ipv6Address: { ipv6Address: 'fd00::108' },
  volumes: { volumes: [{ volume: { id: 5, uid: 'aaaabbbbccccdddd' }, mountPath: '/other' }] },
  init: { init: true },
};

for (const [field, change] of Object.entries(CHANGES)) {
  test(`a container's ${field} reaches Docker`, () => {
    // The reference that the client wrote was resolved: the same image under another name is not another container.
    if (field === 'image') assert.equal(wire({ ...spec, ...change }), wire(spec));
    else assert.notEqual(wire({ ...spec, ...change }), wire(spec));
  });
}

test('a command replaces the entrypoint and the command; none leaves the image its own', () => {
  const body = containerRender(INSTALLATION, spec);
  assert.deepEqual([body.Entrypoint, body.Cmd], [['run', 'it'], []]);
  const plain = containerRender(INSTALLATION, { ...spec, command: [] });
  assert.ok(!('Entrypoint' in plain) && !('Cmd' in plain));
});

test('a link address is the same for the same container, and another for another', () => {
  assert.equal(macAddress(1), '06:00:00:00:00:01');
  assert.equal(containerRender(INSTALLATION, spec).MacAddress, macAddress(spec.id));
  assert.notEqual(macAddress(65_537), macAddress(1));
});
