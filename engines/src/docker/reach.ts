/**
 * Lets IPv6 packets from other machines through Docker's filter to our bridges. It opens Docker's door
 * alone: what may come through is for our own table to say (firewall-rules.ts), which sees them too.
 */
import { readFile } from 'node:fs/promises';
import { HostCommandError, runHostCommand } from './host-command.ts';
import { bridgePrefix, firewallTable } from './names.ts';
import type { DockerContext } from './options.ts';

const DEADLINE_MS = 10_000;
/** How long another program may hold the tables, in seconds. */
const LOCK_WAIT_S = '5';

/** Every IPv6 address: nothing is open to other machines. */
export const ALL_IPV6 = '::/0';

export interface Reach {
  /**
   * Opens or closes the door, as it should be now. What can't be done is logged, not thrown: nobody's
   * isolation depends on it.
   * @param unable why it can't be opened anyway, a sentence; null when nothing is in the way.
   */
  assert(unable: string | null): Promise<void>;
}

/** At the end of `FORWARD`, after what Docker and the administrator have to say. */
function reachRule(installationId: string): string[] {
  const ours = `${bridgePrefix(installationId)}+`;
  const comment = ['-m', 'comment', '--comment', firewallTable(installationId)];
  return ['FORWARD', '!', '-i', ours, '-o', ours, ...comment, '-j', 'ACCEPT'];
}

function runIp6tables(words: readonly string[], signal: AbortSignal): Promise<string> {
  return runHostCommand('ip6tables', ['-w', LOCK_WAIT_S, ...words], signal);
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
export async function openReach(installationId: string, signal: AbortSignal): Promise<void> {
  if (await isOpen(installationId, signal)) return;
  await runIp6tables(['-A', ...reachRule(installationId)], signal);
}

/** @throws HostCommandError */
export async function closeReach(installationId: string, signal: AbortSignal): Promise<void> {
  try {
    // Several where processes opened it at once.
    while (await isOpen(installationId, signal)) {
      await runIp6tables(['-D', ...reachRule(installationId)], signal);
    }
  } catch (error) {
    // Without the program nobody has opened anything.
    if (!(error instanceof HostCommandError) || !/ENOENT/.test(error.said)) throw error;
  }
}

/** @returns why this machine passes no IPv6 packets on, a sentence; null when it does. */
export async function forwardingFault(): Promise<string | null> {
  const path = '/proc/sys/net/ipv6/conf/all/forwarding';
  const value = (await readFile(path, 'utf8').catch(() => '0')).trim();
  if (value !== '0') return null;
  return 'This machine forwards no IPv6 packets: set net.ipv6.conf.all.forwarding=1 in /etc/sysctl.d/, and run "sysctl --system".';
}

export function createReach({ installationId, log, closedIpv6 }: DockerContext): Reach {
  let state: 'unknown' | 'open' | 'closed' = 'unknown';
  let toldFault: string | null = null;

  async function open(unable: string | null): Promise<void> {
    const fault =
      unable ??
      (await faultOf((signal) => openReach(installationId, signal))) ??
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
    const fault = await faultOf((signal) => closeReach(installationId, signal));
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
      // Once is enough: nobody opens it but we.
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
