import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { test } from 'node:test';
import { isAllowedRegistry, isForbiddenAddress, registryRefusal } from './registry-guard.ts';
import { isSpecialAddress } from './special-addresses.ts';

const REFUSED = [
  ...['localhost/a', 'LOCALHOST/a', 'localhost:5000/a', 'a.localhost/b', 'A.LocalHost:1/b'],
  ...['127.0.0.1/a', '127.0.0.1:5000/a', '127.1:80/a', '127.1/a', '0.0.0.0/a', '0:1/a'],
  ...[
    '2130706433:5000/a',
    '0x7f000001:1/a',
    '0x7f.1/a',
    '0X7F.0.0.1/a',
    '0177.0.0.1/a',
    '017700000001:1/a',
  ],
  ...['10.0.0.1/a', '172.16.0.1/a', '172.31.255.255/a', '192.168.1.1:5000/a', '100.64.0.1/a'],
  ...[
    '169.254.169.254/a',
    '168.63.129.16/a',
    '192.0.0.192/a',
    '198.18.0.1/a',
    '224.0.0.1/a',
    '255.255.255.255/a',
  ],
  ...[
    '[::1]:5000/a',
    '[::1]/a',
    '[0:0:0:0:0:0:0:1]/a',
    '[::]/a',
    '[fe80::1]/a',
    '[FE80::1]:1/a',
    '[fc00::1]/a',
  ],
  ...[
    '[fd00:ec2::254]/a',
    '[ff02::1]/a',
    '[fec0::1]/a',
    '[::ffff:127.0.0.1]/a',
    '[::ffff:7f00:1]/a',
  ],
  ...['[::ffff:8.8.8.8]/a', '[::127.0.0.1]/a', '[64:ff9b::127.0.0.1]/a', '[64:ff9b::a9fe:a9fe]/a'],
  ...['[64:ff9b:1::1]/a', '[2002:7f00:1::]/a', '[2001::1]/a', '[100::1]/a'],
  ...['registry.default.svc:5000/a', 'registry.default.svc.cluster.local/a'],
  ...['999.1.1.1/a', '1.2.3.4.5/a'],
];

for (const reference of REFUSED) {
  test(`${reference} is refused, and can be allowed`, () => {
    assert.match(registryRefusal(reference, []) ?? '', /local or private.*ALLOWED_REGISTRIES/);
    const [registry = ''] = reference.split('/');
    assert.equal(registryRefusal(reference, ['x.y', registry.toUpperCase()]), null);
  });
}

const ADMITTED = [
  ...[
    'nginx',
    '0/a:1',
    '2130706433/a',
    'docker.io/a',
    'ghcr.io/a/b',
    '8.8.8.8/a',
    '8.8.8.8:5000/a',
  ],
  ...[
    '172.15.0.1/a',
    '172.32.0.1/a',
    '100.128.0.1/a',
    '[2606:4700::1111]:5000/a',
    '[64:ff9b::8.8.8.8]/a',
  ],
  ...['localhost.example.com/a', 'notlocalhost/a', 'mysvc.example.com/a'],
];
for (const reference of ADMITTED) {
  test(`${reference} is not refused because of its form`, () => {
    assert.equal(registryRefusal(reference, []), null);
  });
}

test('a registry is allowed only with the port that the operator named', () => {
  assert.equal(registryRefusal('10.0.0.1:5000/a', ['10.0.0.1:5000']), null);
  assert.notEqual(registryRefusal('10.0.0.1:5001/a', ['10.0.0.1:5000']), null);
  assert.notEqual(registryRefusal('10.0.0.1/a', ['10.0.0.1:5000']), null);
  assert.notEqual(registryRefusal('10.0.0.1:5000/a', ['10.0.0.1']), null);
  assert.equal(isAllowedRegistry('Reg.Example:5000', ['reg.example:5000']), true);
});

test("the machine's own addresses are forbidden", () => {
  assert.equal(isForbiddenAddress(ownAddress()), true);
  assert.equal(isForbiddenAddress('8.8.8.8'), false);
});

/** The address may be public or not: a service that listens there may not be meant for the Internet. */
function ownAddress(): string {
  const entries = Object.values(networkInterfaces()).flatMap((found) => found ?? []);
  const outward = entries.find((entry) => !entry.internal && !isSpecialAddress(entry.address));
  return (outward ?? entries[0])?.address ?? '127.0.0.1';
}
