/** What a test sees when it connects to a container of a fake world. */
import type { FakeWorld } from './world.ts';

/**
 * Answers as the `web` test image does: `/` with the name and `$GREETING`, `/cgi-bin/environ` with the environment.
 * @throws if no running container has that address on its network, or it does not listen on `port`.
 */
export function fakeRead(world: FakeWorld, address: string, port: number, path: string): string {
  for (const { spec, state, connected, image, address: own } of world.containers.values()) {
    if (own !== address || state !== 'running' || !connected) continue;
    const ports = spec.ports.length > 0 ? spec.ports : (image.exposedPorts ?? []);
    if (!ports.includes(port)) break;
    if (path !== '/cgi-bin/environ') return `web ${spec.name} ${spec.env['GREETING'] ?? ''}\n`;
    return Object.entries(spec.env)
      .map(([name, value]) => `${name}=${value}\0`)
      .join('');
  }
  throw new Error(`Nothing answers at [${address}]:${port}.`);
}
