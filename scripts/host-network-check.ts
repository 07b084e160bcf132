import { testInstallations } from '@dollarbox/testbed/test-run';
import Docker from 'dockerode';
import { bridgePrefix, hostTables } from '../engines/src/docker/base/names.ts';
import { type Others, hostNetworkChanges, hostNetworkRead } from './host-network.ts';

/**
 * Records how the network of this machine is set up.
 * @param hasDocker whether there is a Docker engine that can list its networks.
 * @returns a function that compares the record with the present state: a line for each change that the run has made,
 *   except to interfaces that Docker refuses to remove.
 */
export async function hostNetworkRemember(
  runId: string,
  hasDocker: boolean,
): Promise<(stuckBridges: readonly string[]) => Promise<string[]>> {
  const before = await hostNetworkRead();
  const bridgesBefore = await dockerBridges(hasDocker);
  return async (stuckBridges) => {
    const after = await hostNetworkRead();
    if (before === null || after === null) return [];
    const bridgesAfter = await dockerBridges(hasDocker);
    // Docker networks that appeared or disappeared are not the run's: it removed its own. Those that remained must be
    // whole.
    const passing = bridgesBefore.symmetricDifference(bridgesAfter);
    return hostNetworkChanges(
      before,
      after,
      others(testInstallations(runId), passing, stuckBridges),
    );
  };
}

function others(
  installations: readonly string[],
  passing: ReadonlySet<string>,
  stuckBridges: readonly string[],
): Others {
  const prefixes = installations.map(bridgePrefix);
  const tables = new Set(installations.flatMap(hostTables));
  return {
    ownsInterface(name) {
      const isOurs = prefixes.some((prefix) => name.startsWith(prefix));
      if (stuckBridges.includes(name)) return true;
      return !isOurs && (passing.has(name) || /^dbx[0-9a-z]{5}/.test(name));
    },
    ownsTable: (name) => /^dollarbox_\w/.test(name) && !tables.has(name),
  };
}

/** The interfaces of Docker's present networks. */
async function dockerBridges(hasDocker: boolean): Promise<Set<string>> {
  if (!hasDocker) return new Set();
  const networks = await new Docker().listNetworks({ filters: { driver: ['bridge'] } });
  return new Set(networks.map(dockerBridge));
}

/** The interface of one of Docker's bridge networks. */
export function dockerBridge({ Id, Options }: Docker.NetworkInspectInfo): string {
  return Options?.['com.docker.network.bridge.name'] ?? `br-${Id.slice(0, 12)}`;
}
