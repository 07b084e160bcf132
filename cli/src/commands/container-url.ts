import type { Container } from '@dollarbox/client';

const HTTP_PORT = 80;

/** Where a browser finds a container: on port 80, unless it says that it listens on others only; null: no address yet. */
export function containerUrl({ ipv6_address: address, ports }: Container): string | null {
  if (address === null) return null;
  const [first] = ports;
  const isPlain = first === undefined || ports.includes(HTTP_PORT);
  return isPlain ? `http://[${address}]/` : `http://[${address}]:${first}/`;
}
