/**
 * The victim: a private Docker daemon in namespaces of its own, with an engine next to it. Nobody depends on either.
 */
import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { dockerMachineStart } from '@dollarbox/testbed/docker-machine';
import type { DockerMachine } from '@dollarbox/testbed/docker-machine';
import { imagesBuild } from '@dollarbox/testbed/images';
import type { TestImages } from '@dollarbox/testbed/images';
import Docker from 'dockerode';
import { EngineError } from '../contract.ts';
import type {
  ContainerObservation,
  ContainerSpec,
  EngineErrorKind,
  TenantSpec,
} from '../contract.ts';
import { installationIdCreate, testTenantCreate, waitFor } from '../docker/test/setup.ts';
import type { TestTenant } from '../docker/test/setup.ts';
import type { EngineReply, EngineRequest } from './engine-process.ts';

/** The limit on an org's connections: the default where the whole host may be used, elsewhere a low one. */
const CONNECTIONS_MAX = { host: 16_384, low: 64 };
/** A full table of connections is long. */
const OUTPUT_MAX_BYTES = 64 * 1024 ** 2;
const PROCESS = fileURLToPath(new URL('./engine-process.ts', import.meta.url));

export interface AttackHost {
  docker: Docker;
  images: TestImages;
  /** Two orgs. The first is the attacker, the second its neighbor. */
  tenants: readonly [TestTenant, TestTenant];
  /** The limit on an org's connections. */
  connectionsMax: number;
  /** Whether attacks may fill tables of the whole machine, or go only as far as shows what they are about. */
  isHostWide: boolean;
  /** Calls a verb of the engine, as `containers.apply`. @throws EngineError */
  engine<T>(verb: string, ...args: unknown[]): Promise<T>;
  /** A specification with an id and a name of its own. */
  spec(image: string, changes?: Partial<ContainerSpec>): Promise<ContainerSpec>;
  apply(spec: ContainerSpec, tenant?: TenantSpec): Promise<ContainerObservation>;
  exited(id: number): Promise<ContainerObservation>;
  /** @returns the EngineError that the apply fails with. @throws if it succeeds. */
  refused(spec: ContainerSpec): Promise<EngineError>;
  /** Runs a program where the daemon runs. @returns its output. */
  onHost(...words: string[]): Promise<string>;
  /** Runs a shell command in a container. @returns its output. */
  inside(ref: string, command: string): Promise<string>;
  close(): Promise<void>;
}

/** Calls the engine's process, which sends one reply for each request. */
function engineClient(child: ChildProcess) {
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let lastId = 0;
  child.on('message', (reply: EngineReply) => {
    const call = waiting.get(reply.id);
    waiting.delete(reply.id);
    if ('value' in reply) return call?.resolve(reply.value);
    const { kind, reason, message } = reply.error;
    call?.reject(new EngineError(kind as EngineErrorKind, reason, message));
  });
  child.once('exit', () => {
    for (const call of waiting.values()) call.reject(new Error("the engine's process ended"));
  });
  return <T>(verb: string, ...args: unknown[]): Promise<T> => {
    const call = Promise.withResolvers<unknown>();
    const request: EngineRequest = { id: (lastId += 1), verb, args };
    waiting.set(request.id, call);
    child.send(request);
    return call.promise as Promise<T>;
  };
}

export async function attackHostStart(isHostWide = false): Promise<AttackHost> {
  const machine: DockerMachine = await dockerMachineStart();
  const docker = new Docker({ socketPath: machine.socketPath });
  const run = promisify(execFile);
  const connectionsMax = isHostWide ? CONNECTIONS_MAX.host : CONNECTIONS_MAX.low;
  const [program = '', ...prefix] = machine.launcher;
  const options = {
    installationId: installationIdCreate(),
    socketPath: machine.socketPath,
    connectionsMax,
  };
  const child = spawn(program, [...prefix, process.execPath, PROCESS, JSON.stringify(options)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const engine = engineClient(child);
  const tenants = [testTenantCreate(1), testTenantCreate(2)] as const;
  let lastId = 0;
  for (const tenant of tenants) await engine('tenants.ensure', tenant);

  const host: AttackHost = {
    docker,
    images: await imagesBuild(docker),
    tenants,
    connectionsMax,
    isHostWide,
    engine,
    async spec(image, changes = {}) {
      const id = (lastId += 1);
      const tenant = tenants.find((each) => each.id === changes.tenantId) ?? tenants[0];
      return {
        ...{ id, tenantId: tenant.id, name: `box-${id}`, image },
        imageId: (await docker.getImage(image).inspect()).Id,
        ...{ env: {}, command: [], ports: [], volumes: [], init: false },
        ipv6Address: tenant.ipv6Subnet.replace(/::\/64$/, `::${(0x100 + id).toString(16)}`),
        ...changes,
      };
    },
    apply: (spec, tenant = tenants.find((each) => each.id === spec.tenantId)) =>
      engine('containers.apply', spec, tenant),
    exited: (id) =>
      waitFor('the exit', async () => {
        const found = await engine<ContainerObservation | null>('containers.observe', id);
        return found?.state === 'exited' && found;
      }),
    async refused(spec) {
      try {
        await host.apply(spec);
      } catch (error) {
        if (error instanceof EngineError) return error;
        throw error;
      }
      throw new Error(`container ${spec.id} was started`);
    },
    onHost: async (...words) =>
      (await run(program, [...prefix, ...words], { maxBuffer: OUTPUT_MAX_BYTES })).stdout,
    async inside(ref, command) {
      const words = ['--host', `unix://${machine.socketPath}`, 'exec', ref, 'sh', '-c', command];
      return (await run('docker', words)).stdout;
    },
    async close() {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      await machine.close();
    },
  };
  return host;
}
