/** Interprets the isolation probe's connections: no calls, no state. */
import type { IsolationReport } from '../../contract.ts';

/** The direction in which a connection was tried. */
export type ProbePath =
  /** Between containers of one network, and from the host to a container: must succeed. */
  | { kind: 'control'; from: 'container' | 'host'; address: string }
  /** To the host's own listeners, and to a container of another network: must fail. */
  | { kind: 'host'; address: string }
  | { kind: 'other'; address: string };

export interface ProbeResult {
  path: ProbePath;
  isReached: boolean;
}

function family(address: string): string {
  return address.includes(':') ? 'IPv6' : 'IPv4';
}

function sentence({ path }: ProbeResult): string {
  const { address } = path;
  if (path.kind === 'host') {
    return `A container reached a listener of the host's own at ${address} (${family(address)}).`;
  }
  if (path.kind === 'other') {
    return `A container reached another org's container at ${address} (${family(address)}).`;
  }
  return path.from === 'host'
    ? `The host could not reach a container at ${address} (${family(address)}).`
    : `A container could not reach its neighbour at ${address} (${family(address)}).`;
}

/** The report of a probe that could not run. */
export function unknownReport(reason: string): IsolationReport {
  return {
    state: 'unknown',
    findings: [`Isolation could not be probed: ${reason}`],
    remedies: ['Remove the cause and start again, or accept it with ISOLATION=weak.'],
  };
}

/** @param firewallFault why the host's own rules are not in place; null if they are. */
export function isolationReport(
  results: readonly ProbeResult[],
  firewallFault: string | null,
): IsolationReport {
  const reached = results.filter(({ path, isReached }) => path.kind !== 'control' && isReached);
  const silent = results.filter(({ path, isReached }) => path.kind === 'control' && !isReached);
  if (reached.length === 0 && silent.length === 0) {
    return { state: 'isolated', findings: [], remedies: [] };
  }
  const findings = [...reached, ...silent].map(sentence);
  if (reached.length === 0) {
    const remedies = [
      "Let the host and containers of one network reach each other: look at the rules of the host's own firewall.",
    ];
    return { state: 'unknown', findings, remedies };
  }
  const remedies: string[] = [];
  if (firewallFault !== null) {
    remedies.push(
      `Run this process as root on the Docker engine's machine, with nftables installed: ${firewallFault}`,
    );
  }
  const isOther = (version: string) =>
    reached.some(({ path }) => path.kind === 'other' && family(path.address) === version);
  if (isOther('IPv6')) {
    remedies.push(
      'Set "ip6tables": true and "experimental": true in /etc/docker/daemon.json, and restart Docker.',
    );
  }
  if (isOther('IPv4')) {
    remedies.push('Remove "iptables": false from /etc/docker/daemon.json, and restart Docker.');
  }
  if (remedies.length === 0) {
    remedies.push("Look for rules of the host's own that let Docker's bridges through.");
  }
  return { state: 'weak', findings, remedies };
}
