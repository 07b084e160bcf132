/**
 * Lets IPv6 packets from other machines through Docker's filter to our bridges. It only opens Docker's filter: our
 * own table (firewall-rules.ts) also sees these packets and decides which may pass.
 */
import { readFile } from 'node:fs/promises';
import { HostCommandError, hostCommandRun } from '../daemon/host-command.ts';
import { bridgePrefix, firewallTable } from '../base/names.ts';
import type { DockerContext } from '../base/options.ts';

const DEADLINE_MS = 10_000;
/** How long to wait for another program that has locked the tables, in seconds. */
const LOCK_WAIT_S = '5';

/** Every IPv6 address: nothing is open to other machines. */
export const ALL_IPV6 = '::/0';

export interface Reach {
  /**
   * Opens or closes Docker's filter, as currently required. Failures are logged, not thrown: no isolation depends on
   * it.
   * @param unable why it can't be opened, as a sentence; null if it can.
   */
  assert(unable: string | null): Promise<void>;
}

/** At the end of `FORWARD`, after the rules of Docker and the administrator. */
function reachRule(installationId: string): string[] {
  const ours = `${bridgePrefix(installationId)}+`;
  const comment = ['-m', 'comment', '--comment', firewallTable(installationId)];
  return ['FORWARD', '!', '-i', ours, '-o', ours, ...comment, '-j', 'ACCEPT'];
}

function runIp6tables(words: readonly string[], signal: AbortSignal): Promise<string> {
  return hostCommandRun('ip6tables', ['-w', LOCK_WAIT_S, ...words], signal);
}

async function isOpen(installationId: string, signal: AbortSignal): Promise<boolean> {
  try {
    await runIp6tables(['-C', ...reachRule(installationId)], signal);
    return true;
  } catch (error) {
    if (error instanceof HostCommandError && error.code === 1) return false;
    throw error;
  }
}

/** @throws HostCommandError */
export async function reachOpen(installationId: string, signal: AbortSignal): Promise<void> {
  if (await isOpen(installationId, signal)) return;
  await runIp6tables(['-A', ...reachRule(installationId)], signal);
}

/** @throws HostCommandError */
export async function reachClose(installationId: string, signal: AbortSignal): Promise<void> {
  try {
    // There may be several, if processes opened it at once.
    while (await isOpen(installationId, signal)) {
      await runIp6tables(['-D', ...reachRule(installationId)], signal);
    }
  } catch (error) {
    // If the program is not installed, nothing has been opened.
    if (!(error instanceof HostCommandError) || !/ENOENT/.test(error.said)) throw error;
  }
}

/** @returns why this machine does not forward IPv6 packets, as a sentence; null if it does. */
export async function forwardingFault(): Promise<string | null> {
  const path = '/proc/sys/net/ipv6/conf/all/forwarding';
  const value = (await readFile(path, 'utf8').catch(() => '0')).trim();
  if (value !== '0') return null;
  return 'This machine forwards no IPv6 packets: set net.ipv6.conf.all.forwarding=1 in /etc/sysctl.d/, and run "sysctl --system".';
}

export function reachCreate({ installationId, log, closedIpv6 }: DockerContext): Reach {
  let state: 'unknown' | 'open' | 'closed' = 'unknown';
  let toldFault: string | null = null;

  async function open(unable: string | null): Promise<void> {
    const fault =
      unable ??
      (await faultOf((signal) => reachOpen(installationId, signal))) ??
      (await forwardingFault());
    if (fault === null && (state !== 'open' || toldFault !== null)) {
      log.info({}, 'other machines reach containers over IPv6');
    }
    if (fault !== null && fault !== toldFault) {
      log.warn({ fault }, 'other machines can not reach containers, though IPV6_PREFIX is set');
    }
    state = 'open';
    toldFault = fault;
  }

  async function close(): Promise<void> {
    const fault = await faultOf((signal) => reachClose(installationId, signal));
    if (fault !== null && fault !== toldFault) {
      log.warn(
        { fault },
        "the rule that let other machines through Docker's filter is still there",
      );
    }
    if (fault === null) state = 'closed';
    toldFault = fault;
  }

  return {
    async assert(unable) {
      if (closedIpv6() !== ALL_IPV6) await open(unable);
      // Once is enough: nothing else opens it.
      else if (unable === null && state !== 'closed') await close();
    },
  };
}

async function faultOf(act: (signal: AbortSignal) => Promise<void>): Promise<string | null> {
  try {
    await act(AbortSignal.timeout(DEADLINE_MS));
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
