/** Installs the host's own rules, if this process has permission. */
import { spawn } from 'node:child_process';
import { connectionLimitRender, firewallRender } from './firewall-rules.ts';
import type { MachineBridges } from './firewall-rules.ts';
import { nameserversRead } from './host-network.ts';
import { bridgePrefix, firewallTable, limitsTable } from '../base/names.ts';
import type { DockerContext } from '../base/options.ts';
import { reachCreate } from './reach.ts';

const NFT_DEADLINE_MS = 5000;
const ASSERT_DEADLINE_MS = 10_000;
const ASSERT_INTERVAL_MS = 10_000;
/** Concurrent connections through the host, for all containers of an org together. */
const CONNECTIONS_MAX = 16_384;

export interface Firewall {
  /**
   * Installs the rules for the networks that currently exist. Failures are logged, not thrown: the isolation probe
   * reports their consequences.
   */
  assert(): Promise<void>;
  /** Like `assert`, unless it ran a moment ago. Restores rules that someone flushed. */
  assertRecent(): Promise<void>;
  /** Why the rules are not in place, as a sentence; null if they are. */
  fault(): string | null;
  /** Like `fault`, but only if the rules were in place before, as a sentence for the operator; otherwise null. */
  lossFault(): string | null;
}

/** @throws Error with the output of nft. */
export async function nftRun(input: string): Promise<void> {
  const child = spawn('nft', ['-f', '-'], {
    stdio: ['pipe', 'ignore', 'pipe'],
    timeout: NFT_DEADLINE_MS,
    env: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` },
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  // If the child is not reading, its exit or error reports the failure.
  child.stdin.on('error', () => undefined).end(input);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  child.once('error', reject);
  child.once('close', (code, killedBy) => {
    if (code === 0) resolve();
    else reject(new Error(`nft failed (${killedBy ?? code}): ${said.trim().slice(0, 500)}`));
  });
  await promise;
}

/**
 * @param isLocal whether the engine runs on this machine.
 * @param bridgesList returns the current bridges of Docker's networks.
 * @param connectionsMax the limit of concurrent connections through the host for the containers of one bridge.
 */
export function firewallCreate(
  context: DockerContext,
  isLocal: boolean,
  bridgesList: (signal: AbortSignal) => Promise<MachineBridges>,
  connectionsMax = CONNECTIONS_MAX,
): Firewall {
  let fault: string | null = 'The rules have not been put in place yet.';
  let limitFault: string | null = null;
  let wasInPlace = false;
  let assertedAtMs = Number.NEGATIVE_INFINITY;
  const reach = reachCreate(context);
  let running: Promise<void> = Promise.resolve();
  /** A run that has not begun. It will see the state at its start, so it serves all callers until then. */
  let queued: Promise<void> | null = null;

  function unableBecause(): string | null {
    if (!isLocal) return 'The Docker engine is on another machine.';
    if (process.getuid?.() !== 0) return 'This process does not run as root.';
    return null;
  }

  async function apply(signal: AbortSignal): Promise<void> {
    const nameservers = await nameserversRead();
    const list = async () => {
      const { ours, foreign } = await bridgesList(signal);
      return { ours: ours.toSorted((a, b) => (a.name < b.name ? -1 : 1)), foreign };
    };
    let bridges = await list();
    // A network that another process created while the rules were being loaded must not be omitted.
    for (let applied: string | undefined; applied !== JSON.stringify(bridges.ours);) {
      await nftRun(
        firewallRender({
          table: firewallTable(context.installationId),
          bridgePrefix: bridgePrefix(context.installationId),
          bridges: bridges.ours,
          foreignBridges: bridges.foreign,
          nameservers,
          closedIpv6: context.closedIpv6(),
        }),
      );
      applied = JSON.stringify(bridges.ours);
      bridges = await list();
    }
  }

  /** Separate from the other rules: a kernel that can't count connections still isolates orgs. */
  async function limitConnections(): Promise<void> {
    const { installationId } = context;
    const rules = connectionLimitRender(
      limitsTable(installationId),
      bridgePrefix(installationId),
      connectionsMax,
    );
    let found: string | null = null;
    try {
      await nftRun(rules);
    } catch (error) {
      found = error instanceof Error ? error.message : String(error);
    }
    if (found !== null && found !== limitFault) {
      context.log.warn({ fault: found }, "the connections of an org's containers are not bounded");
    }
    limitFault = found;
  }

  async function assertNow(): Promise<void> {
    queued = null;
    let found = unableBecause();
    if (found === null) {
      try {
        await apply(AbortSignal.timeout(ASSERT_DEADLINE_MS));
        await limitConnections();
      } catch (error) {
        found = error instanceof Error ? error.message : String(error);
      }
    }
    if (found !== fault && found !== null) {
      context.log.warn(
        { fault: found },
        'the rules that keep containers from the host are not in place',
      );
    }
    fault = found;
    wasInPlace ||= found === null;
    await reach.assert(found);
    assertedAtMs = context.now().getTime();
  }

  function assert(): Promise<void> {
    queued ??= running = running.then(assertNow);
    return queued;
  }

  return {
    assert,
    async assertRecent() {
      if (context.now().getTime() - assertedAtMs >= ASSERT_INTERVAL_MS) await assert();
    },
    fault: () => fault,
    lossFault() {
      if (fault === null || !wasInPlace) return null;
      return `The rules that keep containers from the host and other orgs could not be put back: ${fault}`;
    },
  };
}
