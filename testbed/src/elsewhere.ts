/** Another machine, for tests as root: a network namespace behind a virtual cable, with public and private addresses. */
import { execFile, spawn } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { promisify } from 'node:util';

const PROGRAM = 'ip';

/** Runs `ip`, of iproute2, with these arguments. */
export async function ipRun(...words: string[]): Promise<void> {
  await promisify(execFile)(PROGRAM, words);
}

export interface Elsewhere {
  /** Addresses of documentation ranges, which all rules treat as public. */
  publicIpv4: string;
  publicIpv6: string;
  privateIpv4: string;
  privateIpv6: string;
  /** The test machine's own addresses on this side of the cable. */
  hostIpv4: string;
  hostIpv6: string;
  /** The namespace, for `ip netns`. */
  name: string;
  /** Makes it send packets for a network to the test machine. */
  routeAdd(cidr: string): Promise<void>;
  /** What it receives from a URL by HTTP; empty if nothing within two seconds. */
  read(url: string): Promise<string>;
  close(): Promise<void>;
}

/** Serves `elsewhere` over HTTP on any address, or what it receives itself from where `read` says. */
const SERVER = `
  const http = require('node:http');
  const server = () => http.createServer((request, reply) => {
    const url = new URL(request.url, 'http://elsewhere').searchParams.get('read');
    if (url === null) return reply.end('elsewhere');
    const reading = http.get(url, { timeout: 30_000, agent: false }, (found) => found.pipe(reply));
    reading.on('timeout', () => reading.destroy());
    reading.on('error', () => reply.end());
  });
  const ports = process.argv.slice(1).map(Number);
  let left = ports.length;
  for (const port of ports) server().listen(port, '::', () => --left || console.log('listening'));
`;

/** @param ports each is served over TCP. */
export async function elsewhereOpen(ports: readonly number[]): Promise<Elsewhere> {
  const name = `dbxt${randomBytes(4).toString('hex')}`;
  const [a, b] = [randomInt(1, 250), randomInt(1, 250)];
  const group = a.toString(16) + b.toString(16).padStart(2, '0');
  const places = {
    publicIpv4: [`203.0.113.${4 * randomInt(1, 60) + 2}`, 30],
    publicIpv6: [`2001:db8:${group}::2`, 64],
    privateIpv4: [`10.251.${a}.${(b & 0xfc) | 2}`, 30],
    privateIpv6: [`fd51:${group}::2`, 64],
  } as const;
  const near = (address: string) => address.replace(/2$/, '1');
  const pairs = Object.values(places).map(([address, prefix]) => ({
    far: `${address}/${prefix}`,
    near: `${address.includes(':') ? near(address) : ipv4Before(address)}/${prefix}`,
  }));
  // Removes the cable as well.
  const remove = () => ipRun('netns', 'delete', name);
  await ipRun('netns', 'add', name);
  try {
    await cableLay(name, pairs);
  } catch (error) {
    await remove();
    throw error;
  }
  const command = ['netns', 'exec', name, process.execPath, '-e', SERVER, ...ports.map(String)];
  const server = spawn(PROGRAM, command, { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(server.stdout, 'data');
  return {
    publicIpv4: places.publicIpv4[0],
    publicIpv6: places.publicIpv6[0],
    privateIpv4: places.privateIpv4[0],
    privateIpv6: places.privateIpv6[0],
    hostIpv4: ipv4Before(places.publicIpv4[0]),
    hostIpv6: near(places.publicIpv6[0]),
    name,
    async routeAdd(cidr) {
      const via = cidr.includes(':')
        ? near(places.publicIpv6[0])
        : ipv4Before(places.publicIpv4[0]);
      await ipRun('-n', name, 'route', 'add', cidr, 'via', via);
    },
    async read(url) {
      const server = `http://${places.publicIpv4[0]}:${ports[0]}/`;
      return (await fetch(`${server}?read=${encodeURIComponent(url)}`)).text();
    },
    async close() {
      server.kill('SIGKILL');
      if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
      await remove();
    },
  };
}

/** The addresses of both ends. */
type Pair = { far: string; near: string };

/** @param name of the namespace, and of the cable's end on this side. */
async function cableLay(name: string, pairs: readonly Pair[]): Promise<void> {
  await ipRun('link', 'add', name, 'type', 'veth', 'peer', 'name', 'cable', 'netns', name);
  for (const pair of pairs) {
    await ipRun('address', 'add', pair.near, 'dev', name, ...nodad(pair.near));
    const inside = ['-n', name, 'address', 'add', pair.far, 'dev', 'cable', ...nodad(pair.far)];
    await ipRun(...inside);
  }
  await ipRun('link', 'set', name, 'up');
  await ipRun('-n', name, 'link', 'set', 'cable', 'up');
}

function ipv4Before(address: string): string {
  const parts = address.split('.').map(Number);
  return [...parts.slice(0, 3), (parts[3] ?? 0) - 1].join('.');
}

/** Without duplicate address detection. */
function nodad(address: string): string[] {
  return address.includes(':') ? ['nodad'] : [];
}
