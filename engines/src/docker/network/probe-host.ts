/** The host's side of the isolation probe: a listener on the host, and connections from it. */
import { once } from 'node:events';
import { type Server, connect, createServer, isIPv4 } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { HostAddress } from './host-network.ts';
import type { ProbePath, ProbeResult } from './probe-report.ts';

/** The port on which probe containers listen. */
export const CONTAINER_PORT = 8080;
const CONTROL_WAIT_MS = 10_000;
const CONTROL_POLL_MS = 50;
/** A host with more addresses has them on networks like those that are probed. */
const HOST_ADDRESSES_MAX = 40;

/** @returns the listener on all of the host's addresses, of both families if both exist. */
export async function listenOnHost(token: string): Promise<Server> {
  const server = createServer((socket) => {
    // A probe that hangs up early already has its answer.
    socket.on('error', () => undefined);
    socket.end(token);
  });
  server.listen({ host: '::', port: 0 });
  await once(server, 'listening');
  return server;
}

/** Whether a container's listener is reached from the host. It may take a moment to listen. */
export async function hostControl(
  run: { token: string; signal: AbortSignal },
  address: string,
): Promise<ProbeResult> {
  const path: ProbePath = { kind: 'control', from: 'host', address };
  for (let waitedMs = 0; waitedMs <= CONTROL_WAIT_MS; waitedMs += CONTROL_POLL_MS) {
    if (await reachesFromHost(address, run.token)) return { path, isReached: true };
    await delay(CONTROL_POLL_MS, undefined, { signal: run.signal });
  }
  return { path, isReached: false };
}

function reachesFromHost(host: string, token: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port: CONTAINER_PORT, timeout: 1000 });
    let said = '';
    socket.setEncoding('utf8').on('data', (text: string) => (said += text));
    socket.on('timeout', () => socket.destroy());
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(said === token));
  });
}

/**
 * The host's addresses that a container on `bridge` can try: at most 40, of each family at least 20 if it has them.
 * @param spared addresses that are omitted.
 */
export function probedAddresses(
  addresses: readonly HostAddress[],
  bridge: string,
  spared: ReadonlySet<string>,
): string[] {
  const probed = addresses.flatMap((each) => {
    if (!each.address.startsWith('fe80:')) return spared.has(each.address) ? [] : [each.address];
    // Link-local: the container's only interface leads only to this address.
    return each.interface === bridge ? [`${each.address}%eth0`] : [];
  });
  const ofFamily = Map.groupBy(new Set(probed), isIPv4);
  const [ipv4, ipv6] = [ofFamily.get(true) ?? [], ofFamily.get(false) ?? []];
  const half = HOST_ADDRESSES_MAX / 2;
  const someIpv6 = ipv6.slice(0, Math.max(half, HOST_ADDRESSES_MAX - ipv4.length));
  return [...ipv4.slice(0, HOST_ADDRESSES_MAX - someIpv6.length), ...someIpv6];
}
