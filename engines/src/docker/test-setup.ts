/** What this folder's tests share: engines of installations of their own on the machine's real Docker. */
import { randomBytes, randomInt } from 'node:crypto';
import http from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { installationObjectsRemove } from '@dollarbox/testbed/installation-objects';
import { testInstallationNote } from '@dollarbox/testbed/test-run';
import Docker from 'dockerode';
import type { ContainerSpec, Engine, TenantSpec } from '../contract.ts';
import { createDockerEngine } from './engine.ts';
import { runNft } from './firewall.ts';
import { readLogTail } from './logs.ts';
import { firewallTable } from './names.ts';
import type { DockerEngineOptions, PulledImageStore } from './options.ts';
import { closeReach } from './reach.ts';

const WAIT_MS = 60_000;

export const docker = new Docker();

/** Waits until `probe` gives something. */
export async function waitFor<T>(
  what: string,
  probe: () => Promise<T | null | undefined | false>,
  waitMs = WAIT_MS,
): Promise<T> {
  const endMs = performance.now() + waitMs;
  for (;;) {
    const found = await probe();
    if (found !== null && found !== undefined && found !== false) return found;
    if (performance.now() > endMs) throw new Error(`${what}: not within ${waitMs / 1000} s`);
    await delay(20);
  }
}

export function newInstallationId(): string {
  const id = randomBytes(6).toString('hex');
  testInstallationNote(id);
  return id;
}

/** A tenant whose subnets nothing else on the machine has, but by a chance of one in many thousands. */
export function newTenant(id: number): TenantSpec {
  const third = randomInt(256);
  const hex = () => randomInt(0x10000).toString(16);
  return {
    id,
    ipv4Subnet: `10.${randomInt(100, 250)}.${third}.${64 * randomInt(4)}/26`,
    ipv6Subnet: `fd${randomBytes(1).toString('hex')}:${hex()}:${hex()}:${id.toString(16)}::/64`,
  };
}

export function memoryImageStore(): PulledImageStore {
  const entries = new Map<string, string>();
  return {
    add: async (ref, imageId) => void entries.set(ref, imageId),
    list: async () => [...entries].map(([ref, imageId]) => ({ ref, imageId })),
    remove: async (ref) => void entries.delete(ref),
  };
}

const silent = { info() {}, warn() {}, error() {} };

/** An engine, not started yet. */
export function newEngine(options: Partial<DockerEngineOptions> = {}): Engine {
  return createDockerEngine({
    installationId: newInstallationId(),
    allowedRegistries: [],
    pulledImages: memoryImageStore(),
    log: silent,
    now: () => new Date(),
    ...options,
  });
}

/** HTTP GET. Rejects when nothing answers, or not at once. */
export function httpGet(address: string, port: number, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { host: address, port, path, timeout: 2000, agent: false };
    const request = http.get(options, (reply) => {
      const chunks: Buffer[] = [];
      reply.on('data', (chunk: Buffer) => chunks.push(chunk));
      reply.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
      reply.on('error', reject);
    });
    request.on('timeout', () => request.destroy(new Error('silent')));
    request.on('error', reject);
  });
}

/** Removes all that an installation has on the machine, its rules too. */
export async function removeInstallation(installationId: string): Promise<void> {
  await installationObjectsRemove(docker, installationId);
  const unmarked = (await docker.listVolumes()).Volumes.map(({ Name }) => Name);
  const made = unmarked.filter((name) => name.startsWith(`dbx-${installationId}-`));
  for (const name of made) await docker.getVolume(name).remove();
  if (made.length > 0) throw new Error(`made by mounting: ${made.join(' ')}`);
  if (process.getuid?.() === 0) {
    const table = firewallTable(installationId);
    await runNft(`table inet ${table}\ndelete table inet ${table}\n`).catch(() => undefined);
    await closeReach(installationId, AbortSignal.timeout(WAIT_MS));
  }
}

/** Runs a shell command in a running container. @returns what it wrote to stdout. */
export async function runInside(ref: string, command: string): Promise<string> {
  const exec = await docker
    .getContainer(ref)
    .exec({ Cmd: ['sh', '-c', command], AttachStdout: true, AttachStderr: false });
  return readLogTail(await exec.start({}), 1_000_000);
}

/** Runs a program in a running container. @returns what it wrote. @throws when it fails. */
export async function runWords(ref: string, words: string[]): Promise<string> {
  const exec = await docker
    .getContainer(ref)
    .exec({ Cmd: words, AttachStdout: true, AttachStderr: true });
  const said = await readLogTail(await exec.start({}), 1_000_000);
  const { ExitCode } = await waitFor('the end of the command', async () => {
    const found = await exec.inspect();
    return !found.Running && found;
  });
  if (ExitCode !== 0) throw new Error(`${words.join(' ')} exited ${ExitCode}: ${said}`);
  return said;
}

/** A spec of an image that the engine holds. */
export async function specOf(
  image: string,
  tenant: TenantSpec,
  id: number,
  changes: Partial<ContainerSpec> = {},
): Promise<ContainerSpec> {
  return {
    id,
    tenantId: tenant.id,
    name: `box-${id}`,
    image,
    imageId: (await docker.getImage(image).inspect()).Id,
    env: {},
    command: [],
    ports: [],
    ipv6Address: tenant.ipv6Subnet.replace(/::\/64$/, `::${(0x100 + id).toString(16)}`),
    volumes: [],
    ...changes,
  };
}

/** The container's address of the other family, which Docker chose. */
export async function ipv4Of(ref: string): Promise<string> {
  const { NetworkSettings } = await docker.getContainer(ref).inspect();
  return Object.values(NetworkSettings.Networks)[0]?.IPAddress ?? '';
}
