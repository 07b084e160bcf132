/** Puts the host's own rules in place, where this process may. */
import { spawn } from 'node:child_process';
import { renderFirewall } from './firewall-rules.ts';
import { readNameservers } from './host-network.ts';
import { bridgePrefix, firewallTable } from './names.ts';
import type { DockerContext } from './options.ts';
import { createReach } from './reach.ts';

const NFT_DEADLINE_MS = 5000;
const ASSERT_DEADLINE_MS = 10_000;
const ASSERT_INTERVAL_MS = 10_000;

export interface Firewall {
  /**
   * Puts the rules in place for the networks that there are now. What can't be done is logged, not
   * thrown: the isolation probe tells what that means.
   */
  assert(): Promise<void>;
  /** As `assert`, unless it was done a moment ago: against rules that someone flushed. */
  assertRecent(): Promise<void>;
  /** Why the rules are not in place, a sentence; null when they are. */
  fault(): string | null;
  /** The same, a sentence for the operator, of rules that were in place before; else null. */
  lossFault(): string | null;
}

/** @throws Error with what nft said. */
export async function runNft(input: string): Promise<void> {
  const child = spawn('nft', ['-f', '-'], {
    stdio: ['pipe', 'ignore', 'pipe'],
    timeout: NFT_DEADLINE_MS,
    env: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` },
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  // A child that is not there to read is told by its exit or error.
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
 * @param listBridges the bridges of this installation's networks, now.
 */
export function createFirewall(
  context: DockerContext,
  isLocal: boolean,
  listBridges: (signal: AbortSignal) => Promise<string[]>,
): Firewall {
  let fault: string | null = 'The rules have not been put in place yet.';
  let wasInPlace = false;
  let assertedAtMs = Number.NEGATIVE_INFINITY;
  const reach = createReach(context);
  let running: Promise<void> = Promise.resolve();
  /** Not begun yet: it will see what there is by then, so one serves all who ask meanwhile. */
  let queued: Promise<void> | null = null;

  function unableBecause(): string | null {
    if (!isLocal) return 'The Docker engine is on another machine.';
    if (process.getuid?.() !== 0) return 'This process does not run as root.';
    return null;
  }

  async function apply(signal: AbortSignal): Promise<void> {
    const nameservers = await readNameservers();
    let bridges = (await listBridges(signal)).toSorted();
    // A network that another process made while the rules were loaded must not be left out of them.
    for (let applied: string[] | undefined; applied?.join() !== bridges.join();) {
      await runNft(
        renderFirewall({
          table: firewallTable(context.installationId),
          bridgePrefix: bridgePrefix(context.installationId),
          bridges,
          nameservers,
          closedIpv6: context.closedIpv6(),
        }),
      );
      applied = bridges;
      bridges = (await listBridges(signal)).toSorted();
    }
  }

  async function assertNow(): Promise<void> {
    queued = null;
    let found = unableBecause();
    if (found === null) {
      try {
        await apply(AbortSignal.timeout(ASSERT_DEADLINE_MS));
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
