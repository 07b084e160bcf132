import { DomainError } from './domain-error.ts';

/** The eight numbers of an IPv6 address that is written without dots. */
export function ipv6Groups(address: string): number[] {
  const [head = '', tail = ''] = address.split('::');
  const groupsOf = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
  const [start, end] = [groupsOf(head), groupsOf(tail)];
  return [...start, ...Array<number>(8 - start.length - end.length).fill(0), ...end];
}

/**
 * The n-th /64 of an installation's prefix.
 * @param prefix as PostgreSQL writes a `cidr`: `fd12:3456:789a::/48`, /32 to /63.
 * @throws DomainError if the prefix has no such /64.
 */
export function ipv6SubnetAt(prefix: string, number: number): string {
  if (number < 0 || number >= subnetCount(prefix)) throw noRoom(prefix);
  const groups = ipv6Groups(prefix.split('/')[0] ?? '');
  groups[3] = (groups[3] ?? 0) + number;
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`;
}

/**
 * The /64s of a prefix that an org may get, starting with that of the org's number. A short prefix has fewer /64s than
 * there are numbers. The first /64 is reserved for the host.
 * @throws DomainError after the last.
 */
export function* ipv6SubnetsFrom(prefix: string, number: number): Generator<string> {
  const room = subnetCount(prefix) - 1;
  for (let passed = 0; passed < room; passed += 1) {
    yield ipv6SubnetAt(prefix, 1 + ((number - 1 + passed) % room));
  }
  throw noRoom(prefix);
}

/** The number of /64s in the prefix, or of the numbers for orgs if that is smaller. */
function subnetCount(prefix: string): number {
  return Math.min(2 ** (64 - Number(prefix.split('/')[1])), 65_536);
}

function noRoom(prefix: string): DomainError {
  const room = subnetCount(prefix) - 1;
  return new DomainError(
    'prefix_full',
    `The IPv6 prefix ${prefix} has room for ${room} orgs, and all is taken: set IPV6_PREFIX to another one for those to come.`,
  );
}
