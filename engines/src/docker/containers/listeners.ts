/** Finds out which addresses a container's processes listen on. Works only if the engine runs on this machine. */
import { readFile } from 'node:fs/promises';
import type { ContainerWarning } from '../../contract.ts';

/** `TCP_LISTEN` of Linux. */
const LISTENS = '0A';
const ANY_IPV4 = '00000000';
/** The hexadecimal form of ::1, in four words of the machine's byte order. */
const LOOPBACK_IPV6 = '00000000000000000000000001000000';
/** More ports than anybody reads. */
const PORTS_SHOWN = 5;

/**
 * @param table `/proc/<pid>/net/tcp` or `tcp6`.
 * @returns the local addresses and ports of listening sockets.
 */
function listenersParse(table: string): { address: string; port: number }[] {
  return table.split('\n').flatMap((line) => {
    const [, local = '', , state] = line.trim().split(/\s+/);
    const [address, port] = local.split(':');
    if (state !== LISTENS || address === undefined || port === undefined) return [];
    return [{ address, port: Number.parseInt(port, 16) }];
  });
}

/**
 * @param tcp `/proc/<pid>/net/tcp`
 * @param tcp6 `/proc/<pid>/net/tcp6`
 * @returns the ports on which every IPv4 address answers and no IPv6 address does, in order.
 */
export function ipv4OnlyPorts(tcp: string, tcp6: string): number[] {
  const ipv6 = listenersParse(tcp6).filter(({ address }) => address !== LOOPBACK_IPV6);
  const answered = new Set(ipv6.map(({ port }) => port));
  const ports = listenersParse(tcp)
    .filter(({ address, port }) => address === ANY_IPV4 && !answered.has(port))
    .map(({ port }) => port);
  return [...new Set(ports)].toSorted((a, b) => a - b);
}

/** @returns null if it listens on IPv6 too, or on nothing. */
export function listenerWarning(ports: readonly number[]): ContainerWarning | null {
  if (ports.length === 0) return null;
  const shown = ports.slice(0, PORTS_SHOWN).join(', ');
  const where = ports.length === 1 ? `Port ${shown}` : `Ports ${shown}`;
  const more = ports.length > PORTS_SHOWN ? ' and more' : '';
  const message = `${where}${more}: the process listens on IPv4 only: bind to [::]. The container's ipv6_address refuses connections there.`;
  return { code: 'ipv4_only_listener', message };
}

/**
 * @param pid of its first process, as Docker reports it.
 * @returns null if it can't be told here: this process may see other processes than Docker does.
 */
export async function warningsRead(ref: string, pid: number): Promise<ContainerWarning[] | null> {
  try {
    const read = (file: string) => readFile(`/proc/${pid}/${file}`, 'utf8');
    // Docker mounts files of the container's own folder into it.
    if (!(await read('mountinfo')).includes(ref)) return null;
    const [tcp, tcp6] = [await read('net/tcp'), await read('net/tcp6').catch(() => '')];
    const warning = listenerWarning(ipv4OnlyPorts(tcp, tcp6));
    return warning === null ? [] : [warning];
  } catch {
    // It has ended, or belongs to someone whose processes this one may not look at.
    return null;
  }
}
