/** What the suite's tests share: the setup, ids, available images, waiting, and cleanup. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { EngineError } from '../contract.ts';
import type {
  ContainerObservation,
  ContainerSpec,
  Engine,
  EngineErrorKind,
  ImageRequest,
  ImageState,
  TenantSpec,
  VolumeKey,
  VolumeMount,
  VolumeObservation,
  VolumeSpec,
} from '../contract.ts';
import type { SuiteSetup } from './setup.ts';

/** Longer than any state takes to arrive, even on a slow, busy machine. */
const WAIT_MS = 300_000;
const TEST_TIMEOUT_MS = 600_000;
export const LONG_AGO = new Date(0);

/** A test that fails if it hangs, so that the objects that it created are still removed. */
export function engineTest(
  name: string,
  ...rest:
    | [work: (t: TestContext) => Promise<void> | void]
    | [options: { skip: string | false }, work: (t: TestContext) => Promise<void> | void]
): void {
  const [options, work] = rest.length === 1 ? [{}, rest[0]] : rest;
  test(name, { timeout: TEST_TIMEOUT_MS, ...options }, work);
}

export interface SuiteContext extends SuiteSetup {
  tenant: TenantSpec;
  nextId(): number;
  /** Waits until `probe` returns something. */
  waitFor<T>(what: string, probe: () => Promise<T | null | undefined | false>): Promise<T>;
  request(ref: string, options?: Partial<ImageRequest>): ImageRequest;
  /** Waits for the end of the pull that `request` describes. */
  pulled(request: ImageRequest): Promise<ImageState>;
  /** A spec with an id of its own, for an image that is on the engine. */
  spec(ref: string, changes?: Partial<ContainerSpec>): Promise<ContainerSpec>;
  /** Creates a volume of 1 GB, and waits until a container may start with it. */
  volume(changes?: Partial<VolumeSpec>): Promise<VolumeObservation>;
  /** A spec of a volume, with an id and a uid of its own. */
  volumeSpec(changes?: Partial<VolumeSpec>): VolumeSpec;
  /** Applies it. If the engine starts processes or assigns addresses by itself, also waits for that. */
  apply(spec: ContainerSpec): Promise<ContainerObservation>;
  /**
   * As `read`, of a container of `owner`, default: of the suite's engine. Rejects while it has no address.
   */
  reach(
    spec: Pick<ContainerSpec, 'id' | 'ipv6Address'>,
    path: string,
    owner?: Engine,
  ): Promise<string>;
  observed(id: number): Promise<ContainerObservation>;
  /** Waits until a container has an address. */
  addressed(id: number): Promise<string>;
  /**
   * Ends it with no time left, as often as that takes. An engine may be unable to shorten the time that a process was
   * given before.
   */
  endNow(ref: string): Promise<void>;
  inState(id: number, state: ContainerObservation['state']): Promise<ContainerObservation>;
  /** Kills its process, and waits until that is seen. An engine that restarts processes may have done so by then. */
  killed(id: number): Promise<ContainerObservation>;
  /**
   * What `look` finds while nothing changes about these containers: an engine may restart an ended process at any time.
   * It looks again until `look` finds something.
   */
  unchanged<T>(
    ids: readonly number[],
    look: (observed: readonly ContainerObservation[]) => Promise<T | null | undefined | false>,
  ): Promise<T>;
  /** Waits until a process that was asked to end has, with this code. An engine that restarts processes then removes the object. */
  endedWith(id: number, code: number): Promise<void>;
  /** Waits until the clock shows a later time than now, so that later events can be told from earlier ones. */
  later(): Promise<Date>;
  /** Removes what a test left behind, except the first tenant's network. */
  clean(): Promise<void>;
}

export function suiteContextCreate(setup: SuiteSetup): SuiteContext {
  const { engine } = setup;
  const [tenant] = setup.tenants;
  let lastId = 0;

  async function waitFor<T>(
    what: string,
    probe: () => Promise<T | null | undefined | false>,
  ): Promise<T> {
    const endMs = setup.now().getTime() + WAIT_MS;
    for (;;) {
      const found = await probe();
      if (found !== null && found !== undefined && found !== false) return found;
      if (setup.now().getTime() > endMs) assert.fail(`${what}: not within ${WAIT_MS / 1000} s`);
      await setup.tick();
    }
  }

  async function pulled(request: ImageRequest): Promise<ImageState> {
    return waitFor(`end of the pull of ${request.ref}`, async () => {
      const state = await engine.images.observe(request);
      return state.state !== 'queued' && state.state !== 'pulling' && state;
    });
  }

  function request(ref: string, options: Partial<ImageRequest> = {}): ImageRequest {
    return { ref, tenantId: tenant.id, since: LONG_AGO, containerId: 0, ...options };
  }

  async function observed(id: number): Promise<ContainerObservation> {
    const found = await engine.containers.observe(id);
    assert.ok(found !== null, `the engine holds nothing for container ${id}`);
    return found;
  }

  const inState: SuiteContext['inState'] = (id, state) =>
    waitFor(`container ${id} ${state}`, async () => {
      const found = await engine.containers.observe(id);
      return found?.state === state && found;
    });

  function volumeSpec(changes: Partial<VolumeSpec> = {}): VolumeSpec {
    const id = changes.id ?? (lastId += 1);
    const uid = `suite${id}`.padEnd(16, '0');
    return { id, uid, tenantId: tenant.id, name: `disk-${id}`, sizeGb: 1, ...changes };
  }

  return {
    ...setup,
    tenant,
    volumeSpec,
    async volume(changes) {
      const wanted = volumeSpec(changes);
      await engine.volumes.apply(wanted);
      return waitFor(`volume ${wanted.id} startable`, async () => {
        const made = await engine.volumes.observe(wanted);
        return made?.isStartable === true && made;
      });
    },
    nextId: () => (lastId += 1),
    waitFor,
    request,
    pulled,
    observed,
    addressed: (id) =>
      waitFor(`address of container ${id}`, async () => (await observed(id)).ipv6Address),
    async spec(ref, changes = {}) {
      await engine.images.ensure(request(ref));
      const image = await pulled(request(ref));
      assert.equal(image.state, 'present', JSON.stringify(image));
      const id = changes.id ?? (lastId += 1);
      return {
        id,
        tenantId: tenant.id,
        name: `box-${id}`,
        image: ref,
        imageId: image.state === 'present' ? image.imageId : '',
        env: {},
        command: [],
        ports: [],
        ipv6Address: engine.addressing === 'given' ? setup.addressIn(tenant, id) : null,
        volumes: [],
        init: false,
        ...changes,
      };
    },
    async reach({ id, ipv6Address }, path, owner = engine) {
      const address = ipv6Address ?? (await owner.containers.observe(id))?.ipv6Address ?? null;
      if (address === null) throw new Error(`Container ${id} has no address.`);
      return setup.read(address, 8080, path);
    },
    async killed(id) {
      const { count } = (await observed(id)).exits;
      await setup.tamper.kill(id);
      return waitFor(`exit of container ${id}`, async () => {
        const found = await observed(id);
        const isSeen =
          engine.restarts === 'engine' ? found.exits.count > count : found.state === 'exited';
        return isSeen && found;
      });
    },
    unchanged: (ids, look) =>
      waitFor(`a look while containers ${ids.join(', ')} stay as they are`, async () => {
        const before = await Promise.all(ids.map(observed));
        const found = await look(before);
        const after = await Promise.all(ids.map(observed));
        return isDeepStrictEqual(before, after) && found;
      }),
    async endedWith(id, code) {
      if (engine.restarts === 'engine') {
        const isGone = async () => (await engine.containers.observe(id)) === null;
        await waitFor(`removal of container ${id}`, isGone);
      } else assert.equal((await inState(id, 'exited')).exits.last?.code, code);
    },
    async later() {
      const before = setup.now();
      while (setup.now() <= before) await setup.tick();
      return setup.now();
    },
    async apply(spec) {
      const { restarts } = engine;
      const before = restarts === 'engine' ? await engine.containers.observe(spec.id) : null;
      const made = await engine.containers.apply(spec);
      const hasStarted = restarts === 'reconciler' || made.state === 'running';
      const hasAddress = engine.addressing === 'given' || made.ipv6Address !== null;
      if (hasStarted && hasAddress) return made;
      return waitFor(`start of container ${spec.id}`, async () => {
        const after = await engine.containers.observe(spec.id);
        const startedAtMs = after?.startedAt?.getTime() ?? 0;
        const isStarted = hasStarted || startedAtMs > (before?.startedAt?.getTime() ?? 0);
        if (after === null || (engine.addressing === 'assigned' && after.ipv6Address === null)) {
          return null;
        }
        return (isStarted || after.startError !== null) && after;
      });
    },
    async endNow(ref) {
      await waitFor('the end', () =>
        engine.containers.end(ref, 0).then(
          () => true,
          (error: unknown) => {
            if (error instanceof EngineError && error.kind === 'retryable') return false;
            throw error;
          },
        ),
      );
    },
    inState,
    async clean() {
      const containers = await engine.containers.list();
      await Promise.all(containers.map(({ ref }) => this.endNow(ref)));
      const volumes = await engine.volumes.list();
      await Promise.all(volumes.map(({ ref }) => engine.volumes.remove(ref)));
      for (const { id } of await engine.tenants.list()) {
        if (id !== tenant.id) await engine.tenants.remove(id);
      }
    },
  };
}

/** A container's mount of that volume. */
export function mountOf({ id, uid }: VolumeKey, mountPath = '/data'): VolumeMount {
  return { volume: { id, uid }, mountPath };
}

/** Asserts that the work fails with an EngineError of that kind and reason, and a sentence. */
export async function rejectsWith(
  work: Promise<unknown>,
  kind: EngineErrorKind,
  reason?: string,
): Promise<void> {
  await assert.rejects(work, (error: unknown) => {
    assert.ok(error instanceof EngineError, `not an EngineError: ${String(error)}`);
    assert.equal(error.kind, kind, error.message);
    if (reason !== undefined) assert.equal(error.reason, reason);
    assert.match(error.message, /\w/);
    return true;
  });
}

/** Runs `work` with a second engine, then closes that engine. */
export async function engineWith(
  open: () => Promise<Engine>,
  work: (engine: Engine) => Promise<void>,
): Promise<void> {
  const engine = await open();
  try {
    await work(engine);
  } finally {
    await engine.close();
  }
}
