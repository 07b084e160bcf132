import { OperatorError } from '../errors.ts';

/**
 * The n-th /64 of an installation's prefix.
 * @param prefix as PostgreSQL writes a `cidr`: `fd12:3456:789a::/48`, /48 to /63.
 * @throws OperatorError when the prefix has no such /64.
 */
export function ipv6SubnetAt(prefix: string, number: number): string {
  const [address = '', length = '64'] = prefix.split('/');
  const count = 2 ** (64 - Number(length));
  if (number < 0 || number >= count) {
    throw new OperatorError(
      `The IPv6 prefix ${prefix} has room for ${count - 1} orgs, and all is taken.`,
    );
  }
  const [head = '', tail = ''] = address.split('::');
  const groupsOf = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
  const [start, end] = [groupsOf(head), groupsOf(tail)];
  const groups = [...start, ...Array<number>(8 - start.length - end.length).fill(0), ...end];
  groups[3] = (groups[3] ?? 0) + number;
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`;
}
