/** The tool for attacks inside a container: a Perl that can make any system call by its number. */
import { debianRoot } from '@dollarbox/host/apt';
import { imageAssemble, layerAssemble } from '@dollarbox/testbed/image-assemble';
import { busyboxLayer, imageLoad } from '@dollarbox/testbed/images';
import { libraryEntries, programEntry } from '@dollarbox/testbed/rootfs';
import type Docker from 'dockerode';
import type { ContainerObservation } from '../contract.ts';
import type { AttackHost } from './attack-host.ts';

const REFERENCE = 'dollarbox-test/attack-tools:1';
const IDLE = ['/bin/sh', '-c', 'while :; do sleep 3600 & wait $!; done'];

async function toolsImage(docker: Docker): Promise<string> {
  const root = await debianRoot(['perl-base']);
  const perl = [
    await programEntry(root, 'usr/bin/perl'),
    ...(await libraryEntries(root, 'usr/bin/perl')),
  ];
  const layers = [await busyboxLayer(), await layerAssemble(perl)];
  await imageLoad(docker, REFERENCE, imageAssemble(layers, { Env: ['PATH=/bin:/usr/bin'] }));
  return REFERENCE;
}

/** A container of the attacker that has the tools and idles. */
export async function attackerStart(host: AttackHost): Promise<ContainerObservation> {
  const image = await toolsImage(host.docker);
  return host.apply(await host.spec(image, { command: IDLE }));
}

/** Runs a Perl program in a container. @returns its output. */
export function perl(host: AttackHost, ref: string, program: string): Promise<string> {
  return host.inside(ref, `perl -e '${program.replaceAll(/\s*\n\s*/g, ' ')}'`);
}

/** A Perl expression for a `struct sockaddr_in6`. @param address an expression for its 16 bytes. */
export function sockaddrIn6(port: number, address: string): string {
  return `pack("SnN", 10, ${port}, 0) . ${address} . pack("N", 0)`;
}

/** A Perl expression for an address's 16 bytes. */
export function ipv6Bytes(address: string): string {
  const [head = '', tail = ''] = address.split('::');
  const groups = (text: string) => text.split(':').filter((group) => group !== '');
  const [before, after] = [groups(head), groups(tail)];
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  const hex = [...before, ...zeros, ...after].map((group) => group.padStart(4, '0')).join('');
  return `pack("H32", "${hex}")`;
}
