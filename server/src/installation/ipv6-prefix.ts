import { sql } from 'kysely';
import type { Logger } from 'pino';
import type { Db } from '../db/database.ts';
import { installationRead } from './store.ts';

/** Every IPv6 address. */
const ALL_IPV6 = '::/0';

/** The prefix from which new orgs get their networks, and the addresses that others can't reach. */
export interface Ipv6Prefix {
  /** The container addresses that other machines must not reach, as last read: a CIDR. */
  closed(): string;
  /** Checks whether another process has since started with a different prefix. All processes use the latest one. */
  follow(): Promise<void>;
}

/**
 * Makes the prefix of this start the installation's prefix, and logs what stays unchanged: existing orgs keep their
 * networks.
 * @param wanted the operator's own prefix in its short form, or null for the installation's random one.
 */
export async function ipv6PrefixOpen(
  db: Db,
  wanted: string | null,
  log: Logger,
): Promise<Ipv6Prefix> {
  const { ipv6_routed_prefix: was } = await installationRead(db);
  const changed = await db
    .updateTable('installation')
    .set({ ipv6_routed_prefix: wanted })
    .where(sql<boolean>`ipv6_routed_prefix is distinct from ${wanted}::cidr`)
    .executeTakeFirst();
  let { ipv6_prefix: own, ipv6_routed_prefix: routed } = await installationRead(db);
  if (changed.numUpdatedRows > 0n || wanted !== null) {
    const fields = { prefix: routed ?? own, was, orgsOutside: await orgsOutside(db) };
    if (wanted === null) {
      log.warn(fields, 'IPV6_PREFIX is not set any more: no other machine reaches a container');
    } else if (was !== null && changed.numUpdatedRows > 0n) {
      log.warn(fields, 'IPV6_PREFIX is another one now: orgs that were there keep their addresses');
    } else {
      log.info(fields, 'new orgs get their networks of IPV6_PREFIX; those outside keep theirs');
    }
  }
  return {
    closed: () => (routed === null ? ALL_IPV6 : own),
    async follow() {
      const { ipv6_routed_prefix: now } = await installationRead(db);
      if (now === routed) return;
      routed = now;
      log.warn(
        { prefix: now, ofThisProcess: wanted },
        'a process was started with another IPV6_PREFIX, which all go by now: start all with the same',
      );
    },
  };
}

async function orgsOutside(db: Db): Promise<number> {
  const { count } = await db
    .selectFrom(['orgs', 'installation'])
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where(sql<boolean>`not ipv6_subnet <<= coalesce(ipv6_routed_prefix, ipv6_prefix)`)
    .executeTakeFirstOrThrow();
  return count;
}
