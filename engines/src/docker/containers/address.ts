/** The address of a container on an engine that does not assign any. */
import { EngineError } from '../../contract.ts';
import type { ContainerSpec } from '../../contract.ts';

/** @throws EngineError `address_missing` if the spec names no address. */
export function givenAddress({ ipv6Address }: Pick<ContainerSpec, 'ipv6Address'>): string {
  if (ipv6Address !== null) return ipv6Address;
  const message = 'The container has no address, and this engine assigns none.';
  throw new EngineError('permanent', 'address_missing', message);
}
