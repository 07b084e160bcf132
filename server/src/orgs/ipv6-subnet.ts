import { OperatorError } from '../errors.ts';

/** The eight numbers that an IPv6 address without dots is made of. */
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
 * @throws OperatorError when the prefix has no such /64.
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
 * The /64s of a prefix in which an org may be, from its number's own on: a short prefix has room for fewer than
 * there are numbers. The very first is left to the host.
 * @throws OperatorError after the last.
 */
export function* ipv6SubnetsFrom(prefix: string, number: number): Generator<string> {
  const room = subnetCount(prefix) - 1;
  for (let passed = 0; passed < room; passed += 1) {
    yield ipv6SubnetAt(prefix, 1 + ((number - 1 + passed) % room));
  }
  throw noRoom(prefix);
}

/** As many as there are, or as there are numbers for orgs. */
function subnetCount(prefix: string): number {
  return Math.min(2 ** (64 - Number(prefix.split('/')[1])), 65_536);
}

function noRoom(prefix: string): OperatorError {
  const room = subnetCount(prefix) - 1;
  return new OperatorError(
    `The IPv6 prefix ${prefix} has room for ${room} orgs, and all is taken: set IPV6_PREFIX to another one for those to come.`,
  );
}
