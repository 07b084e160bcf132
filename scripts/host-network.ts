/**
 * The network setup of this machine, as lines of text that can be compared. A run of the tests must leave it unchanged.
 * Counters, timers, neighbours and what the kernel maintains by itself are left out, and so are the containers' own
 * interfaces.
 */
import { execFile } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { promisify } from 'node:util';

const run = promisify(execFile);
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;
const COMMAND_TIMEOUT_MS = 60_000;

export interface HostNetwork {
  /** Links, addresses, routes and packet filter rules, one per line. A fact that occurs twice has two lines. */
  facts: string[];
  /** Kernel settings by path below /proc/sys/net. */
  settings: Map<string, string>;
}

/** Names that belong to other programs on the machine, which come and go while the tests run. */
export interface Others {
  /** Whether a network interface belongs to another program. */
  ownsInterface(name: string): boolean;
  /** Whether a packet filter table, or a rule with this comment, belongs to another program. */
  ownsTable(name: string): boolean;
}

interface Link {
  ifname: string;
  mtu?: number;
  master?: string;
  flags?: string[];
  linkinfo?: { info_kind?: string };
  addr_info?: {
    family: string;
    local: string;
    prefixlen: number;
    scope: string;
    dynamic?: boolean;
  }[];
}

interface Route {
  dst?: string;
  type?: string;
  gateway?: string;
  dev?: string;
  table?: string;
  protocol?: string;
}

interface Rule {
  priority: number;
  [part: string]: unknown;
}

/** @returns null if the programs that show the network are missing or may not be used. */
export async function hostNetworkRead(): Promise<HostNetwork | null> {
  try {
    const links = await ipShow<Link[]>('-details', 'address');
    const containerLinks = new Set(
      links.filter(({ linkinfo }) => linkinfo?.info_kind === 'veth').map(({ ifname }) => ifname),
    );
    const hostLinks = links.filter(({ ifname }) => !containerLinks.has(ifname));
    const routes = [
      ...(await ipShow<Route[]>('-4', 'route', 'show', 'table', 'all')),
      ...(await ipShow<Route[]>('-6', 'route', 'show', 'table', 'all')),
    ].filter(({ dev = '' }) => !containerLinks.has(dev));
    const rules = [
      ...(await ipShow<Rule[]>('-4', 'rule')).map((rule) => ruleFact(4, rule)),
      ...(await ipShow<Rule[]>('-6', 'rule')).map((rule) => ruleFact(6, rule)),
    ];
    return {
      facts: [
        ...hostLinks.flatMap(linkFacts),
        ...routes.flatMap(routeFact),
        ...rules,
        ...(await packetFilterFacts()),
      ].toSorted(),
      settings: settingsRead(hostLinks.map(({ ifname }) => ifname)),
    };
  } catch (error) {
    // The program is missing, or this user may not use it.
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
}

/** @returns what has changed, one line each; empty if the network is unchanged. */
export function hostNetworkChanges(
  before: HostNetwork,
  after: HostNetwork,
  others: Others,
): string[] {
  const isOurs = (fact: string): boolean => !isOf(others, fact);
  const gone = without(before.facts, after.facts).filter(isOurs);
  const added = without(after.facts, before.facts).filter(isOurs);
  const changed = [...before.settings].flatMap(([name, value]) => {
    const now = after.settings.get(name) ?? value;
    if (now === value || !isOurs(`setting ${name}`)) return [];
    return [`changed: net/${name} from ${value} to ${now}`];
  });
  return [
    ...gone.map((fact) => `gone: ${fact}`),
    ...added.map((fact) => `added: ${fact}`),
    ...changed,
  ];
}

/** Whether a line names an interface or a table of another program. */
function isOf(others: Others, fact: string): boolean {
  const words = fact.split(/[\s",/*]+/);
  return words.some((word) => others.ownsInterface(word) || others.ownsTable(word));
}

/** The lines of `lines` that are missing in `others`, as many times as they are missing there. */
function without(lines: readonly string[], others: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const line of others) counts.set(line, (counts.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    const count = counts.get(line) ?? 0;
    counts.set(line, count - 1);
    return count <= 0;
  });
}

function linkFacts({ ifname, mtu, master, flags = [], addr_info = [] }: Link): string[] {
  const state = flags.includes('UP') ? 'up' : 'down';
  const addresses = addr_info
    // The kernel assigns link-local addresses as soon as a link has a carrier; routers announce dynamic ones.
    .filter(({ local, dynamic }) => !local.startsWith('fe80:') && dynamic !== true)
    .map(({ local, prefixlen }) => `address ${local}/${prefixlen} on ${ifname}`);
  return [`link ${ifname} ${state}, mtu ${mtu}, of ${master ?? 'nothing'}`, ...addresses];
}

function routeFact({ dst = '?', type, gateway, dev = 'nothing', table, protocol }: Route) {
  // The kernel maintains the routes to its own addresses and to all on a link; routers announce others.
  const isKernels = table === 'local' || type === 'multicast' || type === 'anycast';
  if (isKernels || dst.startsWith('fe80:') || dst === 'ff00::/8' || protocol === 'ra') return [];
  const via = gateway === undefined ? '' : ` via ${gateway}`;
  return [`route to ${dst}${via} on ${dev}, table ${table ?? 'main'}`];
}

function ruleFact(family: number, { priority, ...parts }: Rule): string {
  const said = Object.entries(parts).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  return `IPv${family} rule ${priority}: ${said.join(' ')}`;
}

/** The output of nftables, if it is installed, and the rules of an iptables that does not use it. */
async function packetFilterFacts(): Promise<string[]> {
  const nft = await outputOf('nft', ['--stateless', 'list', 'ruleset']);
  const legacy = await Promise.all(
    ['iptables-legacy-save', 'ip6tables-legacy-save'].map((command) => outputOf(command, [])),
  );
  return [...nftFacts(nft), ...legacy.flatMap(iptablesFacts)];
}

/**
 * Each rule with the table and the chain or set that it belongs to. What has no effect is left out: tables, chains and
 * policies that let everything pass, which programs leave behind. Docker's rules for ports of containers are left out
 * too.
 */
export function nftFacts(ruleset: string): string[] {
  const facts: string[] = [];
  let path: string[] = [];
  for (const line of ruleset.split('\n').map((text) => text.trim())) {
    if (line === '' || line.startsWith('#') || line.endsWith('policy accept;')) continue;
    if (line === '}') path = path.slice(0, -1);
    else if (line.endsWith('{')) path = [...path, line.slice(0, -1).trim()];
    else if (!isContainerPort(line)) {
      facts.push(`${path.join(' ')}: ${line.replace(/\bcounter | (expires|timeout) \S+/g, '')}`);
    }
  }
  return facts;
}

function iptablesFacts(saved: string): string[] {
  let table = '';
  return saved.split('\n').flatMap((line) => {
    if (line.startsWith('*')) table = line.slice(1);
    // A chain that the administrator created has no policy and, by itself, no effect.
    const isIdle = / (ACCEPT|-) \[/.test(line);
    if (!/^[-:]/.test(line) || isIdle || isContainerPort(line)) return [];
    return [`table ${table} of iptables-legacy: ${line.replace(/ \[\d+:\d+\]$/, '')}`];
  });
}

function isContainerPort(rule: string): boolean {
  return /\bdport\b/.test(rule);
}

function settingsRead(links: readonly string[]): Map<string, string> {
  const perLink = {
    ipv4: [
      ...['forwarding', 'rp_filter', 'route_localnet', 'proxy_arp', 'arp_ignore'],
      ...['accept_redirects', 'send_redirects'],
    ],
    ipv6: [
      'forwarding',
      'disable_ipv6',
      'accept_ra',
      'accept_redirects',
      'proxy_ndp',
      'accept_dad',
    ],
  };
  const bridge = readFolder('/proc/sys/net/bridge').map((name) => `bridge/${name}`);
  const paths = ['ipv4/ip_forward', 'ipv4/ip_local_port_range', 'ipv6/bindv6only', ...bridge];
  for (const link of ['all', 'default', ...links]) {
    for (const [family, names] of Object.entries(perLink)) {
      paths.push(...names.map((name) => `${family}/conf/${link}/${name}`));
    }
  }
  return new Map(
    paths.flatMap((path) => {
      try {
        return [[path, readFileSync(`/proc/sys/net/${path}`, 'utf8').trim()] as const];
      } catch {
        return [];
      }
    }),
  );
}

function readFolder(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

async function ipShow<T>(...args: string[]): Promise<T> {
  const { stdout } = await run('ip', ['-json', ...args], commandOptions());
  return JSON.parse(stdout === '' ? '[]' : stdout) as T;
}

/** Empty if there is no such program. */
async function outputOf(command: string, args: readonly string[]): Promise<string> {
  try {
    return (await run(command, args, commandOptions())).stdout;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

function commandOptions() {
  const PATH = `${process.env['PATH'] ?? ''}:/usr/local/sbin:/usr/sbin:/sbin`;
  return {
    env: { ...process.env, PATH, LC_ALL: 'C' },
    maxBuffer: OUTPUT_BYTES_MAX,
    timeout: COMMAND_TIMEOUT_MS,
  };
}
