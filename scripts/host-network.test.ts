import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { type HostNetwork, hostNetworkChanges, nftFacts } from './host-network.ts';

const NOBODY = { ownsInterface: () => false, ownsTable: () => false };

function network(facts: string[], settings: Record<string, string> = {}): HostNetwork {
  return { facts, settings: new Map(Object.entries(settings)) };
}

test('what was removed, added or changed is named', () => {
  const before = network(['link docker0 up', 'rule a', 'rule a'], { 'ipv4/ip_forward': '1' });
  const after = network(['rule a', 'link new0 up'], { 'ipv4/ip_forward': '0' });
  assert.deepEqual(hostNetworkChanges(before, before, NOBODY), []);
  assert.deepEqual(hostNetworkChanges(before, after, NOBODY), [
    'gone: link docker0 up',
    'gone: rule a',
    'added: link new0 up',
    'changed: net/ipv4/ip_forward from 1 to 0',
  ]);
});

test('settings that come with a kernel module, or go with a link, are no changes', () => {
  const before = network([], { 'ipv4/conf/gone0/forwarding': '1' });
  const after = network([], { 'bridge/bridge-nf-call-iptables': '1' });
  assert.deepEqual(hostNetworkChanges(before, after, NOBODY), []);
});

test('what belongs to other programs is left out', () => {
  const others = {
    ownsInterface: (name: string) => name === 'br-theirs',
    ownsTable: (name: string) => name === 'dollarbox_theirs',
  };
  const after = network([
    'link br-theirs up',
    'route to 10.1.0.0/26 on br-theirs, table main',
    'table ip filter chain FORWARD: iifname "br-theirs" accept',
    'table inet dollarbox_theirs chain forward: drop',
    'table ip6 filter chain FORWARD: accept comment /* dollarbox_theirs */',
    'table inet dollarbox_ours chain forward: drop',
  ]);
  assert.deepEqual(hostNetworkChanges(network([]), after, others), [
    'added: table inet dollarbox_ours chain forward: drop',
  ]);
});

test('a rule is identified by its table and chain, not by its counters', () => {
  const facts = nftFacts(`table ip filter {
	chain FORWARD {
		type filter hook forward priority filter; policy drop;
		counter jump DOCKER-USER
		iifname "docker0" counter accept
	}

	chain INPUT {
		type filter hook input priority filter; policy accept;
	}

	chain DOCKER {
		ip daddr 172.17.0.2 iifname != "docker0" tcp dport 80 counter accept
	}
}`);
  assert.deepEqual(facts, [
    'table ip filter chain FORWARD: type filter hook forward priority filter; policy drop;',
    'table ip filter chain FORWARD: jump DOCKER-USER',
    'table ip filter chain FORWARD: iifname "docker0" accept',
  ]);
});

/** What a shell command changes in a network namespace of its own. */
function changesOf(command: string): string[] {
  const script = `
    import { execFileSync } from 'node:child_process';
    import { hostNetworkChanges, hostNetworkRead } from ${JSON.stringify(import.meta.resolve('./host-network.ts'))};
    execFileSync('sh', ['-ec', 'ip link set lo up; ip link add old0 type bridge']);
    const before = await hostNetworkRead();
    execFileSync('sh', ['-ec', ${JSON.stringify(command)}]);
    const after = await hostNetworkRead();
    const nobody = { ownsInterface: () => false, ownsTable: () => false };
    console.log(JSON.stringify(hostNetworkChanges(before, after, nobody)));`;
  const node = [process.execPath, '--input-type=module', '-e', script];
  return JSON.parse(execFileSync('unshare', ['--net', '--', ...node], { encoding: 'utf8' }));
}

test(
  'links, addresses, routes, rules and settings of a machine are seen',
  { skip: process.getuid?.() === 0 ? false : 'a network of its own needs root' },
  () => {
    assert.deepEqual(changesOf('true'), []);
    assert.deepEqual(changesOf('ip link delete old0'), [
      'gone: link old0 down, mtu 1500, of nothing',
    ]);
    const commands = [
      'ip link add new0 type bridge; ip address add 10.9.0.1/24 dev new0; ip link set new0 up',
      'ip route add 10.10.0.0/16 via 10.9.0.2; ip rule add from 10.9.0.0/24 table 77',
      'nft add table inet t; nft add chain inet t c; nft add rule inet t c counter drop',
      'echo 1 > /proc/sys/net/ipv4/conf/old0/proxy_arp',
    ];
    const changes = changesOf(commands.join('\n')).join('\n');
    for (const part of [
      /added: link new0 up/,
      /added: address 10\.9\.0\.1\/24 on new0/,
      /added: route to 10\.10\.0\.0\/16 via 10\.9\.0\.2 on new0/,
      /added: IPv4 rule \d+: .*10\.9\.0\.0.*77/,
      /added: table inet t chain c: drop/,
      /changed: net\/ipv4\/conf\/old0\/proxy_arp from 0 to 1/,
    ]) {
      assert.match(changes, part);
    }
  },
);
