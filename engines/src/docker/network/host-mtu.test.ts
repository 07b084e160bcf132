import assert from 'node:assert/strict';
import { test } from 'node:test';
import { uplinksParse } from './host-mtu.ts';

const IPV4 = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eth0	00000000	010200C0	0003	0	0	0	00000000	0	0	0
eth1	000200C0	00000000	0001	0	0	0	00FFFFFF	0	0	0
*	00000000	00000000	0201	0	0	0	00000000	0	0	0
`;
const ZERO = '0'.repeat(32);
const IPV6 = [
  `${ZERO} 00 ${ZERO} 00 fd000000000000000000000000000001 00000400 00000001 00000000 00000003 wg0`,
  `fd000000000000000000000000000000 40 ${ZERO} 00 ${ZERO} 00000100 00000001 00000000 00000001 eth2`,
  `${ZERO} 00 ${ZERO} 00 ${ZERO} ffffffff 00000001 00000000 00200200 lo`,
].join('\n');

test('the uplinks are the interfaces of the default routes of both families', () => {
  assert.deepEqual(uplinksParse(IPV4, IPV6), ['eth0', 'wg0']);
  assert.deepEqual(uplinksParse('', ''), []);
});
