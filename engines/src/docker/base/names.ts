/** The names of our objects in Docker, and the labels that identify them. */
import { createHash } from 'node:crypto';
import type { VolumeKey } from '../../contract.ts';

export const LABELS = {
  installation: 'dollarbox.installation',
  container: 'dollarbox.container',
  tenant: 'dollarbox.tenant',
  spec: 'dollarbox.spec',
  name: 'dollarbox.name',
  /** The address that the container must have, to check whether it still has it. */
  address: 'dollarbox.address',
  /** On a volume: its id, its uid and its size. */
  volume: 'dollarbox.volume',
  uid: 'dollarbox.uid',
  sizeGb: 'dollarbox.size-gb',
  /**
   * On a temporary container that reads or fills a volume: the volume's name. Such a container does not hold the
   * volume.
   */
  volumeJob: 'dollarbox.volume-job',
  /** On a container: the ids of the volumes that it mounts, separated by commas. */
  volumes: 'dollarbox.volumes',
  /** On the temporary objects of the isolation probe: the id of its run. */
  probe: 'dollarbox.probe',
  /** On the same: the mark of the process that probes. */
  probeProcess: 'dollarbox.probe-process',
} as const;

export function containerDockerName(installationId: string, id: number): string {
  return `dbx-${installationId}-c${id}`;
}

export function volumeDockerName(installationId: string, { id, uid }: VolumeKey): string {
  return `dbx-${installationId}-v${id}-${uid}`;
}

/** @returns the volume's identity from its name; null if it is not a volume of this installation. */
export function volumeNameParse(installationId: string, name: string): VolumeKey | null {
  const [, installation, id, uid] = /^dbx-([a-z0-9]+)-v(\d+)-([a-z0-9]+)$/.exec(name) ?? [];
  if (installation !== installationId || id === undefined || uid === undefined) return null;
  return Number.isSafeInteger(Number(id)) ? { id: Number(id), uid } : null;
}

export function networkDockerName(installationId: string, tenantId: number): string {
  return `dbx-${installationId}-t${tenantId}`;
}

/** The first 8 of the 15 characters that a network interface's name may have. The firewall matches this prefix. */
export function bridgePrefix(installationId: string): string {
  const hash = createHash('sha256').update(installationId).digest();
  return `dbx${hash.readUIntBE(0, 6).toString(36).padStart(5, '0').slice(-5)}`;
}

/** The host's own table of this installation's rules. Its name also marks our rules in other tables. */
export function firewallTable(installationId: string): string {
  return `dollarbox_${installationId}`;
}

/** The table that limits how much of the host's tables an installation's containers may use. */
export function limitsTable(installationId: string): string {
  return `${firewallTable(installationId)}_limits`;
}

/** All tables that an installation has in the host's nftables. */
export function hostTables(installationId: string): string[] {
  return [firewallTable(installationId), limitsTable(installationId)];
}

/** @returns at most 15 characters, unique on the machine for ids below 36^7. */
export function bridgeName(installationId: string, tenantId: number): string {
  return `${bridgePrefix(installationId)}${tenantId.toString(36)}`;
}

/** Docker's `filters` parameter for objects of this installation that carry these labels too. */
export function labelFilters(installationId: string, ...labels: string[]): string {
  return JSON.stringify({ label: [`${LABELS.installation}=${installationId}`, ...labels] });
}
