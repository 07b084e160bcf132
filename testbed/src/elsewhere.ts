/** Another machine, for tests as root: a network namespace behind a virtual cable, with public and private addresses. */
import { execFile, spawn } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { promisify } from 'node:util';

const PROGRAM = 'ip';
/** The /30 networks of 203.0.113.0/24, without the first and the last few. */
const BLOCKS = { first: 1, end: 60 };

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
  /** What it receives from a URL by HTTP; empty if nothing within ten seconds. */
  read(url: string): Promise<string>;
  close(): Promise<void>;
}

/** Serves `elsewhere` over HTTP on any address, or what it receives itself from where `read` says. */
const SERVER = `
  const http = require('node:http');
  const server = () => http.createServer((request, reply) => {
    const url = new URL(request.url, 'http://elsewhere').searchParams.get('read');
    if (url === null) return reply.end('elsewhere');
    const reading = http.get(url, { timeout: 10_000, agent: false }, (found) => found.pipe(reply));
    reading.on('timeout', () => reading.destroy());
    reading.on('error', () => reply.end());
  });
  const ports = process.argv.slice(1).map(Number);
  let left = ports.length;
  for (const port of ports) server().listen(port, '::', () => --left || console.log('listening'));
`;

/**
 * Opens another machine. Several may be open at once, also of several processes.
 * @param ports each is served over TCP.
 */
export async function elsewhereOpen(ports: readonly number[]): Promise<Elsewhere> {
  const name = `dbxt${randomBytes(4).toString('hex')}`;
  await ipRun('netns', 'add', name);
  const { cable, block } = await cableAdd(name).catch(async (error: unknown) => {
    await ipRun('netns', 'delete', name);
    throw error;
  });
  const group = (0xe000 + block).toString(16);
  const places = {
    publicIpv4: [`203.0.113.${4 * block + 2}`, 30],
    publicIpv6: [`2001:db8:${group}::2`, 64],
    privateIpv4: [`10.251.${block}.2`, 30],
    privateIpv6: [`fd51:${group}::2`, 64],
  } as const;
  const near = (address: string) => address.replace(/2$/, '1');
  const pairs = Object.values(places).map(([address, prefix]) => ({
    far: `${address}/${prefix}`,
    near: `${address.includes(':') ? near(address) : ipv4Before(address)}/${prefix}`,
  }));
  const remove = async () => {
    // The kernel removes a deleted namespace's devices and addresses later, and only then frees the addresses.
    await ipRun('link', 'delete', cable);
    await ipRun('netns', 'delete', name);
  };
  try {
    await cableConnect(name, cable, pairs);
  } catch (error) {
    await remove();
    throw error;
  }
  const command = ['netns', 'exec', name, process.execPath, '-e', SERVER, ...ports.map(String)];
  const server = spawn(PROGRAM, command, { stdio: ['ignore', 'pipe', 'inherit'] });
  const hasEnded = () => server.exitCode !== null || server.signalCode !== null;
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
      if (hasEnded()) throw new Error(`elsewhere’s server ended (${server.exitCode})`);
      const base = `http://${places.publicIpv4[0]}:${ports[0]}/`;
      return (await fetch(`${base}?read=${encodeURIComponent(url)}`)).text();
    },
    async close() {
      server.kill('SIGKILL');
      if (!hasEnded()) await once(server, 'exit');
      await remove();
    },
  };
}

/** The addresses of both ends. */
type Pair = { far: string; near: string };

/**
 * Adds a cable whose name holds a number that no other cable of this machine has at the same time.
 * @param namespace that its far end is put into.
 */
async function cableAdd(namespace: string): Promise<{ cable: string; block: number }> {
  const count = BLOCKS.end - BLOCKS.first;
  const start = randomInt(count);
  for (let tries = 0; tries < count; tries += 1) {
    const block = BLOCKS.first + ((start + tries) % count);
    const cable = `dbxtcable${block}`;
    const far = ['type', 'veth', 'peer', 'name', 'cable', 'netns', namespace];
    try {
      await ipRun('link', 'add', cable, ...far);
      return { cable, block };
    } catch (error) {
      if (!String(error).includes('File exists')) throw error;
    }
  }
  throw new Error(`all ${count} cables to namespaces are in use: ip link show`);
}

/** @param cable the end on this side. */
async function cableConnect(name: string, cable: string, pairs: readonly Pair[]): Promise<void> {
  for (const pair of pairs) {
    await ipRun('address', 'add', pair.near, 'dev', cable, ...nodad(pair.near));
    const inside = ['-n', name, 'address', 'add', pair.far, 'dev', 'cable', ...nodad(pair.far)];
    await ipRun(...inside);
  }
  await ipRun('link', 'set', cable, 'up');
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
