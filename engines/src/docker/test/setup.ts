/** Shared by the tests of this folder: engines of separate installations on the machine's real Docker. */
import { randomBytes, randomInt } from 'node:crypto';
import http from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { installationObjectsRemove } from '@dollarbox/testbed/installation-objects';
import { testInstallationNote } from '@dollarbox/testbed/test-run';
import Docker from 'dockerode';
import type { ContainerSpec, TenantSpec } from '../../contract.ts';
import type { SubnetStore, TenantSubnets } from '../../subnets.ts';
import { dockerEngineCreate } from '../engine.ts';
import type { DockerEngine } from '../engine.ts';
import { nftRun } from '../network/firewall.ts';
import { logTailRead } from '../daemon/logs.ts';
import { hostTables } from '../base/names.ts';
import type {
  DockerAddress,
  DockerEngineOptions,
  ImageRight,
  ImageRightStore,
  PulledImage,
  PulledImageStore,
} from '../base/options.ts';
import { reachClose } from '../network/reach.ts';

/** Long enough that only a state that never comes exceeds it, even on a slow, busy machine. */
const WAIT_MS = 300_000;

/** How long a verb may take: what is tested by direct calls has nobody who would try it again. */
const VERB_MS = 120_000;

/** How long to wait for an answer that is expected. */
const ANSWER_MS = 30_000;

/** By `DOCKER_HOST`, or this machine's own daemon. */
export const docker = new Docker();

/** The address of the same daemon, for an engine. */
export const dockerAddress: DockerAddress = { host: process.env['DOCKER_HOST'] ?? '' };

/** Waits until `probe` returns a truthy value. */
export async function waitFor<T>(
  what: string,
  probe: () => Promise<T | null | undefined | false>,
): Promise<T> {
  const endMs = performance.now() + WAIT_MS;
  for (;;) {
    const found = await probe();
    if (found !== null && found !== undefined && found !== false) return found;
    if (performance.now() > endMs) throw new Error(`${what}: not within ${WAIT_MS / 1000} s`);
    await delay(20);
  }
}

export function installationIdCreate(): string {
  const id = randomBytes(6).toString('hex');
  testInstallationNote(id);
  return id;
}

/** A tenant of a test, which chooses its subnets. */
export type TestTenant = TenantSpec & TenantSubnets;

/** A tenant whose subnets are unique on the machine, except with a probability of one in many thousands. */
export function testTenantCreate(id: number): TestTenant {
  const third = randomInt(256);
  const hex = () => randomInt(0x10000).toString(16);
  return {
    id,
    ipv4Subnet: `10.${randomInt(100, 250)}.${third}.${64 * randomInt(4)}/26`,
    ipv6Subnet: `fd${randomBytes(1).toString('hex')}:${hex()}:${hex()}:${id.toString(16)}::/64`,
  };
}

export function memoryImageStore(): PulledImageStore {
  const entries = new Map<string, PulledImage>();
  return {
    add: async (ref, imageId) => void entries.set(ref, { ref, imageId, pulledAt: new Date() }),
    list: async () => [...entries.values()],
    remove: async (ref) => void entries.delete(ref),
  };
}

/** @param hasCredential whether a credential exists. A right ends with the credential that it was obtained with. */
export function memoryRightStore(hasCredential = (_id: number) => true): ImageRightStore {
  const entries = new Map<string, ImageRight & { tenantId: number; at: Date }>();
  const all = () =>
    [...entries.values()].filter(
      ({ credentialId }) => credentialId === null || hasCredential(credentialId),
    );
  return {
    find: async (tenantId, ref) =>
      all().find((right) => right.tenantId === tenantId && right.ref === ref)?.imageId ?? null,
    imagesOf: async (tenantId) =>
      all().flatMap((right) => (right.tenantId === tenantId ? right.imageId : [])),
    imagesFrom: async (registry) => all().filter((right) => right.registry === registry),
    async add(tenantId, right) {
      if (right.credentialId !== null && !hasCredential(right.credentialId)) return false;
      entries.set(`${tenantId} ${right.ref}`, { ...right, tenantId, at: new Date() });
      return true;
    },
    async remove(ref) {
      for (const [key, right] of entries) if (right.ref === ref) entries.delete(key);
    },
    async retain(imageIds, since) {
      for (const [key, { imageId, at }] of entries) {
        if (at < since && !imageIds.includes(imageId)) entries.delete(key);
      }
    },
  };
}

interface TestSubnetStore extends SubnetStore {
  set(tenant: TestTenant): void;
}

/** Subnets that tests set, or random ones. */
function memorySubnetStore(): TestSubnetStore {
  const given = new Map<number, TenantSubnets>();
  function give(id: number): TenantSubnets {
    const { ipv4Subnet, ipv6Subnet } = testTenantCreate(id);
    const subnets = { ipv6Subnet: given.get(id)?.ipv6Subnet ?? ipv6Subnet, ipv4Subnet };
    given.set(id, subnets);
    return subnets;
  }
  return {
    set: ({ id, ipv4Subnet, ipv6Subnet }) => void given.set(id, { ipv4Subnet, ipv6Subnet }),
    ensure: async (id) => given.get(id) ?? give(id),
    async replace(id, refused) {
      const now = given.get(id);
      return now === undefined || now.ipv4Subnet === refused ? give(id) : now;
    },
  };
}

const subnetStores = new Map<string, TestSubnetStore>();

/** The one store of an installation, shared by all its workers in this process. */
function testSubnetStore(installationId: string): TestSubnetStore {
  const store = subnetStores.get(installationId) ?? memorySubnetStore();
  subnetStores.set(installationId, store);
  return store;
}

/** The same engine, with the subnets passed along with the tenant. */
function engineWithSubnets(engine: DockerEngine, subnets: TestSubnetStore): DockerEngine {
  const ensure = (tenant: TenantSpec & Partial<TenantSubnets>) => {
    const { id, ipv4Subnet, ipv6Subnet } = tenant;
    if (ipv4Subnet !== undefined && ipv6Subnet !== undefined) {
      subnets.set({ id, ipv4Subnet, ipv6Subnet });
    }
    return engine.tenants.ensure({ id });
  };
  return { ...engine, tenants: { ...engine.tenants, ensure } };
}

const silent = { info() {}, warn() {}, error() {} };

/** An engine that is not started yet. */
export function testEngineCreate(options: Partial<DockerEngineOptions> = {}): DockerEngine {
  const installationId = options.installationId ?? installationIdCreate();
  const subnets = testSubnetStore(installationId);
  const engine = dockerEngineCreate({
    allowedRegistries: [],
    pulledImages: memoryImageStore(),
    imageRights: memoryRightStore(),
    log: silent,
    now: () => new Date(),
    verbDeadlineMs: VERB_MS,
    ...(options.socketPath === undefined && dockerAddress),
    ...options,
    installationId,
    subnets,
  });
  return engineWithSubnets(engine, subnets);
}

/** HTTP GET. Rejects if there is no answer. */
export function httpGet(address: string, port: number, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { host: address, port, path, timeout: ANSWER_MS, agent: false };
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

/** Removes everything that an installation has on the machine, including its rules. */
export async function testInstallationRemove(installationId: string): Promise<void> {
  await installationObjectsRemove(docker, installationId);
  const unmarked = (await docker.listVolumes()).Volumes.map(({ Name }) => Name);
  const made = unmarked.filter((name) => name.startsWith(`dbx-${installationId}-`));
  for (const name of made) await docker.getVolume(name).remove();
  if (made.length > 0) throw new Error(`made by mounting: ${made.join(' ')}`);
  if (process.getuid?.() === 0) {
    for (const table of hostTables(installationId)) {
      await nftRun(`table inet ${table}\ndelete table inet ${table}\n`).catch(() => undefined);
    }
    await reachClose(installationId, AbortSignal.timeout(WAIT_MS));
  }
}

/** Runs a shell command in a running container. @returns its stdout. */
export async function insideRun(ref: string, command: string): Promise<string> {
  const exec = await docker
    .getContainer(ref)
    .exec({ Cmd: ['sh', '-c', command], AttachStdout: true, AttachStderr: false });
  return logTailRead(await exec.start({}), 1_000_000);
}

/** Runs a program in a running container. @returns its output. @throws if it fails. */
export async function runWords(ref: string, words: string[]): Promise<string> {
  const exec = await docker
    .getContainer(ref)
    .exec({ Cmd: words, AttachStdout: true, AttachStderr: true });
  const said = await logTailRead(await exec.start({}), 1_000_000);
  const { ExitCode } = await waitFor('the end of the command', async () => {
    const found = await exec.inspect();
    return !found.Running && found;
  });
  if (ExitCode !== 0) throw new Error(`${words.join(' ')} exited ${ExitCode}: ${said}`);
  return said;
}

/** A spec of an image that the engine has. */
export async function specOf(
  image: string,
  tenant: TestTenant,
  id: number,
  changes: Partial<ContainerSpec & { ipv6Address: string }> = {},
): Promise<ContainerSpec & { ipv6Address: string }> {
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
    init: false,
    ...changes,
  };
}

/** The container's address of the other family, which Docker chose. */
export async function ipv4Of(ref: string): Promise<string> {
  const { NetworkSettings } = await docker.getContainer(ref).inspect();
  return Object.values(NetworkSettings.Networks)[0]?.IPAddress ?? '';
}
